import type { Host } from "../../core/inventory.ts";
import { type Guard, type GuardRead, guardRead } from "../../core/plan.ts";
import { listSignatures, readBlankness } from "../../host/signatures.ts";
import type { Candidate } from "../looks/candidate.ts";
import { signatureLine } from "../looks/contents.ts";
import { type HostView, useReads, viewWith } from "../looks/host-view.ts";
import { devicePath, lunsOf } from "../looks/lun.ts";
import { oddAbout } from "../looks/oddities.ts";
import type { Objection } from "../objection.ts";
import { inUseObjections, mapObjections } from "./checks.ts";

/** What must lie on each LUN when it is written, one line a signature. */
export type Expected = (candidate: Candidate) => readonly string[];

/**
 * Immediately before LUNs are written: the checks of the plan once more on every host that sees one of them, whichever
 * cluster it is in, and on the host that writes a look at the disks themselves.
 */
export function guardOf(writer: Host, candidates: readonly Candidate[], expected: Expected): Guard {
  const contents = candidates.map((candidate) => contentGuard(writer, candidate, expected(candidate)));
  const [first, ...others] = freeGuards(writer, candidates);
  return [first, ...contents, ...others];
}

/** Nothing uses the LUNs on any host that sees one of them; the host that writes is asked first. */
export function freeGuards(writer: Host, candidates: readonly Candidate[]): Guard {
  const watchers = new Set(candidates.flatMap(({ lun, elsewhere }) => [...lun.on, ...elsewhere].map((on) => on.host)));
  watchers.delete(writer);
  return [freeGuard(writer, candidates), ...[...watchers].map((host) => freeGuard(host, candidates))];
}

export function deviceOn(writer: Host, { lun }: Candidate): string {
  const on = lun.on.find((each) => each.host === writer);
  if (on === undefined) throw new Error(`${writer.name} does not see ${lun.wwid}`);
  return devicePath(lun.wwid, on);
}

const freeGuard = (host: Host, candidates: readonly Candidate[]): GuardRead =>
  guardRead(
    host,
    useReads,
    (seen, notUnderstood) => {
      const view = viewWith(host, { ...seen, notUnderstood });
      const now = lunsOf([view]);
      const objections = candidates.flatMap((candidate) => objectionsNow(host, candidate, now, view));
      return objections.length === 0 ? null : [...new Set(objections)].join("; ");
    },
    { byObject: true },
  );

function objectionsNow(host: Host, { lun }: Candidate, now: ReturnType<typeof lunsOf>, view: HostView): Objection[] {
  const same = now.find((each) => each.wwid === lun.wwid);
  // A host of another cluster that has lost sight of it can't be using it.
  if (same === undefined) {
    const odd = oddAbout(view, [lun.wwid]).map(
      ({ why }) => `what ${host.name} tells of ${lun.wwid} is not understood: ${why}`,
    );
    return lun.on.some((on) => on.host === host) ? [`${host.name} no longer sees ${lun.wwid}`, ...odd] : odd;
  }
  return [...same.on.flatMap((on) => mapObjections(same, on)), ...inUseObjections(same, [view], null)];
}

/** On the disk is exactly what the operator was shown; what was shown as blank still is. */
function contentGuard(writer: Host, candidate: Candidate, expected: readonly string[]): GuardRead {
  const device = deviceOn(writer, candidate);
  return guardRead(writer, { signatures: listSignatures(device), blankness: readBlankness(device) }, (seen) => {
    const now = seen.signatures.map(signatureLine);
    if (now.join() !== expected.join()) {
      return `on ${candidate.lun.wwid} is now ${now.join(", ") || "no signature"}, not ${expected.join(", ") || "no signature"}`;
    }
    return candidate.blank && !seen.blankness.blank ? `${candidate.lun.wwid} is no longer blank` : null;
  });
}

import type { Host } from "../../core/inventory.ts";
import { type Guard, type GuardRead, guardRead } from "../../core/plan.ts";
import type { Candidate } from "../looks/candidate.ts";
import { blanknessReads, signatureLine, wholeBlankness } from "../looks/contents.ts";
import type { HostView } from "../looks/host-view.ts";
import { devicePath, lunsOf } from "../looks/lun.ts";
import type { Objection } from "../objection.ts";
import { inUseObjections, mapObjections } from "./checks.ts";
import { oneLunObjections } from "./one-lun.ts";
import { guardOfUse } from "./use-guard.ts";

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
  guardOfUse(
    host,
    candidates.map(({ lun }) => lun.wwid),
    (view) => {
      const now = lunsOf([view]);
      return [...new Set(candidates.flatMap((candidate) => objectionsNow(host, candidate, now, view)))];
    },
  );

function objectionsNow(host: Host, { lun }: Candidate, now: ReturnType<typeof lunsOf>, view: HostView): Objection[] {
  const same = now.find((each) => each.wwid === lun.wwid);
  // A host of another cluster that has lost sight of it can't be using it.
  if (same === undefined)
    return lun.on.some((on) => on.host === host) ? [`${host.name} no longer sees ${lun.wwid}`] : [];
  return [
    ...same.on.flatMap((on) => mapObjections(same, on)),
    ...oneLunObjections(same.wwid, same.on),
    ...inUseObjections(same, [view], null),
  ];
}

/** On the disk is exactly what the operator was shown; what was shown as blank still is. */
function contentGuard(writer: Host, candidate: Candidate, expected: readonly string[]): GuardRead {
  const { wwid, on } = candidate.lun;
  const sizeBytes = on.find(({ host }) => host === writer)?.sizeBytes ?? null;
  return guardRead(writer, blanknessReads(deviceOn(writer, candidate), sizeBytes), (seen) => {
    const now = seen.signatures.map(signatureLine);
    if (now.join() !== expected.join()) {
      return `on ${wwid} is now ${now.join(", ") || "no signature"}, not ${expected.join(", ") || "no signature"}`;
    }
    const blankness = wholeBlankness(seen.beginning, seen.samples);
    return candidate.blank && !blankness.blank
      ? `${wwid} is no longer blank: data at byte ${blankness.firstByte}`
      : null;
  });
}

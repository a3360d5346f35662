import type { Host } from "../../core/inventory.ts";
import { reason } from "../../core/refusal.ts";
import { type GuardRead, guardRead, type LunGuard } from "../../core/step.ts";
import type { Candidate } from "../observe/candidate.ts";
import { blanknessReads, completeBlankness, signatureLine } from "../observe/contents.ts";
import { devicePath } from "../observe/lun.ts";
import { lunGuard } from "./lun-guard.ts";

/** What each LUN must contain when it is written, one line a signature. */
type Expected = (candidate: Candidate) => readonly string[];

/**
 * Directly before LUNs are written: repeats the plan's checks on every host that was asked, in any cluster. The writing
 * host also reads the disks themselves.
 */
export function guardOf(writer: Host, candidates: readonly Candidate[], expected: Expected): LunGuard {
  const contents = candidates.map((candidate) => contentGuard(writer, candidate, expected(candidate)));
  const [first, ...others] = freeGuards(writer, candidates);
  return [first, ...contents, ...others];
}

/** Nothing uses the LUNs on any host, and each is one LUN. The writing host is asked first. */
export function freeGuards(writer: Host, candidates: readonly Candidate[]): LunGuard {
  const asked = candidates.map((candidate) => candidate.asked);
  return lunGuard({
    writer,
    luns: candidates.map(({ lun, elsewhere }) => ({
      wwid: lun.wwid,
      planned: [...lun.on, ...elsewhere],
      neededBy: lun.on.map(({ host }) => host),
    })),
    asked: {
      asked: [...new Set(asked.flatMap((each) => each.asked))],
      unasked: [...new Set(asked.flatMap((each) => each.unasked))],
    },
    ours: null,
  });
}

export function deviceOn(writer: Host, { lun }: Candidate): string {
  const on = lun.on.find((each) => each.host === writer);
  if (on === undefined) throw new Error(`${writer.name} does not see ${lun.wwid}`);
  return devicePath(lun.wwid, on);
}

/** The disk has exactly the content that the operator was shown. A LUN that was shown as blank is still blank. */
function contentGuard(writer: Host, candidate: Candidate, expected: readonly string[]): GuardRead {
  const { wwid, on } = candidate.lun;
  const sizeBytes = on.find(({ host }) => host === writer)?.sizeBytes ?? null;
  return guardRead(writer, blanknessReads(deviceOn(writer, candidate), sizeBytes), (seen) => {
    const now = seen.signatures.map(signatureLine);
    if (now.join() !== expected.join()) {
      const why = `on ${wwid} is now ${now.join(", ") || "no signature"}, not ${expected.join(", ") || "no signature"}`;
      return reason("CONTENT_CHANGED", why);
    }
    const blankness = completeBlankness(seen.beginning, seen.samples);
    return candidate.blank && !blankness.blank
      ? reason("CONTENT_CHANGED", `${wwid} is no longer blank: data at byte ${blankness.firstByte}`)
      : null;
  });
}

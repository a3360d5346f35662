import type { Host } from "../core/inventory.ts";
import type { Plan, Step } from "../core/plan.ts";
import type { Part } from "../core/reply.ts";
import type { Candidate } from "./candidate.ts";
import { backupFolder, backupSteps } from "./create.ts";
import type { Lun } from "./lun.ts";

/** What of LUNs is erased: shown, confirmed and kept. `full` are the LUNs that are not blank. */

export function lossParts(full: readonly Candidate[]): Part[] {
  if (full.length === 0) return [];
  const rows = full.flatMap(({ lun, held }) =>
    (held.length > 0 ? held : ["data without a known signature"]).map((line) => [lun.wwid, line]),
  );
  return [{ kind: "table", caption: "Would be lost", columns: ["WWID", "on it now"], rows }];
}

export const lossSentences = (full: readonly Candidate[]): string[] =>
  full.map(
    ({ lun }) =>
      `What is on ${lun.wwid} is lost. A backup of its signatures and its beginning can bring the label back, not what LVM writes over it.`,
  );

export const lossConfirmation = (full: readonly Candidate[]): Plan["typedConfirmation"] =>
  full.length === 0
    ? null
    : {
        expected: full.map(({ lun }) => wwidEnding(lun)).join(" "),
        label: `Last six characters of the WWID${full.length > 1 ? "s, with spaces between" : ""}`,
      };

export const wwidEnding = ({ wwid }: Pick<Lun, "wwid">): string => wwid.slice(-6);

export interface Backup {
  readonly part: Part;
  readonly steps: readonly Step[];
}

export function backupOf(writer: Host, wipefsCan: boolean, candidate: Candidate, askedAt: string): Backup {
  const place = `${writer.name}:${backupFolder(candidate, askedAt)}`;
  return {
    part: { kind: "text", text: ["Backup of ", { code: candidate.lun.wwid }, ": ", { code: place }] },
    steps: backupSteps(writer, wipefsCan, candidate, askedAt),
  };
}

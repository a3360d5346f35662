import type { Host } from "../../core/inventory.ts";
import type { Plan, Stage } from "../../core/plan.ts";
import type { Part } from "../../core/reply.ts";
import type { Step } from "../../core/step.ts";
import type { Signature } from "../../core/storage.ts";
import { BACKUP_ROOT, BEGINNING, backUpBeginning, backUpFrom } from "../../host/backup.ts";
import { SAMPLED } from "../../host/cmp.ts";
import { makeDirectory } from "../../host/file.ts";
import { backUpSignatures, wipeSignatures } from "../../host/wipefs.ts";
import { lunsText } from "../arguments.ts";
import { deviceOn, guardOf } from "../checks/guards.ts";
import type { Candidate } from "../observe/candidate.ts";
import type { Lun } from "../observe/lun.ts";

/** What is erased from LUNs. It is shown, confirmed and backed up. `full`: the LUNs that are not blank. */

/** What was read from LUNs that count as blank. */
export function blankParts(candidates: readonly Candidate[]): Part[] {
  const wwids = candidates.filter(({ blank }) => blank).map(({ lun }) => lun.wwid);
  if (wwids.length === 0) return [];
  const which = candidates.length === 1 ? "Blank" : `Blank: ${wwids.join(", ")}`;
  return [{ kind: "text", text: `${which}. Every host reads zeros (${SAMPLED}). The rest was not read.` }];
}

export const lossSentences = (full: readonly Candidate[]): string[] =>
  full.map(({ lun, signatureLines }) => {
    const what = signatureLines.join("; ") || "data without a known signature";
    const kept = `Backup: its first ${BEGINNING.mebibytes} MiB.`;
    return `All data on ${lunsText([lun.wwid])} is lost: ${what}. ${kept}`;
  });

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

/**
 * The folder of the backup on the host that wipes. It contains the time of the command, so planning again gives the
 * same folder.
 */
const backupFolder = ({ lun }: Candidate, askedAt: string): string =>
  `${BACKUP_ROOT}/${lun.wwid}-${askedAt.replaceAll(/[^0-9]/g, "").slice(0, 14)}`;

/**
 * Backs up the beginning and every signature that the wipe erases, on the writing host. It uses `wipefs` if possible.
 */
export function backupSteps(writer: Host, wipefsCan: boolean, candidate: Candidate, askedAt: string): Step[] {
  const device = deviceOn(writer, candidate);
  const folder = backupFolder(candidate, askedAt);
  return [
    { host: writer, command: makeDirectory(folder, "0700"), why: "a folder for the backup" },
    { host: writer, command: backUpBeginning(device, folder), why: `saves the first ${BEGINNING.mebibytes} MiB` },
    ...(wipefsCan
      ? [{ host: writer, command: backUpSignatures(device, folder), why: "saves every signature; erases nothing" }]
      : signaturesBehindBeginning(candidate).map(({ type, offsetBytes }) => ({
          host: writer,
          command: backUpFrom(offsetBytes, device, folder),
          why: `keeps the ${type} signature`,
        }))),
  ];
}

const signaturesBehindBeginning = ({ contents }: Candidate): readonly Signature[] =>
  (contents[0]?.signatures ?? []).filter(({ offsetBytes }) => offsetBytes >= BEGINNING.mebibytes * 1024 ** 2);

export function wipeStage(writer: Host, candidates: readonly Candidate[]): Stage {
  const steps = candidates.map(
    (candidate): Step => ({
      host: writer,
      command: wipeSignatures(deviceOn(writer, candidate)),
      guard: guardOf(writer, [candidate], ({ signatureLines }) => signatureLines),
      why: `erases ${candidate.signatureLines.join(", ")}`,
    }),
  );
  return { kind: "hosts", title: "Wipe", steps };
}

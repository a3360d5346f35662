import { asking } from "../../core/asking.ts";
import type { Facts } from "../../core/command.ts";
import type { ReadCommand } from "../../core/host-command.ts";
import type { Host, PrimaryStorage } from "../../core/inventory.ts";
import { guardRead, type LunGuard, type Plan, type Step } from "../../core/plan.ts";
import type { Part } from "../../core/reply.ts";
import type { Signature } from "../../core/storage.ts";
import { restoreBytes } from "../../host/backup.ts";
import { listSignatures } from "../../host/wipefs.ts";
import { deviceOn, freeGuards } from "../checks/guards.ts";
import { unaskedParts } from "../checks/unasked.ts";
import { clusterLocks, storageLocks } from "../locks.ts";
import type { Candidate } from "../observe/candidate.ts";
import { readContents, signatureLine } from "../observe/contents.ts";
import type { HostView } from "../observe/host-view.ts";
import { lookAtHosts } from "../observe/hosts.ts";
import { lunsOf } from "../observe/lun.ts";
import { lunTable } from "../render/matrix.ts";
import { type Backup, backupOf, wwidEnding } from "../steps/erase.ts";
import { type LooseLabel, labelSteps } from "../steps/label-removal.ts";
import { withoutEmpty } from "../steps/serve.ts";
import { freshMemoryStage } from "../steps/udev-memory.ts";
import { released, withAllHosts } from "./give-up-claim.ts";
import { holdsOf, isBackAt, type KeptBackup } from "./kept-backup.ts";

/** All that is known when a LUN gets its signatures back; nothing here speaks against it any more. */
export interface Rescue {
  /** The LUN as the hosts of the cluster see it that keeps the backup. */
  readonly candidate: Candidate;
  readonly views: readonly HostView[];
  readonly backups: readonly KeptBackup[];
  readonly chosen: KeptBackup;
  /** A storage that has claimed the LUN and never got it; the claim is given up. */
  readonly claimedBy: PrimaryStorage | null;
  /** What an interrupted extension has written there since; it is taken off first. */
  readonly label: LooseLabel | null;
  readonly facts: Facts;
}

export function rescuePlan(rescue: Rescue): Plan {
  const { candidate, chosen, claimedBy, label, facts } = rescue;
  const { lun, elsewhere } = candidate;
  const restored = missingPieces(candidate, chosen);
  const backups = backupsBefore(rescue, restored);
  return {
    title: `Rescue ${lun.wwid}`,
    verb: "Restore LUN",
    undo: { none: "What is overwritten is in the backup." },
    facts: factsOf(rescue),
    irreversible: irreversible(rescue, restored),
    stages: withoutEmpty([
      // Before the backup: one that holds our own label would be taken for what is to be written back.
      { kind: "hosts", title: "Take our label off", steps: labelStepsOf(rescue) },
      { kind: "hosts", title: "Back up what will be overwritten", steps: backups.flatMap(({ steps }) => steps) },
      { kind: "hosts", title: "Write the signatures back", steps: restored.map((piece) => restoreStep(rescue, piece)) },
      { kind: "hosts", title: "Every host reads them", steps: lun.on.map((on) => checkStep(rescue, on.host)) },
      freshMemoryStage([{ wwid: lun.wwid, on: [...lun.on, ...elsewhere] }]),
      {
        kind: "record",
        title: "Give up the claim",
        changes: claimedBy === null ? [] : [released(claimedBy, lun.wwid)],
      },
    ]),
    typedConfirmation:
      restored.length === 0 ? null : { expected: wwidEnding(lun), label: "Last six characters of the WWID" },
    locks: [
      lun.wwid,
      ...(claimedBy === null ? [] : storageLocks(claimedBy, facts.inventory)),
      ...clusterLocks([chosen.host, ...(label === null ? [] : [label.on.host])], facts.inventory),
    ],
    afterwards: backups.map(({ part, steps }) => ({ part, after: steps })),
    result: (later) => resultParts(rescue, later),
  };
}

type Piece = KeptBackup["pieces"][number];

const labelStepsOf = ({ candidate, label }: Rescue): Step[] =>
  label === null ? [] : labelSteps(withAllHosts(label, candidate), candidate.asked);

/** A wipefs that kept magic strings gives back just those; else whole ranges go back, over what came there since. */
function irreversible({ candidate: { lun }, chosen }: Rescue, restored: readonly Piece[]): string[] {
  if (restored.length === 0) return [];
  const ranges = restored.flatMap(({ offsetBytes, rangeBytes }) =>
    rangeBytes === null ? [] : [`${offsetBytes} to ${offsetBytes + rangeBytes - 1}`],
  );
  if (ranges.length === 0) {
    return [
      `${restored.length} piece(s) of the backup are written to ${lun.wwid}. What was written over its data since the wipe stays as it is.`,
    ];
  }
  const kept = restored.some(isBeginning) ? ", but for a copy of the beginning" : "";
  return [
    `Bytes ${ranges.join(", ")} of ${lun.wwid} are overwritten as a whole with what was there at ${chosen.time}. What was written there since is lost${kept}.`,
  ];
}

const isBeginning = ({ offsetBytes, rangeBytes }: Piece): boolean => offsetBytes === 0 && rangeBytes !== null;

/** What stands now where the beginning goes back, in a folder of its own. */
function backupsBefore({ candidate, chosen, backups, facts }: Rescue, restored: readonly Piece[]): Backup[] {
  if (!restored.some(isBeginning)) return [];
  return [backupOf(chosen.host, false, candidate, unusedTime(facts.askedAt, backups))];
}

/** The time of the words, or the next second of which no backup is kept: one must never be written over. */
function unusedTime(askedAt: string, backups: readonly KeptBackup[]): string {
  const taken = new Set(backups.map(({ time }) => time));
  let at = new Date(askedAt);
  while (
    taken.has(
      at
        .toISOString()
        .replaceAll(/[^0-9]/g, "")
        .slice(0, 14),
    )
  )
    at = new Date(at.getTime() + 1000);
  return at.toISOString();
}

/** What of the backup is not on the LUN: an earlier try may have written some of it. */
export const missingPieces = ({ contents }: Candidate, backup: KeptBackup): Piece[] => {
  const now = contents.find((each) => each.host.uuid === backup.host.uuid)?.signatures ?? [];
  return backup.pieces.filter(({ signaturesAt }) => signaturesAt.some((offset) => !isBackAt(offset, now, backup)));
};

/** Signatures that are not of the backup: something was made on the LUN since the wipe, if only at the same place. */
export const strangeSignatures = (now: readonly Signature[], { pieces, signatures }: KeptBackup): Signature[] => {
  const places = new Set(pieces.flatMap(({ signaturesAt }) => signaturesAt));
  const isKept = (one: Signature) => {
    const kept = signatures.find(({ offsetBytes }) => offsetBytes === one.offsetBytes);
    return kept === undefined || signatureLine(kept) === signatureLine(one);
  };
  return now.filter((one) => !places.has(one.offsetBytes) || !isKept(one));
};

function factsOf({ candidate, views, backups, chosen, claimedBy, facts }: Rescue): Part[] {
  const rows = backups.map((backup) => [
    backup.time,
    backup.host.name,
    holdsOf(backup).join("; ") || "no signature",
    backup.host === chosen.host && backup.folder === chosen.folder ? "is restored" : "",
  ]);
  const writing =
    missingPieces(candidate, chosen).length > 0 ? "What is written back: " : "On the LUN already is what is kept in ";
  const parts: Part[] = [
    ...unaskedParts(candidate.asked),
    lunTable([candidate.lun], views, facts.inventory),
    { kind: "table", compared: true, caption: "Kept backups", columns: ["at (UTC)", "on", "holds", ""], rows },
    { kind: "text", text: [writing, { code: `${chosen.host.name}:${chosen.folder}` }] },
  ];
  if (claimedBy !== null) {
    parts.push({
      kind: "text",
      text: `It is claimed for ${claimedBy.name}, which never got it: the claim is given up.`,
    });
  }
  return parts;
}

const restoreStep = ({ candidate, chosen }: Rescue, piece: Piece): Step => {
  const device = deviceOn(chosen.host, candidate);
  return {
    host: chosen.host,
    command: restoreBytes(piece.file, device, piece.offsetBytes),
    guard: rescueGuard(candidate, chosen, device),
    why: `brings back what was at byte ${piece.signaturesAt.join(", ")}`,
  };
};

/** Nothing uses the LUN anywhere, and nothing was made on it since the wipe. */
function rescueGuard(candidate: Candidate, chosen: KeptBackup, device: string): LunGuard {
  const content = guardRead(chosen.host, { signatures: listSignatures(device) }, ({ signatures }) => {
    const strange = strangeSignatures(signatures, chosen);
    return strange.length === 0 ? null : `on ${candidate.lun.wwid} is now ${strange.map(signatureLine).join(", ")}`;
  });
  const [first, ...others] = freeGuards(chosen.host, [candidate]);
  return [first, content, ...others];
}

function checkStep({ candidate, chosen }: Rescue, host: Host): Step {
  return {
    host,
    check: bearsSignatures(deviceOn(host, candidate), chosen),
    withinMs: 10_000,
    why: "proves that the signatures are back",
  };
}

function bearsSignatures(device: string, chosen: KeptBackup): ReadCommand<string | null> {
  const offsets = chosen.pieces.flatMap(({ signaturesAt }) => signaturesAt);
  return asking(listSignatures(device), (now) => {
    const missing = offsets.filter((offset) => !isBackAt(offset, now, chosen));
    return missing.length === 0 ? null : `does not read what was at byte ${missing.join(", ")} of ${device}`;
  });
}

async function resultParts({ candidate, views }: Rescue, facts: Facts): Promise<Part[]> {
  const hosts = views.map(({ host }) => host).filter((host) => candidate.lun.on.some((on) => on.host === host));
  const luns = lunsOf(await lookAtHosts(hosts, facts)).filter(({ wwid }) => wwid === candidate.lun.wwid);
  const rows = [...(await readContents(luns, facts)).values()]
    .flat()
    .map(({ host, signatures }) => [host.name, signatures.map(signatureLine).join("; ") || "none"]);
  return [{ kind: "table", caption: "Read from the disk", columns: ["host", "signatures"], rows }];
}

import type { Facts } from "../../core/facts.ts";
import type { Host } from "../../core/inventory.ts";
import { valueOr } from "../../core/outcome.ts";
import type { Signature } from "../../core/storage.ts";
import { BACKUP_ROOT, BEGINNING, type KeptFile, listKeptFiles } from "../../host/backup.ts";
import { listSignatures } from "../../host/wipefs.ts";
import type { Candidate } from "./candidate.ts";
import { signatureLine } from "./contents.ts";
import { problemsOf } from "./host-view.ts";

/** Bytes of a backup, and their position on the LUN. */
interface Piece {
  readonly file: string;
  readonly offsetBytes: number;
  /** The position of a signature on the LUN after the piece is written. */
  readonly signaturesAt: readonly number[];
  /** The number of bytes that it overwrites. Null for a signature's magic string. */
  readonly rangeBytes: number | null;
}

/** What one host has kept of a LUN since a wipe. */
export interface KeptBackup {
  readonly host: Host;
  /** `20261122100000`, UTC: the time of the command that led to the wipe. */
  readonly time: string;
  readonly folder: string;
  /** The pieces to write back. Empty if the backup has no signature. */
  readonly pieces: readonly Piece[];
  /** The signatures in the kept beginning. */
  readonly signatures: readonly Signature[];
}

/** The backups of a LUN on all hosts, the newest first. Hosts that could not be asked are named. */
export async function keptBackups(
  wwid: string,
  hosts: readonly Host[],
  facts: Facts,
): Promise<{ backups: KeptBackup[]; unasked: string[] }> {
  const reads = { kept: listKeptFiles(wwid) };
  const seen = await Promise.all(
    hosts.map(async (host) => {
      const observation = await facts.gather(host, reads);
      const files = valueOr(observation.kept, []);
      const folders = [...new Set(files.map(({ folder }) => folder))];
      const found = await Promise.all(folders.map((folder) => backupIn(folder, files, host, facts)));
      const problems = [...problemsOf(reads, observation), ...found.flatMap((each) => each.problems)];
      return {
        problems: problems.map((why) => `${host.name}: ${why}`),
        backups: found.map(({ backup }) => backup),
      };
    }),
  );
  const backups = seen.flatMap((each) => each.backups);
  return {
    backups: backups.sort((left, right) => (left.time < right.time ? 1 : -1)),
    unasked: seen.flatMap(({ problems }) => problems),
  };
}

interface Found {
  readonly backup: KeptBackup;
  /** Why its content is not known. Then nothing of it is written back. */
  readonly problems: readonly string[];
}

async function backupIn(folder: string, files: readonly KeptFile[], host: Host, facts: Facts): Promise<Found> {
  const path = `${BACKUP_ROOT}/${folder}`;
  // An interrupted backup may leave an empty file.
  const names = files.filter((file) => file.folder === folder && file.sizeBytes > 0).map(({ name }) => name);
  const reads = { signatures: listSignatures(`${path}/${BEGINNING.file}`) };
  const observation = names.includes(BEGINNING.file) ? await facts.gather(host, reads) : null;
  const signatures = observation === null ? [] : valueOr(observation.signatures, []);
  const problems = observation === null ? [] : problemsOf(reads, observation);
  const pieces = problems.length > 0 ? [] : piecesOf(path, names, signatures);
  return {
    backup: { host, time: folder.slice(folder.lastIndexOf("-") + 1), folder: path, pieces, signatures },
    problems,
  };
}

/**
 * The pieces to write back from the files of a backup's folder. The beginning is written back completely. The magic
 * strings that wipefs kept would also restore a label that LVM has written since then, in an interrupted try or for a
 * deleted storage.
 */
export function piecesOf(folder: string, names: readonly string[], inBeginning: readonly Signature[]): Piece[] {
  const apart = names.flatMap((name) => pieceIn(folder, name));
  if (!names.includes(BEGINNING.file)) return apart;
  const rangeBytes = BEGINNING.mebibytes * 1024 ** 2;
  // wipefs kept signatures that it can't find in so short a copy, such as a GPT without its backup header.
  const within = apart.map(({ offsetBytes }) => offsetBytes).filter((offset) => offset < rangeBytes);
  const signaturesAt = [...new Set([...inBeginning.map(({ offsetBytes }) => offsetBytes), ...within])];
  const whole = { file: `${folder}/${BEGINNING.file}`, offsetBytes: 0, rangeBytes, signaturesAt };
  return [
    ...(signaturesAt.length === 0 ? [] : [whole]),
    ...apart.filter(({ offsetBytes }) => offsetBytes >= rangeBytes),
  ];
}

/** One line for each position of a signature. Outside the kept beginning, only the position is known. */
export function signaturesOf({ pieces, signatures }: KeptBackup): string[] {
  const known = new Set(signatures.map(({ offsetBytes }) => offsetBytes));
  const others = pieces.flatMap(({ signaturesAt }) => signaturesAt).filter((offset) => !known.has(offset));
  return [...signatures.map(signatureLine), ...others.map((offset) => `a signature at byte ${offset}`)];
}

/** Whether the signature at this position is restored. For some signatures only the position is known. */
export function isRestoredAt(offsetBytes: number, now: readonly Signature[], { signatures }: KeptBackup): boolean {
  const there = now.find((one) => one.offsetBytes === offsetBytes);
  const kept = signatures.find((one) => one.offsetBytes === offsetBytes);
  return there !== undefined && (kept === undefined || signatureLine(kept) === signatureLine(there));
}

/** `wipefs-dm-uuid-mpath-36b0…-0x00000218.bak`, and `byte-66064384.bin` if wipefs could not make a backup. */
function pieceIn(folder: string, name: string): Piece[] {
  const [, hex] = /^wipefs-.*-(0x[0-9a-f]+)\.bak$/.exec(name) ?? [];
  const [, decimal] = /^byte-(\d+)\.bin$/.exec(name) ?? [];
  const offset = hex ?? decimal;
  if (offset === undefined) return [];
  const offsetBytes = Number(offset);
  const rangeBytes = hex === undefined ? 4096 : null;
  return [{ file: `${folder}/${name}`, offsetBytes, signaturesAt: [offsetBytes], rangeBytes }];
}

/** The part of the backup that is not on the LUN. An earlier try may have written the rest. */
export const missingPieces = ({ contents }: Candidate, backup: KeptBackup): Piece[] => {
  const now = contents.find((each) => each.host.uuid === backup.host.uuid)?.signatures ?? [];
  return backup.pieces.filter(({ signaturesAt }) => signaturesAt.some((offset) => !isRestoredAt(offset, now, backup)));
};

/**
 * Signatures that are not in the backup: something was written to the LUN since the wipe, possibly at the same
 * position.
 */
export const foreignSignatures = (now: readonly Signature[], { pieces, signatures }: KeptBackup): Signature[] => {
  const places = new Set(pieces.flatMap(({ signaturesAt }) => signaturesAt));
  const isKept = (one: Signature) => {
    const kept = signatures.find(({ offsetBytes }) => offsetBytes === one.offsetBytes);
    return kept === undefined || signatureLine(kept) === signatureLine(one);
  };
  return now.filter((one) => !places.has(one.offsetBytes) || !isKept(one));
};

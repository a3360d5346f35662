import { type FileHandle, open } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import type { AuditVerdict } from "../core/audit-verdict.ts";
import { type ChainVerdict, type LogFacts, verifyChain } from "./audit-chain.ts";
import {
  CHECKPOINTS,
  firstWrongSignature,
  keysOf,
  type ReadCheckpoints,
  readCheckpoints,
} from "./audit-checkpoints.ts";
import { CURRENT, closedFilesIn, isClosedName, PACKED, unpackedBytes } from "./audit-folder.ts";
import { type Link, parseAuditLine } from "./audit-line.ts";
import { LogFile } from "./audit-log-file.ts";

/** Checks all entries of a log, all its links and all its signatures. */
export async function verifyLog(
  directory: string,
  files: readonly LogFile[],
  read: ReadCheckpoints,
  known: LogFacts,
): Promise<AuditVerdict> {
  const { checkpoints } = read;
  const wrong = read.problem ?? (await firstWrongSignature(checkpoints));
  if (wrong !== null)
    return { kind: "broken", path: join(directory, CHECKPOINTS), line: lineIn(wrong), entry: null, problem: wrong };
  const firstId = files[0]?.firstId ?? 1;
  const earlier = checkpoints.find(({ id }) => id === firstId - 1) ?? null;
  const signed = checkpoints
    .filter(({ id }) => id >= firstId)
    .map(({ id, hash }) => ({ id, hash, how: "signed" as const }));
  const before: Link | null = known.before ?? earlier;
  const verdict = await verifyChain(files, { ...known, before, anchors: [...(known.anchors ?? []), ...signed] });
  if (verdict.kind === "broken") return verdict;
  const signedTo = checkpoints.at(-1)?.id ?? 0;
  return { ...verdict, firstId, checkpoints: checkpoints.length, signedTo, keys: keysOf(checkpoints) };
}

const lineIn = (problem: string): number => Number(/^line (\d+)/.exec(problem)?.[1] ?? 1);

/** Checks the log of a data folder that a bot may be writing, or one file of it by itself. */
export async function verifyLogAt(path: string, known: LogFacts): Promise<AuditVerdict> {
  const directory = dirname(path);
  // Opened before the others are listed: if the bot closes it now, it is listed too.
  const file = await open(path, "r");
  try {
    if (basename(path) !== CURRENT) return await verifyOneFile(file, path, known);
    const read = await readCheckpoints(directory);
    const closed = await closedFilesIn(
      directory,
      (firstId) => read.checkpoints.find(({ id }) => id === firstId - 1) ?? null,
    );
    const { size } = await file.stat();
    const first = await firstEntryOf(fileAt(path, file, size));
    const lastClosed = closed.at(-1);
    const isClosed = first !== null && lastClosed !== undefined && first.id === lastClosed.firstId;
    const from = lastClosed?.to ?? 0;
    const current = fileAt(path, file, size, first?.id, from);
    return await verifyLog(directory, isClosed ? closed : [...closed, current], read, known);
  } finally {
    await file.close();
  }
}

/** A copy of a closed file begins with any number. It may be packed. */
async function verifyOneFile(file: FileHandle, path: string, known: LogFacts): Promise<AuditVerdict> {
  const isPacked = path.endsWith(PACKED);
  const bytes = isPacked ? await unpackedBytes(path) : (await file.stat()).size;
  const beginningWith = (firstId?: number) =>
    isPacked
      ? new LogFile({ firstId: firstId ?? 1, from: 0, path, bytes, isPacked })
      : fileAt(path, file, bytes, firstId);
  const first = await firstEntryOf(beginningWith());
  const before = first === null || first.id === 1 ? null : { id: first.id - 1, hash: first.previousHash };
  const one = beginningWith(first?.id);
  const verdict: ChainVerdict = await verifyChain([one], {
    ...{ anchors: known.anchors ?? [], before, isLastClosed: isClosedName(basename(path)) },
  });
  return verdict.kind === "broken"
    ? verdict
    : { ...verdict, firstId: one.firstId, checkpoints: 0, signedTo: 0, keys: [] };
}

/** A file that is not packed, read through its open handle. */
function fileAt(path: string, file: FileHandle, bytes: number, firstId = 1, from = 0): LogFile {
  const one = new LogFile({ firstId, from, path, bytes, isPacked: false });
  one.keep(file);
  return one;
}

/** null: there is none, or it is damaged, which the check reports. */
async function firstEntryOf(file: LogFile) {
  const lines = file.lines();
  try {
    const { value } = await lines.next();
    return value === undefined ? null : parseAuditLine(value.text);
  } catch {
    return null;
  } finally {
    await lines.return(undefined);
  }
}

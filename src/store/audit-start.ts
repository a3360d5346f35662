import type { BrokenLog } from "../core/audit-verdict.ts";
import type { AuditEntry } from "../core/operation.ts";
import { type Checkpoint, type ReadCheckpoints, wrongSignature } from "./audit-checkpoints.ts";
import { closedFilesIn } from "./audit-folder.ts";
import { type Link, parseAuditLine } from "./audit-line.ts";
import type { LogFile } from "./audit-log-file.ts";

/** The closed files as a start finds them, without reading more of each than its last line. */
interface ClosedFiles {
  readonly files: readonly LogFile[];
  /** The last entry of the last closed file; null: there is none. */
  readonly last: Link | null;
  /** The signed entries of the current file. Their signatures are right. */
  readonly signed: readonly Checkpoint[];
}

/**
 * Compares the closed files with the signed checkpoints and with each other. A start takes the same time with one
 * closed file or with a hundred: what is in the middle of one is checked by `audit verify`.
 */
export async function checkClosedFiles(
  directory: string,
  current: string,
  { checkpoints, problem }: ReadCheckpoints,
): Promise<ClosedFiles | BrokenLog> {
  const broken = (path: string, line: number, why: string): BrokenLog => ({
    kind: "broken",
    path,
    line,
    entry: null,
    problem: why,
  });
  if (problem !== null) return broken(current, 1, problem);
  const signedAt = new Map(checkpoints.map((each) => [each.id, each]));
  const files = await closedFilesIn(directory, (firstId) => signedAt.get(firstId - 1) ?? null);
  let last: Link | null = null;
  for (const [index, file] of files.entries()) {
    const signed = signedAt.get(file.firstId - 1);
    const wrong = signed === undefined ? null : wrongSignature(signed);
    if (wrong !== null) return broken(file.path, 1, wrong);
    if (signed !== undefined && signed.bytes !== file.from) {
      const why = `it begins at byte ${file.from} of the log, but byte ${signed.bytes} was signed`;
      return broken(file.path, 1, `${why}: a file before it is missing or was changed`);
    }
    if (index === 0 && file.firstId !== 1 && signed === undefined) {
      return broken(file.path, 1, `it begins with entry ${file.firstId}: the files before it are missing`);
    }
    if (file.isPacked && index < files.length - 1) continue;
    const entry = await lastEntryOf(file);
    const next = files[index + 1]?.firstId ?? null;
    if (typeof entry === "string") return broken(file.path, 1, `its last line: ${entry}`);
    if (next !== null && entry.id !== next - 1) {
      return broken(file.path, 1, `it ends with entry ${entry.id}, but the next file begins with entry ${next}`);
    }
    last = entry;
  }
  const firstId = (last?.id ?? 0) + 1;
  const boundary = signedAt.get(firstId - 1);
  if (boundary !== undefined && last !== null && boundary.hash !== last.hash) {
    return broken(
      files.at(-1)?.path ?? current,
      1,
      `entry ${last.id} has another hash than was signed: it was rewritten`,
    );
  }
  const signed = checkpoints.filter(({ id }) => id >= firstId);
  const wrong = signed.map(wrongSignature).find((each) => each !== null);
  return wrong === undefined ? { files, last, signed } : broken(current, 1, wrong);
}

/** Or what is wrong with it. */
async function lastEntryOf(file: LogFile): Promise<AuditEntry | string> {
  const lines = file.backwards();
  try {
    const { value, done } = await lines.next();
    if (done) return "there is none";
    return value.end === file.bytes ? parseAuditLine(value.text) : "it is half written";
  } catch (error) {
    if (!(error instanceof Error) || "syscall" in error) throw error;
    return error.message;
  } finally {
    await lines.return(undefined);
  }
}

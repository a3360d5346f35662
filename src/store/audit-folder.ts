import { open, readdir, stat } from "node:fs/promises";
import { join } from "node:path";
import { LogFile } from "./audit-log-file.ts";

/** The current file of the log. */
export const CURRENT = "audit.jsonl";
/** Closed files that are older than AUDIT_DAYS. */
export const ARCHIVE = "archive";

const CLOSED = /^audit-([0-9]{9,15})\.jsonl(\.gz)?$/;
export const PACKED = ".gz";

/** `audit-000048211.jsonl`: the closed file with the entries from 48,211 on. */
export const closedName = (firstId: number): string => `audit-${String(firstId).padStart(9, "0")}.jsonl`;

export const isClosedName = (name: string): boolean => CLOSED.test(name);

interface Closed {
  readonly firstId: number;
  readonly path: string;
  readonly isPacked: boolean;
}

/** What is known of the entry before a file that was moved elsewhere with all files before it. */
type Begins = (firstId: number) => { readonly bytes: number } | null;

/**
 * The closed files of the log in a data folder, the oldest first, with those of its archive. The oldest files may be
 * elsewhere: `begins` says where the first file that is here begins.
 */
export async function closedFilesIn(directory: string, begins: Begins = () => null): Promise<LogFile[]> {
  const [archived, here] = await Promise.all([closedIn(join(directory, ARCHIVE)), closedIn(directory)]);
  // A stop while a file was archived leaves both: the one in the data folder is certainly complete.
  const found = new Map([...archived, ...here].map((each) => [each.firstId, each]));
  const files: LogFile[] = [];
  let from: number | null = null;
  for (const each of [...found.values()].sort((left, right) => left.firstId - right.firstId)) {
    from ??= each.firstId === 1 ? 0 : (begins(each.firstId)?.bytes ?? 0);
    const bytes: number = each.isPacked ? await unpackedBytes(each.path) : (await stat(each.path)).size;
    files.push(new LogFile({ ...each, from, bytes }));
    from += bytes;
  }
  return files;
}

async function closedIn(directory: string): Promise<Closed[]> {
  const names = await readdir(directory).catch((error: NodeJS.ErrnoException) => {
    if (error.code === "ENOENT") return [];
    throw error;
  });
  return names.flatMap((name) => {
    const [, firstId, packed] = CLOSED.exec(name) ?? [];
    if (firstId === undefined) return [];
    return [{ firstId: Number(firstId), path: join(directory, name), isPacked: packed === PACKED }];
  });
}

/** The last four bytes of a packed file say how long its content is. */
export async function unpackedBytes(path: string): Promise<number> {
  const file = await open(path, "r");
  try {
    const { size } = await file.stat();
    const end = Buffer.alloc(4);
    await file.read(end, 0, 4, Math.max(0, size - 4));
    return end.readUInt32LE(0);
  } finally {
    await file.close();
  }
}

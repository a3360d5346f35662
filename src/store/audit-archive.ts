import { createHash } from "node:crypto";
import { createReadStream, createWriteStream } from "node:fs";
import { mkdir, open, rename, unlink } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { pipeline } from "node:stream/promises";
import { createGunzip, createGzip } from "node:zlib";
import { flushDirectory } from "../replace-file.ts";
import { ARCHIVE } from "./audit-folder.ts";
import { parseAuditLine } from "./audit-line.ts";
import { type LogFile, MOST_PACKED_BYTES } from "./audit-log-file.ts";

const DAY_MS = 86_400_000;

/**
 * Packs closed files into the folder `archive` if their last entry is older than so many days, the oldest first.
 * Nothing is deleted before its packed copy is on disk and was read again. Answers how many files were moved.
 */
export async function archiveOld(
  directory: string,
  closed: readonly LogFile[],
  days: number,
  nowMs: number,
): Promise<number> {
  const archive = join(directory, ARCHIVE);
  let moved = 0;
  for (const file of closed) {
    if (dirname(file.path) === archive) continue;
    if ((await endedMs(file)) > nowMs - days * DAY_MS) break;
    await mkdir(archive, { recursive: true, mode: 0o700 });
    await flushDirectory(directory);
    await moveInto(archive, file);
    moved++;
  }
  return moved;
}

/** The time of its last entry. */
async function endedMs(file: LogFile): Promise<number> {
  for await (const { text } of file.backwards()) return Date.parse(parseAuditLine(text).at);
  return Number.POSITIVE_INFINITY;
}

async function moveInto(archive: string, file: LogFile): Promise<void> {
  const { path } = file;
  const target = join(archive, basename(path));
  if (file.bytes > MOST_PACKED_BYTES) {
    await rename(path, target);
    file.movedTo(target, false);
    await flushDirectory(archive);
  } else {
    const packed = `${target}.gz`;
    await pack(path, packed);
    // A crash must not lose both names.
    await flushDirectory(archive);
    file.movedTo(packed, true);
    await unlink(path);
  }
  await flushDirectory(dirname(path));
}

async function pack(path: string, packed: string): Promise<void> {
  const next = `${packed}.new`;
  await pipeline(createReadStream(path), createGzip(), createWriteStream(next, { mode: 0o600 }));
  const file = await open(next, "r+");
  try {
    await file.sync();
  } finally {
    await file.close();
  }
  const [before, after] = [createHash("sha256"), createHash("sha256")];
  await pipeline(createReadStream(path), before);
  await pipeline(createReadStream(next), createGunzip(), after);
  if (before.digest("hex") !== after.digest("hex")) throw new Error(`${next} is not a copy of ${path}`);
  await rename(next, packed);
}

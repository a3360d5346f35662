import { open } from "node:fs/promises";
import { join } from "node:path";
import { flushDirectory } from "../replace-file.ts";

/**
 * Moves a partial last line, left by a kill, into its own file: it was never reported, but it is evidence. Returns a
 * message for the operator; null if the log ends with a complete line.
 */
export async function movePartialLineAside(directory: string, path: string, whole: number): Promise<string | null> {
  const log = await open(path, "r+");
  try {
    const torn = Buffer.alloc((await log.stat()).size - whole);
    if (torn.length === 0) return null;
    await log.read(torn, 0, torn.length, whole);
    const aside = join(directory, `audit.torn-${new Date().toISOString().replaceAll(":", "-")}`);
    await writeFlushed(aside, torn);
    await log.truncate(whole);
    await log.sync();
    await flushDirectory(directory);
    return `the last line of ${path} was half written, as after a crash; its ${torn.length} bytes are now in ${aside}`;
  } finally {
    await log.close();
  }
}

async function writeFlushed(path: string, bytes: Buffer): Promise<void> {
  const file = await open(path, "wx", 0o600);
  try {
    await file.appendFile(bytes);
    await file.sync();
  } finally {
    await file.close();
  }
}

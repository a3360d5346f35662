import { open, realpath, rename, unlink } from "node:fs/promises";
import { dirname } from "node:path";

/**
 * Puts a text in the place of a file's, whole or not at all, and flushed; a link stays one. Written by hand: on a disk with
 * little room a write may be short without an error, and write-file-atomic then renames what is cut off.
 */
export async function replaceFile(path: string, text: string): Promise<void> {
  const target = await realpath(path).catch(() => path);
  const next = `${target}.new`;
  try {
    const file = await open(next, "w", 0o600);
    try {
      await file.writeFile(text);
      await file.sync();
    } finally {
      await file.close();
    }
    await rename(next, target);
  } catch (error) {
    await unlink(next).catch(() => undefined);
    throw error;
  }
  await flushDirectory(dirname(target));
}

/** Makes creations and renames in a directory durable. */
export async function flushDirectory(path: string): Promise<void> {
  const directory = await open(path, "r");
  try {
    await directory.sync();
  } finally {
    await directory.close();
  }
}

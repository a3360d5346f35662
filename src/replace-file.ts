import { open, realpath, rename, unlink } from "node:fs/promises";
import { dirname } from "node:path";

/**
 * Replaces a file's text completely or not at all, and flushes it. A link stays a link. This code does not use
 * write-file-atomic: on a full disk, a write may be short without an error, and that package then keeps the cut file.
 */
export async function replaceFile(path: string, text: string): Promise<void> {
  const target = await realpath(path).catch(() => path);
  const next = `${target}.new`;
  try {
    const file = await open(next, "w", 0o600);
    try {
      for (const piece of piecesOf(text)) await file.appendFile(piece);
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

/** In characters. The text of thousands of findings has millions: Node makes all of it bytes at once. */
const PIECE = 256 * 1024;

function* piecesOf(text: string): Iterable<string> {
  for (let at = 0; at < text.length; ) {
    let end = Math.min(at + PIECE, text.length);
    // The two halves of a character stay together.
    if (end < text.length && /[\ud800-\udbff]/.test(text.charAt(end - 1))) end += 1;
    yield text.slice(at, end);
    at = end;
  }
}

/** Makes new and renamed files in a directory durable. */
export async function flushDirectory(path: string): Promise<void> {
  const directory = await open(path, "r");
  try {
    await directory.sync();
  } finally {
    await directory.close();
  }
}

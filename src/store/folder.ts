import { open, stat } from "node:fs/promises";
import { join } from "node:path";
import { z } from "zod";
import { flushDirectory } from "../replace-file.ts";

/** The file's own inode: no copy of it has the same. */
const folderSchema = z.strictObject({ version: z.literal(1), inode: z.string() });

export interface Folder {
  /**
   * Another data folder than the one that the bot ran on: a copy, or restored from a backup. A bot on the first one may be
   * alive.
   */
  readonly isCopied: boolean;
  /** From now on it is this bot's own. */
  keep(): Promise<void>;
}

export async function openFolder(directory: string): Promise<Folder> {
  const path = join(directory, "folder.json");
  const isThere = await stat(path).then(
    () => true,
    (error: NodeJS.ErrnoException) => {
      if (error.code === "ENOENT") return false;
      throw error;
    },
  );
  const isOwn = isThere && (await namesItself(path));
  return {
    // A folder of a version that had no such file is no copy.
    isCopied: isThere && !isOwn,
    async keep() {
      if (isOwn) return;
      const file = await open(path, isThere ? "r+" : "wx", 0o600);
      try {
        const { ino } = await file.stat({ bigint: true });
        await file.truncate(0);
        await file.write(`${JSON.stringify({ version: 1, inode: String(ino) })}\n`, 0);
        await file.sync();
      } finally {
        await file.close();
      }
      await flushDirectory(directory);
    },
  };
}

async function namesItself(path: string): Promise<boolean> {
  const file = await open(path, "r");
  try {
    const { ino } = await file.stat({ bigint: true });
    const recorded = folderSchema.safeParse(parsed(await file.readFile("utf8")));
    return recorded.success && recorded.data.inode === String(ino);
  } finally {
    await file.close();
  }
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}

import { randomBytes } from "node:crypto";
import { open, stat } from "node:fs/promises";
import { join } from "node:path";
import { z } from "zod";
import { flushDirectory } from "../replace-file.ts";

/** The file's own inode: a copy has another. */
const folderSchema = z.strictObject({
  version: z.literal(1),
  inode: z.string(),
  /** Missing in folders of earlier versions. */
  buttonKey: z.string().min(32).optional(),
});

interface Folder {
  /**
   * Another data folder than the one that the bot ran on: a copy, or restored from a backup. A bot on the original
   * folder may be running.
   */
  readonly isCopied: boolean;
  /** A secret of this folder that signs its buttons. A copy has another. */
  readonly buttonKey: string;
  /** Makes it this bot's own folder. */
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
  const known = isThere ? await ownIn(path) : null;
  const isOwn = known !== null;
  const buttonKey = known?.buttonKey ?? randomBytes(32).toString("hex");
  return {
    // A folder of a version that had no such file is no copy.
    isCopied: isThere && !isOwn,
    buttonKey,
    async keep() {
      if (known?.buttonKey !== undefined) return;
      const file = await open(path, isThere ? "r+" : "wx", 0o600);
      try {
        const { ino } = await file.stat({ bigint: true });
        await file.truncate(0);
        await file.write(`${JSON.stringify({ version: 1, inode: String(ino), buttonKey })}\n`, 0);
        await file.sync();
      } finally {
        await file.close();
      }
      await flushDirectory(directory);
    },
  };
}

/** The content of the file, if it is no copy. */
async function ownIn(path: string): Promise<z.output<typeof folderSchema> | null> {
  const file = await open(path, "r");
  try {
    const { ino } = await file.stat({ bigint: true });
    const recorded = folderSchema.safeParse(parsed(await file.readFile("utf8")));
    return recorded.success && recorded.data.inode === String(ino) ? recorded.data : null;
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

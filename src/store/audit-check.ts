import { open, rm, stat } from "node:fs/promises";
import { join } from "node:path";
import { CURRENT } from "./audit-folder.ts";

/** As long as the longest entries usually are. */
const PROBE = Buffer.alloc(4_096);

/**
 * A check whether an audit entry could be written now: the log is still the file that the bot writes, it can be opened
 * for writing, and its disk takes a page. Answers why not, or null. `inode`: of the file that the bot writes now.
 */
export function auditCheck(directory: string, inode: () => number): () => Promise<string | null> {
  const path = join(directory, CURRENT);
  const probe = join(directory, ".write-check");
  return async () => {
    try {
      if ((await stat(path)).ino !== inode()) return `${path} was replaced while the bot runs`;
      await (await open(path, "a")).close();
      const file = await open(probe, "w", 0o600);
      try {
        await file.appendFile(PROBE);
        await file.datasync();
      } finally {
        await file.close();
        await rm(probe, { force: true });
      }
      return null;
    } catch (error) {
      return `${path} can't be written: ${error instanceof Error ? error.message : String(error)}`;
    }
  };
}

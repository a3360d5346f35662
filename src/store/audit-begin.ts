import { stat } from "node:fs/promises";
import { join, relative } from "node:path";
import { reason as code, Refusal } from "../core/refusal.ts";
import { bytesKnownTo } from "./audit-chain.ts";
import { CURRENT, closedFilesIn } from "./audit-folder.ts";
import { openAuditLog } from "./audit-log.ts";
import { openInventoryStore } from "./inventory-store.ts";
import { lockDirectory } from "./lock.ts";
import { openOperationStore } from "./operation-store.ts";

/**
 * A new log for an existing inventory: its first entry says who began it and why. Refused if there is a log, a running
 * bot, or a file of the old log.
 */
export async function beginAuditLog(directory: string, by: string, reason: string): Promise<void> {
  const refused = (why: string, fix: string) =>
    new Refusal(`A new audit log can't begin in ${directory}`, code("DATA_FOLDER_UNUSABLE", why, fix));
  const lock = await lockDirectory(directory);
  if ("heldByPid" in lock) throw refused(`a bot runs there with process id ${lock.heldByPid}`, "stop it");
  try {
    const operations = await openOperationStore(directory);
    if (bytesKnownTo(operations) > 0) {
      throw refused("operations.json belongs to the old log", "move it away, and keep it as evidence");
    }
    const [closed] = await closedFilesIn(directory);
    if (closed !== undefined && (await isMissingOrEmpty(join(directory, CURRENT)))) {
      const why = `${relative(directory, closed.path)} belongs to the old log`;
      throw refused(why, "move archive/ and audit*.jsonl away, and keep them as evidence");
    }
    const audit = await openAuditLog(directory);
    try {
      const { id } = audit.head();
      if (id > 0)
        throw refused(
          `audit.jsonl has ${id} ${id === 1 ? "entry" : "entries"}, so the log can be used`,
          "start the bot",
        );
      const inventory = await openInventoryStore(directory, () => audit.position());
      await audit.append(by, null, { kind: "begun", reason });
      await inventory.apply([]);
      await inventory.close();
    } finally {
      await audit.close();
    }
  } finally {
    await lock.release();
  }
}

const isMissingOrEmpty = (path: string): Promise<boolean> =>
  stat(path).then(
    ({ size }) => size === 0,
    (error: NodeJS.ErrnoException) => {
      if (error.code === "ENOENT") return true;
      throw error;
    },
  );

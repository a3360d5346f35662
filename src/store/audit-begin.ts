import { openAuditLog } from "./audit-log.ts";
import { bytesKnownTo } from "./audit-verify.ts";
import { openInventoryStore } from "./inventory-store.ts";
import { lockDirectory } from "./lock.ts";
import { openOperationStore } from "./operation-store.ts";

/**
 * A new log beside an inventory that is older: its first entry says who began it and why. Refused while there is a log, or
 * operations whose entries would be in it, or a bot.
 */
export async function beginAuditLog(directory: string, by: string, reason: string): Promise<void> {
  const lock = await lockDirectory(directory);
  if ("heldByPid" in lock) throw new Error(`a bot runs in ${directory}: stop it first (process id ${lock.heldByPid})`);
  try {
    const operations = await openOperationStore(directory);
    if (bytesKnownTo(operations) > 0) {
      throw new Error(`operations.json in ${directory} belongs to the old log. Move it away, and keep it as evidence`);
    }
    const audit = await openAuditLog(directory);
    try {
      const { id } = audit.head();
      if (id > 0) throw new Error(`audit.jsonl in ${directory} has ${id} entries: it goes on as it is`);
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

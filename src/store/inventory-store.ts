import { join } from "node:path";
import { z } from "zod";
import { emptyInventory, inventorySchema } from "../core/inventory.ts";
import { applyChange, brokenRule } from "../core/inventory-change.ts";
import type { InventoryStore } from "../flow/ports.ts";
import type { KnownLength } from "./audit-chain.ts";
import { type Closing, damaged, openJsonFile } from "./json-file.ts";

const fileSchema = z.strictObject({
  version: z.literal(1),
  /** The length of the audit log at the last change. A shorter log does not belong to this inventory. */
  auditTo: z.int().min(0).default(0),
  inventory: inventorySchema,
});

interface KnowsLog {
  /** The least length of the audit log; it is not empty if anything is registered. */
  auditKnown(): KnownLength | null;
}

/**
 * The inventory in `inventory.json`. `current` is the state on disk, so it survives a crash. `auditTo`: the audit log's
 * length now, which is stored with each change.
 */
export async function openInventoryStore(
  directory: string,
  auditTo: () => number = () => 0,
): Promise<Closing<InventoryStore> & KnowsLog> {
  const path = join(directory, "inventory.json");
  const file = await openJsonFile(path, fileSchema, { version: 1, auditTo: 0, inventory: emptyInventory });
  const problem = brokenRule(file.read().inventory);
  if (problem !== null) throw damaged(path, problem);
  return {
    close: () => file.close(),
    current: () => file.read().inventory,
    auditKnown: () => {
      const { auditTo: bytes, inventory } = file.read();
      if (bytes > 0) return { bytes, says: `inventory.json knows ${bytes}` };
      return inventory.zones.length > 0 ? { bytes: 1, says: "inventory.json is not empty" } : null;
    },
    // A change that breaks a rule throws, so no other change of the same call is applied.
    apply: (changes) =>
      file.update((latest) => [
        { version: 1, auditTo: auditTo(), inventory: changes.reduce(applyChange, latest.inventory) },
        undefined,
      ]),
  };
}

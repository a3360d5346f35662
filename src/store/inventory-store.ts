import { join } from "node:path";
import { z } from "zod";
import { emptyInventory, inventorySchema } from "../core/inventory.ts";
import { applyChange, brokenRule } from "../core/inventory-change.ts";
import type { InventoryStore } from "../flow/ports.ts";
import { type Closing, damaged, openJsonFile } from "./json-file.ts";

const fileSchema = z.strictObject({ version: z.literal(1), inventory: inventorySchema });

/** The inventory in `inventory.json`. `current` shows what is on disk, so what it shows survives a crash. */
export async function openInventoryStore(directory: string): Promise<Closing<InventoryStore>> {
  const path = join(directory, "inventory.json");
  const file = await openJsonFile(path, fileSchema, { version: 1, inventory: emptyInventory });
  const problem = brokenRule(file.read().inventory);
  if (problem !== null) throw damaged(path, problem);
  return {
    close: () => file.close(),
    current: () => file.read().inventory,
    // One change that breaks a rule throws, so none of its siblings is taken.
    apply: (changes) =>
      file.update((latest) => [{ version: 1, inventory: changes.reduce(applyChange, latest.inventory) }, undefined]),
  };
}

import type { Inventory, PrimaryStorage, SharedBlock } from "../core/inventory.ts";

/** The storage that a LUN belongs to, with the LUN's record in the inventory. */
interface Ownership {
  readonly storage: PrimaryStorage;
  readonly block: SharedBlock;
}
export function ownerOf(wwid: string, inventory: Inventory): Ownership | null {
  for (const storage of inventory.primaryStorages) {
    const block = storage.sharedBlocks.find((each) => each.wwid === wwid);
    if (block) return { storage, block };
  }
  return null;
}

import type { Inventory, PrimaryStorage } from "../core/inventory.ts";

/** What no two operations may change at once where one changes a storage: its clusters, its LUNs, and itself by its UUID. */
export const storageLocks = (storage: PrimaryStorage, inventory: Inventory): string[] => [
  ...inventory.clusters.filter((cluster) => storage.clusterUuids.includes(cluster.uuid)).map((cluster) => cluster.name),
  ...storage.sharedBlocks.map((block) => block.wwid),
  storage.uuid,
];

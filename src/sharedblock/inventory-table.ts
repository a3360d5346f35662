import { hostsOf, storageOf } from "../core/find.ts";
import type { Cluster, Inventory } from "../core/inventory.ts";
import type { Part } from "../core/reply.ts";
import { stateText } from "./show.ts";
import { formatBytes } from "./size.ts";

/** Clusters with their hosts, and the storages with their LUNs, as the inventory has them: nothing here was just observed. */
export function inventoryParts(inventory: Inventory, clusters: readonly Cluster[]): Part[] {
  const uuids = new Set(clusters.map((cluster) => cluster.uuid));
  const storages = inventory.primaryStorages.filter((storage) => storage.clusterUuids.some((uuid) => uuids.has(uuid)));
  const blocks = storages.flatMap((storage) =>
    storage.sharedBlocks.map((block) => [
      storage.name,
      block.wwid,
      formatBytes(block.sizeBytes),
      block.addedAt === null ? "claimed, not finished" : `added ${block.addedAt.slice(0, 10)}`,
    ]),
  );
  const parts: Part[] = [
    {
      kind: "table",
      caption: "Clusters",
      columns: ["zone", "cluster", "hosts", "Shared Block storage", "state"],
      rows: clusters.map((cluster) => clusterRow(inventory, cluster)),
    },
  ];
  if (blocks.length > 0) {
    parts.push({
      kind: "table",
      caption: "Shared blocks",
      columns: ["storage", "WWID", "size", "since"],
      rows: blocks,
    });
  }
  return parts;
}

function clusterRow(inventory: Inventory, cluster: Cluster): string[] {
  const storage = storageOf(inventory, cluster);
  return [
    inventory.zones.find((zone) => zone.uuid === cluster.zoneUuid)?.name ?? "",
    cluster.name,
    hostsOf(inventory, cluster)
      .map((host) => host.name)
      .join(", ") || "none",
    storage?.name ?? "none",
    storage === null ? "none" : stateText(storage),
  ];
}

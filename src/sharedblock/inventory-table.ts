import type { Facts } from "../core/command.ts";
import { hostsOf, storageOf } from "../core/find.ts";
import type { Cluster } from "../core/inventory.ts";
import type { Part } from "../core/reply.ts";
import { observed } from "./last-look.ts";
import { stateText } from "./show.ts";
import { formatBytes } from "./size.ts";

/**
 * Clusters with their hosts, and the storages with their LUNs, as the inventory has them. The status alone is observed:
 * its age stands beside it.
 */
export function inventoryParts(facts: Facts, clusters: readonly Cluster[]): Part[] {
  const { inventory } = facts;
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
      columns: [
        ...["zone", "cluster", "hosts", "Shared Block storage", "state (wished)"],
        ...["status (observed)", "looked"],
      ],
      rows: clusters.map((cluster) => clusterRow(facts, cluster)),
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

function clusterRow(facts: Facts, cluster: Cluster): string[] {
  const { inventory } = facts;
  const storage = storageOf(inventory, cluster);
  const seen = storage === null ? null : observed(storage, facts);
  return [
    inventory.zones.find((zone) => zone.uuid === cluster.zoneUuid)?.name ?? "",
    cluster.name,
    hostsOf(inventory, cluster)
      .map((host) => host.name)
      .join(", ") || "none",
    storage?.name ?? "none",
    storage === null ? "none" : stateText(storage),
    seen?.status ?? "none",
    seen?.looked ?? "none",
  ];
}

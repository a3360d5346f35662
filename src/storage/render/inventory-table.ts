import type { Facts } from "../../core/command.ts";
import { hostsOf, storageOf } from "../../core/find.ts";
import type { Cluster, Inventory, PrimaryStorage } from "../../core/inventory.ts";
import { type Inline, linesPart, type Part } from "../../core/reply.ts";
import { observed } from "../observe/last-observation.ts";
import { formatBytes } from "../size.ts";
import { stateText } from "./storage-fields.ts";

/**
 * Clusters with their hosts, and the storages with their LUNs, as the inventory has them. The status alone is observed:
 * its age stands beside it.
 */
export function inventoryParts(
  facts: Facts,
  clusters: readonly Cluster[],
  unattached: readonly PrimaryStorage[] = [],
): Part[] {
  const { inventory } = facts;
  const uuids = new Set(clusters.map((cluster) => cluster.uuid));
  const attached = inventory.primaryStorages.filter((storage) => storage.clusterUuids.some((uuid) => uuids.has(uuid)));
  const storages = [...attached, ...unattached];
  const blocks = storages.flatMap((storage) =>
    storage.sharedBlocks.map((block) => [
      storage.name,
      block.wwid,
      formatBytes(block.sizeBytes),
      block.addedAt === null ? "claimed, not finished" : `added ${block.addedAt.slice(0, 10)}`,
    ]),
  );
  const parts: Part[] = [];
  if (clusters.length > 0) {
    parts.push({
      kind: "table",
      compared: true,
      caption: "Clusters",
      columns: [
        ...["zone", "cluster", "hosts", "Shared Block storage", "state (wished)"],
        ...["status (observed)", "looked"],
      ],
      rows: clusters.map((cluster) => clusterRow(facts, cluster)),
    });
  }
  if (unattached.length > 0) {
    const lines = unattached.map((storage): Inline[] => [
      { bold: storage.name },
      ` ${stateText(storage)}, zone ${zoneName(inventory, storage.zoneUuid)}`,
    ]);
    parts.push(linesPart("Storages attached to no cluster", lines));
  }
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

const zoneName = (inventory: Inventory, uuid: string): string =>
  inventory.zones.find((zone) => zone.uuid === uuid)?.name ?? "";

function clusterRow(facts: Facts, cluster: Cluster): string[] {
  const { inventory } = facts;
  const storage = storageOf(inventory, cluster);
  const seen = storage === null ? null : observed(storage, facts);
  return [
    zoneName(inventory, cluster.zoneUuid),
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

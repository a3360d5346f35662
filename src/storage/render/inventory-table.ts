import type { Facts } from "../../core/facts.ts";
import { clusterNamed, hostsOf, notFound, storageOf } from "../../core/find.ts";
import type { Cluster, Host, Inventory, PrimaryStorage } from "../../core/inventory.ts";
import { type Inline, linesPart, type Part, type Reply } from "../../core/reply.ts";
import { few } from "../../core/shared-facts.ts";
import { observeHosts } from "../observe/hosts.ts";
import { observed } from "../observe/last-observation.ts";
import { formatBytes } from "../size.ts";
import { problemsPart } from "./matrix.ts";
import { stateText } from "./storage.ts";

/**
 * Clusters with their hosts, and storages with their LUNs, from the inventory. Only the status is observed, so its age
 * is shown.
 */
function inventoryParts(
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
      formatBytes(block.sizeBytes),
      block.addedAt === null ? "claimed, not finished" : `added ${block.addedAt.slice(0, 10)}`,
      block.wwid,
    ]),
  );
  const parts: Part[] = [];
  if (clusters.length > 0) {
    parts.push({
      kind: "table",
      compared: true,
      caption: "Clusters",
      columns: [...["cluster", "status (observed)", "storage", "desired state"], ...["observed", "hosts", "zone"]],
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
      columns: ["storage", "size", "since", "WWID"],
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
    cluster.name,
    seen?.status ?? "none",
    storage?.name ?? "none",
    storage === null ? "none" : stateText(storage),
    seen?.age ?? "none",
    few(hostsOf(inventory, cluster).map((host) => host.name)) || "none",
    zoneName(inventory, cluster.zoneUuid),
  ];
}

export async function inventoryReply(
  { zoneOrCluster: place, refresh }: { readonly zoneOrCluster?: string | undefined; readonly refresh: boolean },
  facts: Facts,
): Promise<Reply> {
  const { inventory } = facts;
  const clusters = clustersOf(inventory, place);
  const problems = refresh ? problemsPart(await observeHosts(lockingHosts(inventory, clusters), facts)) : null;
  const empty = inventory.zones.filter((zone) => !inventory.clusters.some((cluster) => cluster.zoneUuid === zone.uuid));
  return {
    title: place === undefined ? "Inventory" : `Inventory of ${place}`,
    tone: problems === null ? "plain" : "warning",
    parts: [
      ...inventoryParts(facts, clusters, unattachedIn(inventory, place)),
      ...(clusters.length > 0 ? [] : [{ kind: "text" as const, text: "No cluster yet." }]),
      ...(place === undefined && empty.length > 0
        ? [{ kind: "text" as const, text: `Zones without clusters: ${empty.map((zone) => zone.name).join(", ")}` }]
        : []),
      ...(problems === null ? [] : [problems]),
    ],
    next: clusters.map((cluster) => `cluster check ${cluster.name}`).slice(0, 3),
  };
}

/** Hosts with a status: those of clusters with a storage. */
const lockingHosts = (inventory: Inventory, clusters: readonly Cluster[]): Host[] =>
  clusters.flatMap((cluster) => (storageOf(inventory, cluster) === null ? [] : hostsOf(inventory, cluster)));

/** Storages without a cluster. They are listed for a zone and for everything, not for a cluster. */
const unattachedIn = (inventory: Inventory, place: string | undefined): PrimaryStorage[] =>
  inventory.primaryStorages.filter(
    ({ clusterUuids, zoneUuid }) =>
      clusterUuids.length === 0 &&
      (place === undefined ||
        (!inventory.clusters.some((cluster) => cluster.name === place) &&
          inventory.zones.some((zone) => zone.name === place && zone.uuid === zoneUuid))),
  );

function clustersOf(inventory: Inventory, place: string | undefined): Cluster[] {
  if (place === undefined) return inventory.clusters;
  const zone = inventory.zones.find((each) => each.name === place);
  const cluster = inventory.clusters.find((each) => each.name === place);
  if (cluster) return [cluster];
  if (zone) return inventory.clusters.filter((each) => each.zoneUuid === zone.uuid);
  const kind = { name: "zone or cluster", list: "cluster list", add: "cluster add" };
  throw notFound(kind, place, [...inventory.zones, ...inventory.clusters]);
}

export async function clusterReply({ name }: { readonly name: string }, facts: Facts): Promise<Reply> {
  const cluster = clusterNamed(facts.inventory, name);
  return {
    title: `Cluster ${name}`,
    tone: "plain",
    parts: inventoryParts(facts, [cluster]),
    next: [`cluster check ${name}`, `lun list ${name}`, `multipath status ${name}`],
  };
}

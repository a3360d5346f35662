import { z } from "zod";
import { defineQuery } from "../src/core/command.ts";
import { hostsOf, storageOf } from "../src/core/find.ts";
import { type Cluster, type Host, type Inventory, nameSchema, type PrimaryStorage } from "../src/core/inventory.ts";
import { Refusal } from "../src/core/refusal.ts";
import { lookAtHosts } from "../src/storage/observe/hosts.ts";
import { refreshSchema } from "../src/storage/refresh.ts";
import { inventoryParts } from "../src/storage/render/inventory-table.ts";
import { problemsPart } from "../src/storage/render/matrix.ts";

export const inventoryCommand = defineQuery({
  name: "inventory",
  summary: "zones, clusters, hosts, primary storages and their LUNs at a glance",
  args: z.strictObject({
    zoneOrCluster: nameSchema.describe("a zone or a cluster; without it everything").optional(),
    refresh: refreshSchema.default(false).describe("true: look at the hosts anew"),
  }),
  positional: ["zoneOrCluster"],
  examples: ["inventory", "inventory cluster-1", "inventory refresh=true"],
  narrower: "/zstack inventory CLUSTER",
  async answer({ zoneOrCluster: place, refresh }, facts) {
    const { inventory } = facts;
    const clusters = clustersOf(inventory, place);
    const problems = refresh ? problemsPart(await lookAtHosts(lockingHosts(inventory, clusters), facts)) : null;
    const empty = inventory.zones.filter(
      (zone) => !inventory.clusters.some((cluster) => cluster.zoneUuid === zone.uuid),
    );
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
  },
});

/** The hosts that have a status: those of clusters with a storage. */
const lockingHosts = (inventory: Inventory, clusters: readonly Cluster[]): Host[] =>
  clusters.flatMap((cluster) => (storageOf(inventory, cluster) === null ? [] : hostsOf(inventory, cluster)));

/** Storages of no cluster: they are of a zone, or of everything, and of no single cluster. */
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
  throw new Refusal(`finding the zone or cluster "${place}"`, "it is not in the inventory", [
    "zone list",
    "cluster list",
  ]);
}

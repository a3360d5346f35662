import { z } from "zod";
import { defineQuery } from "../src/core/command.ts";
import type { Cluster, Inventory } from "../src/core/inventory.ts";
import { nameSchema } from "../src/core/inventory.ts";
import { Refusal } from "../src/core/refusal.ts";
import { inventoryParts } from "../src/sharedblock/inventory-table.ts";

export const inventoryCommand = defineQuery({
  name: "inventory",
  summary: "zones, clusters, hosts, primary storages and their LUNs at a glance",
  args: z.strictObject({ zoneOrCluster: nameSchema.describe("a zone or a cluster; without it everything").optional() }),
  positional: ["zoneOrCluster"],
  examples: ["inventory", "inventory cluster-1"],
  async answer({ zoneOrCluster: place }, { inventory }) {
    const clusters = clustersOf(inventory, place);
    const empty = inventory.zones.filter(
      (zone) => !inventory.clusters.some((cluster) => cluster.zoneUuid === zone.uuid),
    );
    return {
      title: place === undefined ? "Inventory" : `Inventory of ${place}`,
      tone: "plain",
      parts: [
        ...(clusters.length > 0
          ? inventoryParts(inventory, clusters)
          : [{ kind: "text" as const, text: "No cluster yet." }]),
        ...(place === undefined && empty.length > 0
          ? [{ kind: "text" as const, text: `Zones without clusters: ${empty.map((zone) => zone.name).join(", ")}` }]
          : []),
      ],
      next: clusters.map((cluster) => `lun list ${cluster.name}`).slice(0, 3),
    };
  },
});

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

import { z } from "zod";
import { defineQuery } from "../../src/core/command.ts";
import { hostsOf, storageOf } from "../../src/core/find.ts";

export const clusterList = defineQuery({
  name: "cluster list",
  summary: "the clusters, with their hosts and storage",
  args: z.strictObject({}),
  positional: [],
  examples: ["cluster list"],
  async answer(_args, { inventory }) {
    const rows = inventory.clusters.map((cluster) => [
      cluster.name,
      inventory.zones.find((zone) => zone.uuid === cluster.zoneUuid)?.name ?? "",
      String(hostsOf(inventory, cluster).length),
      storageOf(inventory, cluster)?.name ?? "none",
    ]);
    return {
      title: `${rows.length} clusters`,
      tone: "plain",
      parts: [{ kind: "table", columns: ["cluster", "zone", "hosts", "Shared Block storage"], rows }],
      next: rows.length === 0 ? ["help cluster add"] : [],
    };
  },
});

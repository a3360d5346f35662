import { z } from "zod";
import { defineQuery } from "../../src/core/command.ts";
import { stateText } from "../../src/sharedblock/show.ts";
import { formatBytes } from "../../src/sharedblock/size.ts";

export const sharedBlockList = defineQuery({
  name: "sharedblock list",
  summary: "the Shared Block primary storages of the inventory",
  args: z.strictObject({}),
  positional: [],
  examples: ["sharedblock list"],
  async answer(_args, { inventory }) {
    const rows = inventory.primaryStorages.map((storage) => [
      storage.name,
      stateText(storage),
      inventory.clusters
        .filter((cluster) => storage.clusterUuids.includes(cluster.uuid))
        .map((cluster) => cluster.name)
        .join(", ") || "none",
      String(storage.sharedBlocks.length),
      formatBytes(storage.sharedBlocks.reduce((sum, block) => sum + block.sizeBytes, 0)),
    ]);
    return {
      title: `${rows.length} Shared Block storages`,
      tone: "plain",
      parts:
        rows.length === 0
          ? [{ kind: "text", text: "There is none yet." }]
          : [{ kind: "table", columns: ["name", "state", "clusters", "LUNs", "size of the LUNs"], rows }],
      next: rows.length === 0 ? ["help sharedblock add"] : [],
    };
  },
});

import { z } from "zod";
import { defineQuery } from "../../src/core/command.ts";

export const zoneList = defineQuery({
  name: "zone list",
  summary: "the zones, with how much each holds",
  args: z.strictObject({}),
  positional: [],
  examples: ["zone list"],
  async answer(_args, { inventory }) {
    const rows = inventory.zones.map((zone) => {
      const clusters = inventory.clusters.filter((cluster) => cluster.zoneUuid === zone.uuid);
      const storages = inventory.primaryStorages.filter((storage) => storage.zoneUuid === zone.uuid);
      return [
        zone.name,
        clusters.map((each) => each.name).join(", ") || "none",
        storages.map((each) => each.name).join(", ") || "none",
      ];
    });
    return {
      title: `${rows.length} zones`,
      tone: "plain",
      parts: [{ kind: "table", columns: ["zone", "clusters", "primary storages"], rows }],
      next: rows.length === 0 ? ["zone add ZONE-1"] : [],
    };
  },
});

import { z } from "zod";
import { defineQuery } from "../../src/core/command.ts";
import { hostsOf, storageNamed } from "../../src/core/find.ts";
import { nameSchema } from "../../src/core/inventory.ts";
import { lookAtHosts } from "../../src/sharedblock/look.ts";
import { statusOf, storageParts } from "../../src/sharedblock/show.ts";

export const sharedBlockShow = defineQuery({
  name: "sharedblock show",
  summary: "one storage: its state, its status on every host now, capacity, LUNs, paths",
  args: z.strictObject({ name: nameSchema.describe("name of the primary storage") }),
  positional: ["name"],
  examples: ["sharedblock show ps-1"],
  async answer({ name }, facts) {
    const storage = storageNamed(facts.inventory, name);
    const clusters = facts.inventory.clusters.filter((cluster) => storage.clusterUuids.includes(cluster.uuid));
    const views = await lookAtHosts(
      clusters.flatMap((cluster) => hostsOf(facts.inventory, cluster)),
      facts,
    );
    const connected = views.every((view) => statusOf(storage, view) === "Connected");
    return {
      title: `Primary storage ${name}`,
      tone: connected ? "good" : "warning",
      parts: storageParts(storage, views, facts.inventory),
      next: clusters.map((cluster) => `lun list ${cluster.name}`),
    };
  },
});

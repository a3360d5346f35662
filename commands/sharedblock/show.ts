import { z } from "zod";
import { defineQuery } from "../../src/core/command.ts";
import { attachedHosts, storageNamed } from "../../src/core/find.ts";
import { nameSchema } from "../../src/core/inventory.ts";
import { lookAtHosts } from "../../src/storage/observe/hosts.ts";
import { lastLookParts, observed } from "../../src/storage/observe/last-observation.ts";
import { statusOf } from "../../src/storage/observe/status.ts";
import { refreshSchema } from "../../src/storage/refresh.ts";
import { storageFields, storageParts } from "../../src/storage/render/storage-fields.ts";

export const sharedBlockShow = defineQuery({
  name: "sharedblock show",
  summary: "one storage: its state, its status on every host, capacity, LUNs, paths",
  args: z.strictObject({
    name: nameSchema.describe("name of the primary storage"),
    refresh: refreshSchema.default(true).describe("false: don't ask the hosts, tell what was last seen"),
  }),
  positional: ["name"],
  examples: ["sharedblock show ps-1", "sharedblock show ps-1 refresh=false"],
  async answer({ name, refresh }, facts) {
    const { inventory } = facts;
    const storage = storageNamed(inventory, name);
    const clusters = inventory.clusters.filter((cluster) => storage.clusterUuids.includes(cluster.uuid));
    if (!refresh) {
      const { capacity } = observed(storage, facts);
      return {
        title: `Primary storage ${name}, as last seen`,
        tone: "plain",
        parts: [storageFields(storage, capacity, inventory), ...lastLookParts(storage, facts)],
        next: [`sharedblock show ${name}`],
      };
    }
    const views = await lookAtHosts(attachedHosts(inventory, storage), facts);
    const connected = views.every((view) => statusOf(storage, view) === "Connected");
    const mends = views.length > 0 && storage.state !== "Maintenance" && !connected;
    return {
      title: `Primary storage ${name}`,
      tone: connected ? "good" : "warning",
      parts: storageParts(storage, views, inventory),
      next: [...(mends ? [`sharedblock reconnect ${name}`] : []), ...clusters.map((each) => `lun list ${each.name}`)],
    };
  },
});

import { z } from "zod";
import { defineChange } from "../../src/core/command.ts";
import { refuse, zoneNamed } from "../../src/core/find.ts";
import { nameSchema } from "../../src/core/inventory.ts";
import { inventoryPlan } from "../../src/core/inventory-plan.ts";

export const zoneRemove = defineChange({
  name: "zone remove",
  summary: "remove an empty zone from the inventory",
  risk: "reversible",
  args: z.strictObject({ name: nameSchema.describe("name of the zone") }),
  positional: ["name"],
  examples: ["zone remove ZONE-2"],
  async plan({ name }, { inventory }) {
    const zone = zoneNamed(inventory, name);
    const clusters = inventory.clusters.filter((cluster) => cluster.zoneUuid === zone.uuid);
    const storages = inventory.primaryStorages.filter((storage) => storage.zoneUuid === zone.uuid);
    refuse(
      `removing zone ${name}`,
      [
        ...clusters.map((cluster) => `it holds cluster ${cluster.name}`),
        ...storages.map((storage) => `primary storage ${storage.name} lies in it`),
      ],
      [
        ...storages.map((storage) => `sharedblock delete ${storage.name}`),
        ...clusters.map((cluster) => `cluster remove ${cluster.name}`),
      ],
    );
    return inventoryPlan({ title: `Remove zone ${name}`, verb: "Remove Zone", undo: { command: `zone add ${name}` } }, [
      { kind: "zone removed", uuid: zone.uuid },
    ]);
  },
});

import { z } from "zod";
import { defineChange } from "../../src/core/command.ts";
import { hostNamed, refuse } from "../../src/core/find.ts";
import { nameSchema } from "../../src/core/inventory.ts";
import { inventoryPlan } from "../../src/core/inventory-plan.ts";

export const hostRemove = defineChange({
  name: "host remove",
  summary: "take a host out of the inventory; the host itself is not touched",
  risk: "trust",
  args: z.strictObject({ name: nameSchema.describe("name of the host") }),
  positional: ["name"],
  examples: ["host remove sharedblock-host3"],
  async plan({ name }, { inventory }) {
    const host = hostNamed(inventory, name);
    const storages = inventory.primaryStorages.filter((storage) => storage.clusterUuids.includes(host.clusterUuid));
    // Its lease on a storage lives on the disks whether or not the inventory knows the host.
    const objections = storages.map(
      (storage) => `its cluster uses the storage ${storage.name}, which it may be locked into`,
    );
    refuse(
      `removing host ${name}`,
      objections,
      storages.map((storage) => `sharedblock show ${storage.name}`),
    );
    return inventoryPlan(
      `Remove host ${name}`,
      [{ kind: "host removed", uuid: host.uuid }],
      [
        {
          kind: "text",
          text: `${host.address}:${host.port}, trusted key ${host.hostKeySha256}. Adding it again asks to trust its key anew.`,
        },
      ],
    );
  },
});

import { z } from "zod";
import { defineChange } from "../../src/core/command.ts";
import { storageNamed } from "../../src/core/find.ts";
import { nameSchema } from "../../src/core/inventory.ts";
import { inventoryPlan } from "../../src/core/inventory-plan.ts";
import { Refusal } from "../../src/core/refusal.ts";
import { nameLock } from "../../src/storage/locks.ts";

export const sharedBlockRename = defineChange({
  name: "sharedblock rename",
  summary: "give a storage another name; its volume group keeps its own",
  risk: "reversible",
  args: z.strictObject({
    name: nameSchema.describe("name of the primary storage"),
    new: nameSchema.describe("its new name"),
  }),
  positional: ["name"],
  examples: ["sharedblock rename ps-1 new=ps-gold"],
  async plan({ name, new: wanted }, { inventory }) {
    const storage = storageNamed(inventory, name);
    if (inventory.primaryStorages.some((each) => each.name === wanted)) {
      const why = wanted === name ? "that is its name already" : `there is a primary storage ${wanted} already`;
      throw new Refusal(`renaming ${name} to ${wanted}`, why, ["sharedblock list"]);
    }
    const plan = inventoryPlan(
      {
        title: `Rename ${name} to ${wanted}`,
        verb: "Rename",
        undo: { command: `sharedblock rename ${wanted} new=${name}` },
      },
      [{ kind: "primary storage renamed", uuid: storage.uuid, name: wanted }],
    );
    return { ...plan, locks: [...plan.locks, nameLock(wanted)] };
  },
});

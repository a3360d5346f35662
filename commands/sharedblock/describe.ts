import { z } from "zod";
import { defineChange } from "../../src/core/command.ts";
import { storageNamed } from "../../src/core/find.ts";
import { nameSchema } from "../../src/core/inventory.ts";
import { inventoryPlan } from "../../src/core/inventory-plan.ts";
import type { Part } from "../../src/core/reply.ts";

export const sharedBlockDescribe = defineChange({
  name: "sharedblock describe",
  summary: "say what a storage is for",
  risk: "reversible",
  args: z.strictObject({
    name: nameSchema.describe("name of the primary storage"),
    description: z.string().max(2000).describe('what it is for; "" takes the description away'),
  }),
  positional: ["name"],
  examples: ['sharedblock describe ps-1 description="databases of the billing team"'],
  async plan({ name, description }, { inventory }) {
    const storage = storageNamed(inventory, name);
    const parts: Part[] = [
      {
        kind: "fields",
        fields: [
          ["before", storage.description || "none"],
          ["after", description || "none"],
        ],
      },
    ];
    const plan = inventoryPlan(
      { title: `Describe ${name}`, verb: "Describe", undo: { none: "Describe it again." } },
      [{ kind: "primary storage described", uuid: storage.uuid, description }],
      parts,
    );
    return { ...plan, result: async () => parts };
  },
});

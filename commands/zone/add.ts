import { z } from "zod";
import { defineChange } from "../../src/core/command.ts";
import { nameSchema } from "../../src/core/inventory.ts";
import { inventoryPlan } from "../../src/core/inventory-plan.ts";
import { Refusal } from "../../src/core/refusal.ts";

export const zoneAdd = defineChange({
  name: "zone add",
  summary: "add a zone to the inventory",
  risk: "reversible",
  args: z.strictObject({ name: nameSchema.describe("name of the new zone") }),
  positional: ["name"],
  examples: ["zone add ZONE-2"],
  async plan({ name }, { inventory, uuid }) {
    if (inventory.zones.some((zone) => zone.name === name)) {
      throw new Refusal(`adding zone ${name}`, "there is a zone of that name already", ["zone list"]);
    }
    return inventoryPlan({ title: `Add zone ${name}`, verb: "Add Zone", undo: { command: `zone remove ${name}` } }, [
      { kind: "zone added", zone: { uuid: uuid(`zone ${name}`), name } },
    ]);
  },
});

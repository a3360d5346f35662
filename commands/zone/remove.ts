import { z } from "zod";
import { defineChange } from "../../src/core/command.ts";
import { nameSchema } from "../../src/core/inventory.ts";
import { planRemoveZone } from "../../src/core/inventory-plan.ts";

export const zoneRemove = defineChange({
  name: "zone remove",
  summary: "remove an empty zone from the inventory",
  risk: "reversible",
  args: z.strictObject({ name: nameSchema.describe("name of the zone") }),
  positional: ["name"],
  examples: ["zone remove ZONE-2"],
  plan: planRemoveZone,
});

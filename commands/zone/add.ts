import { z } from "zod";
import { defineChange } from "../../src/core/command.ts";
import { nameSchema } from "../../src/core/inventory.ts";
import { planAddZone } from "../../src/core/inventory-plan.ts";

export const zoneAdd = defineChange({
  name: "zone add",
  summary: "add a zone to the inventory",
  risk: "reversible",
  args: z.strictObject({ name: nameSchema.describe("name of the new zone") }),
  positional: ["name"],
  examples: ["zone add ZONE-2"],
  plan: planAddZone,
});

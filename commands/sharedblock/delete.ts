import { z } from "zod";
import { defineChange } from "../../src/core/command.ts";
import { nameSchema } from "../../src/core/inventory.ts";
import { unaskedSchema } from "../../src/storage/arguments.ts";
import { planDelete } from "../../src/storage/plans/delete.ts";

const args = z.strictObject({
  name: nameSchema.describe("name of the primary storage; it must be detached from every cluster"),
  volumes: z.literal("destroy").describe("destroy: the volumes on it may be destroyed").optional(),
  host: nameSchema
    .describe("the host that does the work; default: a host of the zone that sees all its LUNs")
    .optional(),
  unasked: unaskedSchema,
});

export const sharedBlockDelete = defineChange({
  name: "sharedblock delete",
  summary: "remove a detached storage from its LUNs and from the inventory",
  risk: "destructive",
  args,
  positional: ["name"],
  examples: ["sharedblock delete ps-1", "sharedblock delete ps-1 volumes=destroy host=sharedblock-host1"],
  plan: planDelete,
});

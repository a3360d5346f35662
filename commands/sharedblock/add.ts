import { z } from "zod";
import { defineChange } from "../../src/core/command.ts";
import { nameSchema } from "../../src/core/inventory.ts";
import { unaskedSchema, wwidListSchema } from "../../src/storage/arguments.ts";
import { addForm } from "../../src/storage/forms/add.ts";
import { planAdd } from "../../src/storage/plans/add.ts";

const args = z.strictObject({
  cluster: nameSchema.describe("the hosts of this cluster share the storage"),
  wwid: wwidListSchema.describe("the LUN's WWID or its name in /dev/disk/by-id; several with commas"),
  name: nameSchema.describe("name of the storage; default: sharedblock-CLUSTER").optional(),
  description: z.string().max(2000).describe("what it is for").optional(),
  wipe: z
    .stringbool({ truthy: ["true", "yes"], falsy: ["false", "no"] })
    .default(false)
    .describe("true: what is on the LUN may be destroyed"),
  unasked: unaskedSchema,
});

export const sharedBlockAdd = defineChange({
  name: "sharedblock add",
  summary: "make LUNs the Shared Block primary storage of a cluster",
  risk: "destructive",
  form: addForm,
  args,
  positional: ["cluster"],
  examples: [
    "sharedblock add cluster-1 wwid=36b083fe000daf018000015505abbe00a name=ps-1 wipe=true",
    'sharedblock add cluster-1 wwid=36f011af000d5c3e70000166e5ab82173 description="blank LUN of the second array"',
  ],
  plan: planAdd,
});

import { z } from "zod";
import { defineChange } from "../../src/core/command.ts";
import { nameSchema } from "../../src/core/inventory.ts";
import { unaskedSchema, wwidListSchema } from "../../src/storage/arguments.ts";
import { extendForm } from "../../src/storage/forms/extend.ts";
import { planExtend } from "../../src/storage/plans/extend.ts";

const args = z.strictObject({
  name: nameSchema.describe("name of the primary storage"),
  wwid: wwidListSchema.describe("the new LUN's WWID or its name in /dev/disk/by-id; several with commas"),
  wipe: z
    .stringbool({ truthy: ["true", "yes"], falsy: ["false", "no"] })
    .default(false)
    .describe("true: what is on the LUN may be destroyed"),
  unasked: unaskedSchema,
});

export const sharedBlockExtend = defineChange({
  name: "sharedblock extend",
  summary: "add LUNs to a storage: its capacity grows",
  risk: "destructive",
  form: extendForm,
  args,
  positional: ["name"],
  examples: [
    "sharedblock extend ps-1 wwid=36f011af000d5c3e70000166e5ab82173",
    "sharedblock extend ps-1 wwid=36b083fe000daf018000015505abbe00a wipe=true",
  ],
  plan: planExtend,
});

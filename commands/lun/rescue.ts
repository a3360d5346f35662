import { z } from "zod";
import { defineChange } from "../../src/core/command.ts";
import { unaskedSchema, wwidNameSchema } from "../../src/storage/arguments.ts";
import { planRescue } from "../../src/storage/plans/rescue.ts";

const args = z.strictObject({
  wwid: wwidNameSchema.describe("the LUN's WWID or its name in /dev/disk/by-id"),
  at: z
    .string()
    .transform((text) => text.replaceAll(/[^0-9]/g, "").slice(0, 14))
    .pipe(z.string().length(14, "is not a time such as 20261122100000"))
    .describe("which backup, by its time (UTC); default: the latest with a signature")
    .optional(),
  unasked: unaskedSchema,
});

export const lunRescue = defineChange({
  name: "lun rescue",
  summary: "restore the content of a LUN: undoes an unwanted wipe, and an interrupted add or extend",
  risk: "destructive",
  args,
  positional: ["wwid"],
  examples: [
    "lun rescue 36b083fe000daf018000015505abbe00a",
    "lun rescue 36b083fe000daf018000015505abbe00a at=20261122100000",
  ],
  plan: planRescue,
});

import { z } from "zod";
import { defineQuery } from "../../src/core/command.ts";
import { nameSchema } from "../../src/core/inventory.ts";
import { wwidNameSchema } from "../../src/storage/arguments.ts";
import { lunReply } from "../../src/storage/render/lun.ts";

export const lunShow = defineQuery({
  name: "lun show",
  summary: "one LUN: what every host sees of it and reads from it, and what speaks against using it",
  args: z.strictObject({
    cluster: nameSchema.describe("cluster whose hosts are asked"),
    wwid: wwidNameSchema.describe("the LUN's WWID or its name in /dev/disk/by-id"),
  }),
  positional: ["cluster", "wwid"],
  examples: ["lun show cluster-1 36b083fe000daf018000015505abbe00a"],
  narrower: "multipath -ll",
  answer: lunReply,
});

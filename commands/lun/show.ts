import { z } from "zod";
import { defineQuery } from "../../src/core/command.ts";
import { nameSchema } from "../../src/core/inventory.ts";
import { wwidNameSchema } from "../../src/storage/arguments.ts";
import { lunReply } from "../../src/storage/render/lun.ts";

export const lunShow = defineQuery({
  name: "lun show",
  summary: "one LUN: what every host sees and reads, and the reasons why it can't be used",
  args: z.strictObject({
    cluster: nameSchema.describe("the hosts of this cluster are asked"),
    wwid: wwidNameSchema.describe("the LUN's WWID or its name in /dev/disk/by-id"),
  }),
  positional: ["cluster", "wwid"],
  examples: ["lun show cluster-1 36b083fe000daf018000015505abbe00a"],
  narrower: "multipath -ll",
  answer: lunReply,
});

import { z } from "zod";
import { defineChange } from "../../src/core/command.ts";
import { nameSchema } from "../../src/core/inventory.ts";
import { wwidNameSchema } from "../../src/storage/arguments.ts";
import { planForget } from "../../src/storage/plans/forget.ts";

const args = z.strictObject({
  cluster: nameSchema.describe("the hosts of this cluster remove the LUN"),
  wwid: wwidNameSchema.describe("the LUN's WWID or its name in /dev/disk/by-id"),
});

export const lunForget = defineChange({
  name: "lun forget",
  summary: "remove from the hosts a LUN that the array no longer offers: its map and its dead paths",
  risk: "trust",
  args,
  positional: ["cluster", "wwid"],
  examples: ["lun forget cluster-1 36b083fe000daf018000015615abbe7c8"],
  plan: planForget,
});

import { z } from "zod";
import { defineQuery } from "../../src/core/command.ts";
import { nameSchema } from "../../src/core/inventory.ts";
import { wwidNameSchema } from "../../src/storage/arguments.ts";
import { lunHistoryReply } from "../../src/watch/pictures/lun-paths.ts";

export const lunHistory = defineQuery({
  name: "lun history",
  summary: "the working paths of a LUN on every host over 24 hours, as a chart",
  args: z.strictObject({
    cluster: nameSchema.describe("the hosts of this cluster"),
    wwid: wwidNameSchema.describe("the LUN's WWID or its name in /dev/disk/by-id"),
    hours: z.coerce.number().int().min(1).max(720).default(24).describe("how far back"),
  }),
  positional: ["cluster", "wwid"],
  examples: [
    "lun history cluster-1 36b083fe000daf018000015505abbe00a",
    "lun history cluster-1 36b083fe000daf018000015505abbe00a hours=168",
  ],
  answer: lunHistoryReply,
});

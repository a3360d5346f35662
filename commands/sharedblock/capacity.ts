import { z } from "zod";
import { defineQuery } from "../../src/core/command.ts";
import { nameSchema } from "../../src/core/inventory.ts";
import { capacityReply } from "../../src/watch/pictures/capacity.ts";

export const sharedBlockCapacity = defineQuery({
  name: "sharedblock capacity",
  summary: "a storage's used capacity over 30 days as a chart, and when it will be full",
  args: z.strictObject({
    name: nameSchema.describe("name of the primary storage"),
    days: z.coerce.number().int().min(1).max(3650).default(30).describe("how far back"),
  }),
  positional: ["name"],
  examples: ["sharedblock capacity ps-1", "sharedblock capacity ps-1 days=90"],
  answer: capacityReply,
});

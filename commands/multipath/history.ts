import { z } from "zod";
import { defineQuery } from "../../src/core/command.ts";
import { nameSchema } from "../../src/core/inventory.ts";
import { failedPathsReply } from "../../src/watch/pictures/failed-paths.ts";

export const multipathHistory = defineQuery({
  name: "multipath history",
  summary: "the failed paths of each host over 24 hours, as a chart",
  args: z.strictObject({
    name: nameSchema.describe("a host, or a cluster for all its hosts"),
    hours: z.coerce.number().int().min(1).max(720).default(24).describe("how far back"),
  }),
  positional: ["name"],
  examples: ["multipath history cluster-1", "multipath history sharedblock-host1 hours=168"],
  answer: failedPathsReply,
});

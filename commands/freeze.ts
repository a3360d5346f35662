import { z } from "zod";
import { freezeCluster } from "../src/access/freeze-acts.ts";
import { defineAction } from "../src/core/command.ts";
import { nameSchema } from "../src/core/inventory.ts";
import { momentSchema } from "../src/core/moment.ts";

export const freeze = defineAction({
  name: "freeze",
  summary: "no change of a cluster begins until the freeze ends",
  args: z.strictObject({
    clusterOrAll: nameSchema.describe("name of the cluster, or all"),
    reason: z.string().min(1, "is empty").max(500, "has more than 500 characters").describe("why, for all who read it"),
    until: momentSchema
      .describe("2h or 3d from now, 2026-12-24 for the end of that day, or 2026-12-24T18:00 in UTC")
      .optional(),
  }),
  positional: ["clusterOrAll"],
  examples: ['freeze cluster-1 until=3d reason="end of the year"', 'freeze all reason="array under repair"'],
  act: freezeCluster,
});

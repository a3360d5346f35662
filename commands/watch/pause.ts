import { z } from "zod";
import { defineAction } from "../../src/core/command.ts";
import { durationSchema } from "../../src/core/duration.ts";
import { nameSchema } from "../../src/core/inventory.ts";
import { pauseWatch } from "../../src/watch/watch-pauses.ts";

export const watchPause = defineAction({
  name: "watch pause",
  summary: "no incidents of a cluster for some time",
  args: z.strictObject({
    cluster: nameSchema.describe("name of the cluster"),
    for: durationSchema.describe("how long: 30m, 2h or 3d, at most 30d"),
    reason: z.string().min(1, "is empty").max(500, "has more than 500 characters").describe("why, for all who read it"),
  }),
  positional: ["cluster"],
  examples: ['watch pause cluster-1 for=2h reason="switch replaced"'],
  act: pauseWatch,
});

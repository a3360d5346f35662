import { z } from "zod";
import { unscheduleFreeze } from "../../src/access/freeze-acts.ts";
import { windowSchema } from "../../src/access/freeze-schedule.ts";
import { defineAction } from "../../src/core/command.ts";
import { nameSchema } from "../../src/core/inventory.ts";

export const freezeUnschedule = defineAction({
  name: "freeze unschedule",
  summary: "remove the weekly freezes of a cluster",
  needs: "admin",
  args: z.strictObject({
    clusterOrAll: nameSchema.describe("name of the cluster, or all"),
    window: windowSchema.describe("only this one; default: all of them").optional(),
  }),
  positional: ["clusterOrAll", "window"],
  examples: ["freeze unschedule cluster-1"],
  act: unscheduleFreeze,
});

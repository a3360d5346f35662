import { z } from "zod";
import { scheduleFreeze } from "../../src/access/freeze-acts.ts";
import { timeZoneSchema, windowSchema } from "../../src/access/freeze-schedule.ts";
import { defineAction } from "../../src/core/command.ts";
import { nameSchema } from "../../src/core/inventory.ts";

export const freezeSchedule = defineAction({
  name: "freeze schedule",
  summary: "freeze a cluster each week",
  needs: "admin",
  args: z.strictObject({
    clusterOrAll: nameSchema.describe("name of the cluster, or all"),
    window: windowSchema.describe("from when to when, in local time: Fri 18:00-Mon 07:00"),
    tz: timeZoneSchema.describe("the time zone, Europe/Berlin; summer time is followed"),
  }),
  positional: ["clusterOrAll", "window"],
  examples: ['freeze schedule cluster-1 "Fri 18:00-Mon 07:00" tz=Europe/Berlin'],
  act: scheduleFreeze,
});

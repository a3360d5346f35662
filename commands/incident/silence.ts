import { z } from "zod";
import { defineAction } from "../../src/core/command.ts";
import { durationSchema } from "../../src/core/duration.ts";
import { incidentIdSchema } from "../../src/core/incident.ts";
import { silenceIncident } from "../../src/watch/incident-acts.ts";

export const incidentSilence = defineAction({
  name: "incident silence",
  summary: "no posts about an incident for some time, unless it gets worse",
  onlyForAsker: true,
  args: z.strictObject({
    id: incidentIdSchema.describe("the incident, inc-7"),
    for: durationSchema.describe("how long: 30m, 2h or 3d, at most 30d"),
    reason: z.string().min(1, "is empty").max(500, "has more than 500 characters").describe("why, for all who read it"),
  }),
  positional: ["id"],
  examples: ['incident silence inc-7 for=2h reason="array under repair"'],
  act: silenceIncident,
});

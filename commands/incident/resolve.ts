import { z } from "zod";
import { defineAction } from "../../src/core/command.ts";
import { incidentIdSchema } from "../../src/core/incident.ts";
import { resolveIncident } from "../../src/watch/incident-acts.ts";

export const incidentResolve = defineAction({
  name: "incident resolve",
  summary: "end an incident by hand; what is still found is left out until it ends or gets worse",
  onlyForAsker: true,
  args: z.strictObject({
    id: incidentIdSchema.describe("the incident, inc-7"),
    reason: z.string().min(1, "is empty").max(500, "has more than 500 characters").describe("why, for all who read it"),
  }),
  positional: ["id"],
  examples: ['incident resolve inc-7 reason="host is switched off"'],
  act: resolveIncident,
});

import { z } from "zod";
import { defineAction } from "../../src/core/command.ts";
import { incidentIdSchema } from "../../src/core/incident.ts";
import { acknowledgeIncident } from "../../src/watch/incident-acts.ts";

export const incidentAck = defineAction({
  name: "incident ack",
  summary: "you have this incident: nobody else is called for it",
  onlyForAsker: true,
  args: z.strictObject({
    id: incidentIdSchema.describe("the incident, inc-7"),
  }),
  positional: ["id"],
  examples: ["incident ack inc-7"],
  act: acknowledgeIncident,
});

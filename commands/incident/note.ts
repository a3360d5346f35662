import { z } from "zod";
import { defineAction } from "../../src/core/command.ts";
import { incidentIdSchema } from "../../src/core/incident.ts";
import { noteOnIncident } from "../../src/watch/incident-acts.ts";

export const incidentNote = defineAction({
  name: "incident note",
  summary: "add a note to an incident, for its thread and its report",
  onlyForAsker: true,
  args: z.strictObject({
    id: incidentIdSchema.describe("the incident, inc-7"),
    text: z.string().min(1, "is empty").max(2000, "has more than 2,000 characters").describe("the note"),
  }),
  positional: ["id", "text"],
  takesRest: true,
  examples: ["incident note inc-7 the switch was replaced"],
  act: noteOnIncident,
});

import { z } from "zod";
import { defineAction } from "../../src/core/command.ts";
import { incidentIdSchema } from "../../src/core/incident.ts";
import { assignIncident } from "../../src/watch/incident-acts.ts";

export const incidentAssign = defineAction({
  name: "incident assign",
  summary: "give an incident to a person",
  onlyForAsker: true,
  args: z.strictObject({
    id: incidentIdSchema.describe("the incident, inc-7"),
    to: z
      .string()
      .regex(/^(?:@?[UW][A-Z0-9]+|me)$/, "is not a person: type @ and the name, or me")
      .transform((text) => text.replace(/^@/, ""))
      .describe("the person: a mention, or me"),
  }),
  positional: ["id", "to"],
  examples: ["incident assign inc-7 @U012AB3CD", "incident assign inc-7 me"],
  act: assignIncident,
});

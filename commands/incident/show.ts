import { z } from "zod";
import { defineQuery } from "../../src/core/command.ts";
import { incidentIdSchema } from "../../src/core/incident.ts";
import { incidentShowReply } from "../../src/watch/incident-show.ts";

export const incidentShow = defineQuery({
  name: "incident show",
  summary: "one incident: its cause, what is at risk, who has it, and what happened",
  args: z.strictObject({
    id: incidentIdSchema.describe("the incident, inc-7"),
  }),
  positional: ["id"],
  examples: ["incident show inc-7"],
  answer: incidentShowReply,
});

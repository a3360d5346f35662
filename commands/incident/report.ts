import { z } from "zod";
import { defineQuery } from "../../src/core/command.ts";
import { incidentIdSchema } from "../../src/core/incident.ts";
import { incidentReportReply } from "../../src/watch/incident-report.ts";

export const incidentReport = defineQuery({
  name: "incident report",
  summary: "the timeline of an incident as a Markdown file in its thread, for a review",
  args: z.strictObject({
    id: incidentIdSchema.describe("the incident, inc-7"),
  }),
  positional: ["id"],
  examples: ["incident report inc-7"],
  answer: incidentReportReply,
});

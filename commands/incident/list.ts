import { z } from "zod";
import { defineQuery } from "../../src/core/command.ts";
import { momentSchema } from "../../src/core/moment.ts";
import { incidentListReply } from "../../src/watch/incident-list.ts";

export const incidentList = defineQuery({
  name: "incident list",
  summary: "incidents, open ones or all since a time",
  args: z.strictObject({
    which: z.enum(["open", "all"], "must be open or all").default("all").describe("open: only those that are not over"),
    since: momentSchema.optional().describe("all that lasted until then: 2h, 3d or 2026-11-29T10:00 (UTC)"),
  }),
  positional: ["which"],
  examples: ["incident list open", "incident list since=8h"],
  answer: incidentListReply,
});

import { z } from "zod";
import { defineQuery } from "../../src/core/command.ts";
import { momentSchema } from "../../src/core/moment.ts";
import { shiftReportReply } from "../../src/watch/shift-report.ts";

export const shiftReport = defineQuery({
  name: "shift report",
  summary: "the hand-over for the next shift: open incidents, unknown operations, degraded maps, capacity",
  args: z.strictObject({
    since: momentSchema.default("8h").describe("what ended since then: 8h, 3d or 2026-11-29T10:00 (UTC)"),
  }),
  positional: [],
  examples: ["shift report", "shift report since=12h"],
  answer: shiftReportReply,
});

import { z } from "zod";
import { reviewListReply } from "../../src/access/review-acts.ts";
import { defineQuery } from "../../src/core/command.ts";

export const reviewList = defineQuery({
  name: "review list",
  summary: "plans that ran without their second person, and what admins noted about it",
  args: z.strictObject({}),
  positional: [],
  examples: ["review list"],
  answer: reviewListReply,
});

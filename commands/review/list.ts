import { z } from "zod";
import { reviewListReply } from "../../src/access/review-acts.ts";
import { defineQuery } from "../../src/core/command.ts";

export const reviewList = defineQuery({
  name: "review list",
  summary: "plans without their second person, what became of them, and what admins noted",
  args: z.strictObject({}),
  positional: [],
  examples: ["review list"],
  answer: reviewListReply,
});

import { z } from "zod";
import { closeReview } from "../../src/access/review-acts.ts";
import { defineAction } from "../../src/core/command.ts";
import { reviewIdSchema } from "../../src/core/review.ts";

export const reviewClose = defineAction({
  name: "review close",
  summary: "close the review of a break-glass, with a note",
  needs: "admin",
  args: z.strictObject({
    review: reviewIdSchema.describe("the review, rev-1"),
    note: z.string().min(1, "is empty").max(500, "has more than 500 characters").describe("what the review found"),
  }),
  positional: ["review"],
  examples: ['review close rev-1 note="the approver was ill; carol checked the plan afterwards"'],
  act: closeReview,
});

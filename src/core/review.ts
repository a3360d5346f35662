import { z } from "zod";
import { timeSchema } from "./inventory.ts";

/** A break-glass that an admin must review: a person did without the second person of a plan. */
export const reviewSchema = z.strictObject({
  id: z.string().regex(/^rev-[0-9]+$/),
  /** null: the words were refused, or their plan is not made yet. */
  operationId: z.string().nullable(),
  /** The title and the words of the operation. Without one, both are the words. */
  title: z.string(),
  words: z.string(),
  by: z.string(),
  at: timeSchema,
  reason: z.string(),
  /** A change at a terminal: why Slack could not be reached. null: the plan was in a channel. */
  away: z.string().nullable().default(null),
  /** The places that were notified. */
  notified: z.array(z.string()).max(500),
  /** The places where a notice may have been posted: the call to Slack began, and its result is not known. */
  posting: z.array(z.string()).max(500).default([]),
  /** The admins that Slack can't message. */
  unreachable: z.array(z.string()).max(500).default([]),
  /** The channel's notice of a change at a terminal, and which state of the operation it shows. */
  shown: z.strictObject({ place: z.string(), messageId: z.string(), state: z.string() }).nullable().default(null),
  /** Whether the channel and each admin were notified, and of a change at a terminal also of its end. */
  isNotified: z.boolean(),
  closed: z.strictObject({ by: z.string(), at: timeSchema, note: z.string() }).nullable(),
});
export type Review = z.output<typeof reviewSchema>;

/** The id from any form that people write: `rev-7`, `REV-7` or `7`. */
export const reviewIdSchema = z
  .string()
  .regex(/^(?:rev-)?0*[1-9][0-9]{0,11}$/i, "is not a review; see `review list`")
  .transform((text) => `rev-${Number(text.replace(/^rev-/i, ""))}`);

export interface ReviewFacts {
  /** All open ones, and the latest closed ones. The latest first. */
  all(): readonly Review[];
}

export interface ReviewStore extends ReviewFacts {
  /** Resolves when it is on disk. */
  open(fields: Pick<Review, "operationId" | "title" | "words" | "by" | "at" | "reason" | "away">): Promise<Review>;
  /** Decided at once; resolves when it is on disk. null: there is none. `change` may throw a Refusal. */
  change(id: string, change: (review: Review) => Review): Promise<Review | null>;
}

import { createHash } from "node:crypto";
import { closes, detailsOfReview, whatWasDone } from "../access/review-acts.ts";
import { isQueued, reviewedState } from "../access/reviewed-state.ts";
import type { Operation } from "../core/operation.ts";
import type { Details, Inline, Part, Reply } from "../core/reply.ts";
import type { Review } from "../core/review.ts";
import { OncePosts } from "./once-posts.ts";
import { recordOf } from "./plan-reply.ts";
import type { World } from "./ports.ts";

/** A line of the plan, in characters: a backup's command has its file and its settings. */
const LONGEST_LINE = 300;

/**
 * For the channel and every admin. `operation`: null if there is none, or if it is not kept. `ahead`: the operations that
 * it waits for in the queue.
 */
export const noticeOf = (review: Review, operation: Operation | null, ahead: readonly string[]): Reply =>
  review.away === null ? inChannelNotice(review, operation) : atTerminalNotice(review, operation, ahead);

function inChannelNotice(review: Review, operation: Operation | null): Reply {
  const { operationId, title, words } = review;
  const asked: Inline[] = operation === null ? [] : ["\nAsked by ", { person: operation.askedBy, isQuiet: true }];
  return {
    title: `BREAK-GLASS: ${operationId} may run without a second person`,
    tone: "bad",
    parts: [
      { kind: "text", tone: "bad", text: whatWasDone(review) },
      { kind: "text", text: [{ bold: title }, ...asked, ": ", { code: words }] },
      staysOpen(review),
    ],
    next: [closes(review), ...detailsOfReview(review)],
  };
}

/** The words, the plan and the state that the operation has now. */
function atTerminalNotice(review: Review, operation: Operation | null, ahead: readonly string[]): Reply {
  const { title, words } = review;
  const lost = (operation?.form?.summary ?? []).map((text): Part => ({ kind: "text", text }));
  const lines = (operation?.shown ?? []).map(withoutGuards);
  const { headline, text, tone, isRunning } = reviewedState(review, operation, ahead);
  return {
    title: `BREAK-GLASS at a terminal: ${headline}`,
    tone: "bad",
    parts: [
      { kind: "text", tone: "bad", text: whatWasDone(review) },
      { kind: "text", text: [...(title === words ? [] : [{ bold: title }, ": "]), { code: words }] },
      ...lost,
      { kind: "text", tone, text: isRunning ? [...text, " This message gets its end."] : text },
      ...(review.closed === null ? [staysOpen(review)] : []),
    ],
    next: [...(review.closed === null ? [closes(review)] : []), ...detailsOfReview(review)],
    ...(lines.length > 0 && { details: planDetails(review, lines) }),
    ...(operation !== null && { record: recordOf(operation) }),
  };
}

/** A step's guards are longer than all the rest, and are the same for many steps. */
function withoutGuards(line: string): string {
  const end = line.indexOf(" [first, on ");
  const step = end === -1 ? line : `${line.slice(0, end)} [after its guards]`;
  return step.length > LONGEST_LINE ? `${step.slice(0, LONGEST_LINE)}…` : step;
}

const planDetails = ({ operationId }: Review, lines: readonly string[]): Details => ({
  title: "The plan",
  parts: [
    { kind: "code", lines },
    { kind: "text", text: ["With every guard: ", { code: `audit show ${operationId}` }] },
  ],
});

const staysOpen = ({ id }: Review): Part => ({
  kind: "text",
  text: `${id} stays open until an admin closes it with a note.`,
});

/** What the notice shows of the operation: after another state it is changed. */
export function shownState(
  { operationId, closed }: Review,
  operation: Operation | null,
  ahead: readonly string[],
): string {
  if (operation !== null) return isQueued(operation, ahead) ? `waits for ${ahead.join(" ")}` : operation.state;
  return operationId !== null ? "not kept" : closed === null ? "no plan" : "nothing ran";
}

/** Whether nothing of it can change any more. */
export const isOver = ({ operationId, closed }: Review, operation: Operation | null): boolean =>
  operation === null ? operationId !== null || closed !== null : operation.finishedAt !== null;

/** The new messages with the notice, one in each place. `end`: the message with the end, if the notice is gone. */
export const noticePosts = (
  review: Review,
  { reviews, log }: Pick<World, "reviews" | "log">,
  what: "notice" | "end" = "notice",
): OncePosts =>
  new OncePosts({
    key: createHash("sha256")
      .update([review.id, review.at, review.by, review.words, "break-glass", what].join(" "))
      .digest("hex")
      .slice(0, 32),
    since: review.at,
    posting: review.posting,
    again: {
      kind: "text",
      tone: "warning",
      text: "This may be here twice: the bot was stopped while it posted it, or Slack's answer was lost.",
    },
    async write(posting) {
      try {
        await reviews.change(review.id, (latest) => ({ ...latest, posting: [...posting] }));
      } catch (error) {
        log.error(`${review.id}: writing where its break-glass is posted`, error);
      }
    },
  });

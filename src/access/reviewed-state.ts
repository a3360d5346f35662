import type { Operation } from "../core/operation.ts";
import type { Inline, Tone } from "../core/reply.ts";
import type { Review } from "../core/review.ts";
import { few } from "../core/shared-facts.ts";

interface ReviewedState {
  readonly headline: string;
  readonly text: readonly Inline[];
  readonly tone: Tone;
  readonly isRunning: boolean;
}

/**
 * What became of the plan of a break-glass. `operation`: null if there is none, or if it is not kept. `ahead`: the
 * operations that it waits for in the queue.
 */
export function reviewedState(review: Review, operation: Operation | null, ahead: readonly string[]): ReviewedState {
  if (operation !== null) return stateOfOperation(review, operation, ahead);
  const { title, operationId, closed } = review;
  const as = { tone: "plain", isRunning: false } as const;
  if (operationId !== null) {
    return { ...as, headline: `${title} (${operationId})`, text: ["The audit log has its end."] };
  }
  if (closed === null) return { ...as, headline: "the hosts are checked", text: ["Its plan is not made yet."] };
  return { ...as, headline: "nothing ran", text: [`No step was run: ${closed.note}.`] };
}

/** Whether it is confirmed and waits for the operations `ahead` of it. */
export const isQueued = ({ state }: Operation, ahead: readonly string[]): boolean =>
  state === "confirmed" && ahead.length > 0;

function stateOfOperation({ title, away }: Review, operation: Operation, ahead: readonly string[]): ReviewedState {
  const { id, state, finishedAt, result } = operation;
  if (finishedAt === null && state === "planned") {
    const text = `It waits for its confirmation${away === null ? "" : " at the terminal"}.`;
    return { headline: `${title} waits (${id})`, text: [text], tone: "warning", isRunning: false };
  }
  if (finishedAt === null && isQueued(operation, ahead)) {
    const text = `It waits in the queue, after ${few(ahead)}.`;
    return { headline: `${title} waits in the queue (${id})`, text: [text], tone: "warning", isRunning: false };
  }
  if (finishedAt === null) {
    return { headline: `${title} runs (${id})`, text: ["It runs now."], tone: "warning", isRunning: true };
  }
  const tone = state === "done" ? "good" : state === "cancelled" || state === "expired" ? "plain" : "bad";
  const text: Inline[] = ["It ended ", { bold: state }, " at ", { at: finishedAt }, `: ${result ?? state}.`];
  return { headline: `${title}: ${state} (${id})`, text, tone, isRunning: false };
}

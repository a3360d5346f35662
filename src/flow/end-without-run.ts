import type { Operation, OperationState } from "../core/operation.ts";
import type { OperatorError } from "../core/refusal.ts";
import type { Part } from "../core/reply.ts";
import { withoutRunReply } from "./end-reply.ts";
import { type Endings, notWrittenParts } from "./endings.ts";
import type { Channel, World } from "./ports.ts";

/** The end of an operation of which no step ran. */
interface EndWithoutRun {
  readonly state: Extract<OperationState, "cancelled" | "expired" | "refused">;
  /** One sentence, without its full stop. */
  readonly result: string;
  readonly by: string;
  /** More to read: what changed, what prevents it. */
  readonly parts?: readonly Part[];
  /** The error among the parts. Its fixes become buttons. */
  readonly error?: OperatorError;
  /** The clicked message. It becomes the operation's message. */
  readonly messageId?: string;
  /** Only an operation that passes this check is ended. */
  readonly only?: (before: Operation) => boolean;
}

/**
 * Ends a shown plan: on disk, in the log and in the channel. false if the plan had already ended, since only one of a
 * click and an expiry can end it. Throws if the end can't be written, because a click may still come.
 */
export async function endPlanned(
  id: string,
  end: EndWithoutRun,
  world: World,
  endings: Endings,
  at?: Channel,
): Promise<boolean> {
  const { state, result, messageId, only } = end;
  const finishedAt = world.clock.now().toISOString();
  const patch = { state, result, finishedAt, ...(messageId !== undefined && { messageId }) };
  const operation = await world.operations.change(id, ["planned"], patch, only);
  if (operation === null) return false;
  await endWithoutRun(operation, end, endings, at);
  return true;
}

/**
 * Ends an operation that was confirmed and has not begun. Its end is reported even if it can't be written yet:
 * nothing else reports it.
 */
export async function endWithoutRun(
  operation: Operation,
  end: EndWithoutRun,
  endings: Endings,
  at?: Channel,
): Promise<void> {
  const { state, result, by, parts = [], error } = end;
  const ended = await endings.write(operation, { from: ["planned", "confirmed"], state, result, by });
  const reply = withoutRunReply(ended.operation, by, [...parts, ...notWrittenParts(ended.notWritten)]);
  await endings.notify(ended, error === undefined ? reply : { ...reply, error }, at);
}

/** Ends an operation that a person stopped before its first step. */
export const endLeft = (
  operation: Operation,
  { message: result, by }: { readonly message: string; readonly by: string },
  endings: Endings,
  at: Channel,
): Promise<void> => endWithoutRun(operation, { state: "cancelled", result, by }, endings, at);

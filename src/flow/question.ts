import { errorReply } from "../core/error-reply.ts";
import { NotWritten } from "../core/not-written.ts";
import type { AuditEvent } from "../core/operation.ts";
import type { OperatorError } from "../core/refusal.ts";
import type { Review } from "../core/review.ts";
import type { Answer } from "./answer.ts";
import type { AwayGlass } from "./break-glass.ts";
import type { Asked } from "./facts.ts";
import type { Observation } from "./observation.ts";
import { askedPart } from "./plan-reply.ts";
import type { Conversation, World } from "./ports.ts";
import { NOTHING_CHANGED } from "./refusal-reply.ts";

/** A command that is being answered. */
export interface Question extends Asked {
  readonly conversation: Conversation;
  readonly answer: Answer;
  readonly observation: Observation;
  /** Removes the command from the open ones. */
  readonly close: () => void;
  readonly auditFrom: number;
  /** Why the audit log has no entry for it. A query is answered without one. */
  readonly notLogged: NotWritten | null;
  /** It is done at a terminal, without the channel. */
  readonly glass: (AwayGlass & { readonly review: Review }) | null;
}

/** Writes what a person did, apart from operations, into the audit log. Returns why that failed, or null. */
export async function logged(
  by: string,
  event: AuditEvent,
  { audit }: Pick<World, "audit">,
): Promise<NotWritten | null> {
  try {
    await audit.append(by, null, event);
    return null;
  } catch (error) {
    if (error instanceof NotWritten) return error;
    throw error;
  }
}

/** Says why this person may not do it. */
export const forbid = (why: OperatorError, kind: "query" | "change" | "action", { answer, words, by }: Question) =>
  answer.sendEphemeral(
    errorReply(why, { parts: [askedPart(words, by)], ...(kind === "query" ? {} : { foot: NOTHING_CHANGED }) }),
  );

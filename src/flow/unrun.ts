import type { Operation, OperationState } from "../core/operation.ts";
import type { Part, Reply } from "../core/reply.ts";
import { auditFoot } from "./audit-foot.ts";
import { askedPart } from "./plan-reply.ts";
import type { Channel, World } from "./ports.ts";

/** How an operation ends of which no step was run. */
export interface UnrunEnd {
  readonly from: "planned" | "confirmed";
  readonly state: Extract<OperationState, "cancelled" | "expired" | "refused">;
  /** One sentence, without its full stop. */
  readonly result: string;
  readonly by: string;
  /** More to read: what changed, what stands in the way. */
  readonly parts?: readonly Part[];
  /** The message that was clicked; it becomes the operation's. */
  readonly messageId?: string;
  /** Ends only an operation that is such. */
  readonly only?: (before: Operation) => boolean;
}

/** Ends it on disk, in the log and in the channel; false where it is no longer in the state `from`, so that nothing was ended. */
export async function endUnrun(id: string, end: UnrunEnd, world: World, at?: Channel): Promise<boolean> {
  const { from, state, result, by, messageId, only } = end;
  const finishedAt = world.clock.now().toISOString();
  const patch = { state, result, finishedAt, ...(messageId !== undefined && { messageId }) };
  const ended = await world.operations.change(id, [from], patch, only);
  if (ended === null) return false;
  await world.audit.append(by, id, { kind: "ended", state, result });
  await world.operations.change(id, [state], { auditTo: world.audit.position() });
  const conversation = at ?? world.conversations.at(ended.place);
  const message = { reply: { ...unrunReply(ended, end.parts ?? []), foot: auditFoot(world.audit) } };
  if (ended.messageId === null) await conversation.say(message);
  else await conversation.revise(ended.messageId, message, true);
  await world.operations.change(id, [state], { told: true });
  return true;
}

const unrunReply = (operation: Operation, more: readonly Part[]): Reply => ({
  title: `${operation.title}: ${operation.state} (${operation.id})`,
  tone: operation.state === "refused" ? "bad" : "plain",
  parts: [
    askedPart(operation.words, operation.askedBy),
    { kind: "text", text: `No step was run: ${operation.result ?? operation.state}.` },
    ...more,
  ],
  next: [operation.words],
});

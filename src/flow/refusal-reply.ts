import { randomUUID } from "node:crypto";
import { FrozenRefusal } from "../access/frozen.ts";
import { errorReply } from "../core/error-reply.ts";
import { NotWritten } from "../core/not-written.ts";
import { type OperatorError, operatorError, Refusal, reason } from "../core/refusal.ts";
import { type Part, type Reply, runAgain } from "../core/reply.ts";
import { Undelivered, UndeliveredFromTerminal } from "../core/undelivered.ts";
import { askedPart } from "./plan-reply.ts";
import type { World } from "./ports.ts";

/**
 * An error as an answer. An operator's error has its fix. Anything else is a bug: the answer has an id, the log has
 * the rest.
 */
export function refusalReply(
  error: unknown,
  words: string,
  by: string,
  world: World,
  about: "query" | "change" = "change",
): Reply {
  const known = operatorErrorIn(error, world);
  if (known === null) return bugReply(error, words, by, world);
  const foot = about === "change" && error instanceof Refusal ? { foot: NOTHING_CHANGED } : {};
  const parts = [...peopleIn(error), askedPart(words, by)];
  const reply = errorReply(known, { parts, asked: words, ...foot });
  // Slack or the disk prevented it, so the same command can succeed later.
  return error instanceof Refusal ? reply : { ...reply, next: [...reply.next, runAgain(words)] };
}

/** A refusal within the message of an operation's end. */
export type RefusalShown = Pick<Reply, "parts" | "error">;

export function refusalShown(error: unknown, words: string, world: World): RefusalShown {
  const known = operatorErrorIn(error, world);
  if (known === null) return { parts: bugParts(loggedBug(error, words, world)) };
  const shown = shownError(known);
  return { ...shown, parts: [...shown.parts, ...peopleIn(error)] };
}

/** An error within the message of an operation's end. */
export function shownError(error: OperatorError): RefusalShown & { readonly error: OperatorError } {
  const headline: Part = { kind: "text", text: [{ bold: error.code }, `  ${error.headline}`] };
  return { parts: [headline, ...errorReply(error).parts], error };
}

/** A reason is plain text, and can't show people. */
const peopleIn = (error: unknown): readonly Part[] => (error instanceof FrozenRefusal ? error.parts : []);

export const NOTHING_CHANGED = "Nothing was changed.";

/** The error that an operator can fix; null for a bug. */
function operatorErrorIn(error: unknown, world: Pick<World, "isStopping">): OperatorError | null {
  if (error instanceof Refusal) return error.error;
  if (world.isStopping()) return stopped;
  if (error instanceof Undelivered) return undeliveredError(error);
  return error instanceof NotWritten ? notWrittenError(error) : null;
}

/** Says nothing about what was done. */
export function bugReply(error: unknown, words: string, by: string, world: Pick<World, "log">): Reply {
  const id = loggedBug(error, words, world);
  return {
    title: `This is a bug of the bot (${id})`,
    tone: "bad",
    parts: [askedPart(words, by), ...bugParts(id)],
    next: [runAgain(words), "operation list"],
  };
}

const bugParts = (id: string): Part[] => [
  { kind: "text", text: "We don't know what was done. Send the command again: the bot observes first." },
  { kind: "text", text: `Fix: report the bug with the lines of the bot's log that name ${id}` },
];

/** For a known end if the rest of its message has a bug. */
export const bugPart = (error: unknown, words: string, world: Pick<World, "log">): Part => ({
  kind: "text",
  tone: "warning",
  text: `A bug of the bot prevented the rest of this message. The bot's log has the details: ${loggedBug(error, words, world)}.`,
});

function loggedBug(error: unknown, words: string, world: Pick<World, "log">): string {
  const id = randomUUID().slice(0, 8);
  world.log.error(`bug ${id} while answering ${JSON.stringify(words.slice(0, 200))}`, error);
  return id;
}

/** A slow Slack is neither the operator's error nor a bug. The asker sees the answer that the channel did not take. */
function undeliveredError(error: Undelivered): OperatorError {
  const { place, why, fix } = error;
  const emergency = "in an emergency it is done without the channel, which is notified when Slack is back";
  return operatorError("Slack did not accept the plan, so the change did not begin", [
    reason(
      "SLACK_FAILED",
      `${place} did not accept it: ${why}`,
      fix === null ? "send the command again in a minute" : `${fix}; then send the command again`,
    ),
    error instanceof UndeliveredFromTerminal
      ? reason("SLACK_FAILED", emergency, error.instead)
      : reason("SLACK_FAILED", "a change is made only if its channel can read it"),
  ]);
}

export const notWrittenError = ({ path, why }: NotWritten): OperatorError =>
  operatorError("The bot's data can't be written, so the change did not begin", [
    reason("DATA_NOT_WRITTEN", `${path} can't be written: ${why}`),
    reason("DATA_NOT_WRITTEN", "no step runs without its line in the audit log"),
  ]);

const stopped = operatorError(
  "The bot was stopped while it answered",
  reason(
    "BOT_STOPPED",
    "we don't know whether a step ran; the same command observes first and runs only what is missing",
  ),
);

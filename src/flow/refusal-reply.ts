import { randomUUID } from "node:crypto";
import { NotWritten } from "../core/not-written.ts";
import { Refusal } from "../core/refusal.ts";
import type { Part, Reply } from "../core/reply.ts";
import { Undelivered } from "../core/undelivered.ts";
import { askedPart } from "./plan-reply.ts";
import type { World } from "./ports.ts";

/** An error as an answer. A Refusal says itself what to do; anything else is a bug: an id here, the rest in the log. */
export function refusalReply(
  error: unknown,
  words: string,
  by: string,
  world: World,
  about: "query" | "change" = "change",
): Reply {
  if (error instanceof Refusal) {
    return {
      title: about === "change" ? "Refused: nothing was changed" : "Not possible",
      tone: "bad",
      parts: [
        askedPart(words, by),
        { kind: "text", text: [{ bold: error.doing }, " is not possible:"] },
        ...error.why.map((reason): Part => ({ kind: "text", text: `• ${reason}` })),
      ],
      next: error.next,
      asked: words,
    };
  }
  if (world.isStopping()) return stoppedReply(words, by);
  if (error instanceof Undelivered) return undeliveredReply(error, words, by);
  if (error instanceof NotWritten) return notWrittenReply(error, words, by);
  return bugReply(error, words, by, world);
}

/** Says nothing about what was done. */
export function bugReply(error: unknown, words: string, by: string, world: Pick<World, "log">): Reply {
  const id = loggedBug(error, words, world);
  return {
    title: `This is a bug of the bot (${id})`,
    tone: "bad",
    parts: [
      askedPart(words, by),
      { kind: "text", text: `Nothing is claimed about what was done. The bot's log has the details under ${id}.` },
    ],
    next: ["operation list"],
  };
}

/** For an end that is known, of which a bug kept the rest from being told. */
export const bugPart = (error: unknown, words: string, world: Pick<World, "log">): Part => ({
  kind: "text",
  tone: "warning",
  text: `A bug of the bot kept the rest of this end from being told. The bot's log has the details under ${loggedBug(error, words, world)}.`,
});

function loggedBug(error: unknown, words: string, world: Pick<World, "log">): string {
  const id = randomUUID().slice(0, 8);
  world.log.error(`bug ${id} while answering ${JSON.stringify(words.slice(0, 200))}`, error);
  return id;
}

/** Slack being slow is neither the operator's error nor a bug. An answer that it does not take is whispered instead. */
function undeliveredReply({ place, why, fix }: Undelivered, words: string, by: string): Reply {
  const lines = [
    `• ${place} did not take it: ${why}`,
    "• a change is made only where its channel can read it; this one did not begin",
    `Fix: ${fix === null ? "send the command again in a minute" : `${fix}; then send the command again`}`,
  ];
  return {
    title: "Slack did not take the plan",
    tone: "bad",
    parts: [askedPart(words, by), ...lines.map((text): Part => ({ kind: "text", text }))],
    next: [words],
  };
}

function notWrittenReply({ path, why }: NotWritten, words: string, by: string): Reply {
  const lines = [
    `• ${path} can't be written: ${why}`,
    "• nothing runs without its line in the audit log",
    "Fix: make room there, then send the command again",
  ];
  return {
    title: "The bot's data can't be written",
    tone: "bad",
    parts: [askedPart(words, by), ...lines.map((text): Part => ({ kind: "text", text }))],
    next: [words],
  };
}

const stoppedReply = (words: string, by: string): Reply => ({
  title: "The bot was stopped while it answered",
  tone: "bad",
  parts: [
    askedPart(words, by),
    { kind: "text", text: "Nothing is claimed about what was done. Once the bot runs again, type the same words." },
  ],
  next: [words],
});

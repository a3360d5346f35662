import { randomUUID } from "node:crypto";
import { Refusal } from "../core/refusal.ts";
import type { Part, Reply } from "../core/reply.ts";
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
    };
  }
  if (world.isStopping()) return stoppedReply(words, by);
  const id = randomUUID().slice(0, 8);
  world.log.error(`bug ${id} while answering ${JSON.stringify(words.slice(0, 200))}`, error);
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

const stoppedReply = (words: string, by: string): Reply => ({
  title: "The bot was stopped while it answered",
  tone: "bad",
  parts: [
    askedPart(words, by),
    { kind: "text", text: "Nothing is claimed about what was done. Once the bot runs again, type the same words." },
  ],
  next: [words],
});

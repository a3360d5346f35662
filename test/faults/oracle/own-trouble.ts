import { textIn } from "../../scenario/message-text.ts";
import type { Evidence } from "../evidence.ts";
import { isBots } from "./seen.ts";

/** The bot met no bug of its own, and ended by itself only at a start that was impossible. */
export function ownTrouble({ events, messages, said }: Evidence): string[] {
  const bugs = messages.filter((message) => isBots(message) && /bug of the bot/.test(textIn(message)));
  const lines = said
    .split("\n")
    .filter((line) => /\bbug [0-9a-f]{8}\b|unhandled|Uncaught|(Type|Range|Reference|Syntax)Error\b/i.test(line));
  const ends = events.flatMap((event) =>
    event.kind === "bot" && event.what === "ended by itself" ? [event.text] : [],
  );
  return [
    ...bugs.map((message) => `the channel reads: ${textIn(message).replaceAll("\n", " ").slice(0, 300)}`),
    ...lines.map((line) => `the bot's log reads: ${line.slice(0, 300)}`),
    ...ends
      .filter((text) => !/The bot can't start\n/.test(text))
      .map((text) => `the bot ended by itself: ${text.slice(-600)}`),
  ];
}

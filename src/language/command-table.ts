import type { Command } from "../core/command.ts";
import { argumentsOf, usageOf } from "./arguments.ts";
import { effectOf, grouped } from "./help.ts";

/** The commands as a markdown table, for the README. */
export function commandTable(commands: readonly Command[]): string {
  const rows = grouped(commands).map((command) => [
    `\`${inCell(usageOf(command))}\``,
    effectOf(command) || "reads",
    inCell(command.summary),
  ]);
  return [["command", "effect", "what it does"], ["---", "---", "---"], ...rows]
    .map((cells) => `| ${cells.join(" | ")} |`)
    .join("\n");
}

const inCell = (text: string): string => text.replaceAll("|", "\\|");

/** What a command line needs to complete what is typed. */
export interface CommandCompletion {
  readonly name: string;
  readonly summary: string;
  readonly usage: string;
  readonly keys: string[];
}
export const completionsOf = (commands: readonly Command[]): CommandCompletion[] =>
  grouped(commands).map((command) => ({
    name: command.name,
    summary: command.summary,
    usage: usageOf(command),
    keys: argumentsOf(command).flatMap(({ key, positional }) => (positional ? [] : [key])),
  }));

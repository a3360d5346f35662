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

/** What a command line needs for completion. */
interface CommandCompletion {
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

const begin = "<!-- commands: written by npm run readme -->";
const end = "<!-- end of commands -->";

/** Replaces the table of commands in the README. Throws if its two markers are missing. */
export function withCommandTable(readme: string, commands: readonly Command[]): string {
  const from = readme.indexOf(begin);
  const to = readme.indexOf(end);
  if (from < 0 || to < from) throw new Error(`README.md needs the marks ${begin} and ${end}`);
  return `${readme.slice(0, from)}${begin}\n${commandTable(commands)}\n${readme.slice(to)}`;
}

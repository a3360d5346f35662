import type { Command } from "../core/command.ts";
import { argumentsOf } from "./arguments.ts";
import { tasks } from "./tasks.ts";

/**
 * The commands that contain each of the words in the name, the summary, an argument or an example. Those with a word in
 * their name come first.
 */
export function foundBy(wanted: string, commands: readonly Command[]): Command[] {
  const words = wanted.slice(0, 100).split(" ");
  const hasAll = (text: string): boolean => words.every((word) => text.toLowerCase().includes(word));
  const textOf = (command: Command): string =>
    [
      ...[command.name, command.summary, ...command.examples],
      ...argumentsOf(command).flatMap(({ key, description }) => [key, description]),
      ...tasks.flatMap(([task, names]) => (names.includes(command.name) ? [task] : [])),
    ].join("\n");
  const rankOf = (command: Command): number => [command.name, command.summary].findIndex(hasAll);
  const rank = (command: Command): number => (rankOf(command) === -1 ? 2 : rankOf(command));
  // The help of `help` contains the words of its examples, and none of them is about it.
  const others = commands.filter(({ name }) => name !== "help");
  return others.filter((command) => hasAll(textOf(command))).sort((one, other) => rank(one) - rank(other));
}

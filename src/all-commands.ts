import { commands as listed } from "../commands/index.ts";
import { helpCommand } from "./language/help.ts";
import { understand } from "./language/understand.ts";

/** All commands, `help` included. */
export const commands = [...listed, helpCommand(listed)];

/** Whether this line changes something, so that people in the channel must read of it. */
export function isChange(words: string): boolean {
  const understood = understand(words, commands);
  return understood.kind === "command" && understood.command.kind !== "query";
}

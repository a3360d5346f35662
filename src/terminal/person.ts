import { userInfo } from "node:os";

/**
 * Who types in a terminal, as the bot knows it: the user whose process holds the data folder. Only that user can open the
 * socket in it, or somebody as powerful; what the other end calls itself counts for nothing.
 */
export const terminalPerson = (): string => `terminal:${userName()}`;

function userName(): string {
  try {
    return userInfo().username;
  } catch {
    // In a container a user may have a number and no name.
    return `user-${process.getuid?.() ?? "unknown"}`;
  }
}

import { userInfo } from "node:os";

/**
 * The person at a terminal: the user of the process that has locked the data folder. Only that user, or root, can open
 * the socket in it. The name that the other end sends is ignored.
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

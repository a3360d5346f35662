import { createHash } from "node:crypto";

/**
 * Identifies the bot of a data folder for other systems: two bots may both have an `inc-7` and an entry 7. It does not
 * show the key.
 */
export const botLabel = (buttonKey: string): string =>
  createHash("sha256").update(`${buttonKey} alerts`).digest("hex").slice(0, 8);

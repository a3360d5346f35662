import { OutputNotUnderstood } from "../core/host-command.ts";
import type { Limits } from "../core/limits.ts";

const [QUOTE, NEWLINE, BACKSLASH] = [34, 10, 92];
const OPENING: readonly number[] = [91, 123];
const CLOSING: readonly number[] = [93, 125];

/**
 * Before anything is made of it: what is nested 100,000 deep takes seconds to read, and more to tell of. A string ends with
 * its line, whatever is in it.
 */
export function refuseDeep(program: string, text: string, { depth: deepest }: Limits): void {
  let depth = 0;
  let inString = false;
  // Character by character: every read of JSON passes here, and expressions take three times as long.
  for (let at = 0; at < text.length; at++) {
    const code = text.charCodeAt(at);
    if (inString) {
      if (code === BACKSLASH) at++;
      else if (code === QUOTE || code === NEWLINE) inString = false;
    } else if (code === QUOTE) inString = true;
    else if (CLOSING[0] === code || CLOSING[1] === code) depth--;
    else if (OPENING[0] === code || OPENING[1] === code) {
      depth++;
      if (depth <= deepest) continue;
      const expected = `JSON of at most ${deepest} levels was expected; more is implausible, and JSON`;
      throw new OutputNotUnderstood(program, text, expected);
    }
  }
}

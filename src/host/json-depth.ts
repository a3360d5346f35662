import { OutputNotUnderstood } from "../core/host-command.ts";
import { DEEPEST_JSON } from "../core/limits.ts";
import { Brackets } from "../core/parts.ts";

/** Before anything is made of it: what is nested 100,000 deep takes seconds to read, and more to tell of. */
export function refuseDeep(program: string, text: string): void {
  const brackets = new Brackets(text);
  while (brackets.next() !== -1) {
    if (brackets.open.length > DEEPEST_JSON) {
      const expected = `JSON of at most ${DEEPEST_JSON} levels was expected; more is implausible, and JSON`;
      throw new OutputNotUnderstood(program, text, expected);
    }
  }
}

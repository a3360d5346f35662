import { z } from "zod";
import type { LocalWorkspace } from "../../src/workspace/server/local-workspace.ts";
import type { Envelope } from "../../src/workspace/server/socket-mode.ts";

/** The latest envelope of such a payload that the bot was sent. */
export function lastSent(workspace: LocalWorkspace, matches: RegExp): Envelope {
  const found = workspace.faults.sent().findLast((envelope) => matches.test(JSON.stringify(envelope)));
  if (found === undefined) throw new Error(`nothing like ${matches} was sent`);
  return found;
}

const objectSchema = z.record(z.string(), z.unknown());

/** The envelope with values put in at such places of its payload: `{ "event.ts": "1.2" }`; undefined takes one out. */
export function changed(envelope: Envelope, values: Readonly<Record<string, unknown>>): Envelope {
  const payload = objectSchema.parse(structuredClone(envelope.payload));
  for (const [path, value] of Object.entries(values)) {
    const names = path.split(".");
    const last = names.pop() ?? "";
    let at: Record<string, unknown> = payload;
    for (const name of names) {
      const next = at[name];
      if (typeof next !== "object" || next === null) throw new Error(`there is no ${path} in the payload`);
      at = next as Record<string, unknown>;
    }
    at[last] = value;
  }
  return { ...envelope, payload };
}

let made = 0;
/** An id that no action had. */
export const newTrigger = (): string => `${Date.now()}.1.${++made}`;

import { userInfo } from "node:os";
import { fitsOneOf } from "./pattern.ts";

/** What is known of a host when OpenSSH reads a `Host` or `Match` line. */
interface KnownSoFar {
  /** As people type it. */
  readonly host: string;
  /** After `HostName`, if a line before has set it. */
  hostName(): string;
  /** Of a line before. null: none. */
  readonly user: string | null;
}

/** Whether the lines of a `Host` or `Match` block count. */
export type Condition = (known: KnownSoFar) => boolean;

export const ofHost =
  (patterns: readonly string[]): Condition =>
  ({ host }) =>
    fitsOneOf(patterns, host);

type Criterion = (patterns: string, known: KnownSoFar) => boolean;

const CRITERIA: Readonly<Record<string, Criterion>> = {
  host: (patterns, known) => fitsOneOf(patterns.toLowerCase().split(","), known.hostName().toLowerCase()),
  originalhost: (patterns, { host }) => fitsOneOf(patterns.toLowerCase().split(","), host.toLowerCase()),
  user: (patterns, { user }) => fitsOneOf(patterns.split(","), user ?? localUser()),
  localuser: (patterns) => fitsOneOf(patterns.split(","), localUser()),
};

/** `words`: what is after `Match`. Throws if the bot can't know whether the block counts. */
export function ofMatch(words: readonly string[]): Condition {
  const line = `"Match ${words.join(" ").slice(0, 100)}"`;
  const [only = ""] = words;
  if (words.length === 1 && only.toLowerCase() === "all") return () => true;
  const conditions: Condition[] = [];
  for (let at = 0; at < words.length; at += 2) {
    const [word = "", patterns] = words.slice(at, at + 2);
    const isNegated = word.startsWith("!");
    const name = word.slice(isNegated ? 1 : 0).toLowerCase();
    if (name === "all") throw new Error(`its line ${line} has all and more: write Match all, or leave all out`);
    const criterion = Object.hasOwn(CRITERIA, name) ? CRITERIA[name] : undefined;
    if (criterion === undefined) {
      const fix = `use ${Object.keys(CRITERIA).join(", ")} or all, or remove the block`;
      throw new Error(`its line ${line} has ${name.slice(0, 40)}, which the bot does not know: ${fix}`);
    }
    if (patterns === undefined) throw new Error(`its line ${line} has no pattern after ${name}: add one`);
    conditions.push((known) => criterion(patterns, known) !== isNegated);
  }
  return (known) => conditions.every((each) => each(known));
}

function localUser(): string {
  try {
    return userInfo().username;
  } catch {
    throw new Error("a Match line compares users, and the bot's own user has no name: set User in a line before it");
  }
}

import type { Completion } from "../page-protocol.ts";

export interface Suggestion {
  readonly label: string;
  readonly detail: string;
  /** Replaces the text from `from` on. */
  readonly insert: string;
}
export interface Completing {
  /** Where in the text the suggestion begins. */
  readonly from: number;
  readonly suggestions: readonly Suggestion[];
  /** The command being typed, for its usage. */
  readonly command: Completion | null;
}

const NOTHING: Completing = { from: 0, suggestions: [], command: null };

/** What can follow `head`, the text before the caret. `starters` are what commands begin with: `/zstack`, `@zstack`. */
export function complete(head: string, starters: readonly string[], completions: readonly Completion[]): Completing {
  const starter = starters.find((each) => head.toLowerCase().startsWith(`${each} `));
  if (starter === undefined) {
    const fitting = head === "" ? [] : starters.filter((each) => each.startsWith(head.toLowerCase()));
    return { ...NOTHING, suggestions: fitting.map((each) => ({ label: each, detail: "", insert: `${each} ` })) };
  }
  const rest = head.slice(starter.length).trimStart();
  const command = commandIn(rest, completions);
  return command !== null && rest.length > command.name.length
    ? keysOf(command, rest, head.length)
    : { from: head.length - rest.length, suggestions: commandsLike(rest, completions), command };
}

/** The longest command with which the line begins. */
function commandIn(rest: string, completions: readonly Completion[]): Completion | null {
  const fitting = completions.filter(({ name }) => rest === name || rest.startsWith(`${name} `));
  return fitting.reduce<Completion | null>(
    (longest, each) => (longest === null || each.name.length > longest.name.length ? each : longest),
    null,
  );
}

function commandsLike(rest: string, completions: readonly Completion[]): readonly Suggestion[] {
  const typed = rest.toLowerCase().replace(/\s+/g, " ");
  const begins = completions.filter(({ name }) => name.startsWith(typed));
  const inside = completions.filter(
    ({ name }) => !name.startsWith(typed) && name.split(" ").some((word) => word.startsWith(typed)),
  );
  return [...begins, ...inside].map(({ name, summary }) => ({ label: name, detail: summary, insert: `${name} ` }));
}

function keysOf(command: Completion, rest: string, end: number): Completing {
  const words = rest.slice(command.name.length);
  const inQuotes = (words.match(/"/g) ?? []).length % 2 === 1;
  const token = words.match(/\S*$/)?.[0] ?? "";
  const used = new Set([...words.matchAll(/(?:^|\s)([\w-]+)=/g)].map(([, key]) => key));
  const keys =
    inQuotes || token.includes("=") ? [] : command.keys.filter((key) => key.startsWith(token) && !used.has(key));
  return {
    from: end - token.length,
    suggestions: keys.map((key) => ({ label: `${key}=`, detail: "", insert: `${key}=` })),
    command,
  };
}

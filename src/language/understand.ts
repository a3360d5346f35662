import type { Command } from "../core/command.ts";
import type { Inline, Part, Reply } from "../core/reply.ts";
import { usageOf } from "./arguments.ts";
import { bind, type Problem, shortened } from "./bind.ts";
import { strangeLetter } from "./look-alikes.ts";
import { nearest, nearestNames } from "./nearest.ts";
import { type Token, type Tokens, tokenise } from "./tokenise.ts";

export type Understood =
  | { readonly kind: "command"; readonly command: Command; readonly args: Readonly<Record<string, unknown>> }
  /** Nothing, or only the first word of some commands, was typed; or `--help` after a command. "" asks for all. */
  | { readonly kind: "help"; readonly topic: string }
  | { readonly kind: "misunderstood"; readonly reply: Reply };

const longestLine = 8000;
const mostProblems = 10;
/** A suggestion repeats the rest of a line only where it stays readable. */
const longestSuggestion = 200;

/** Whether the names in a command's arguments are known, so that it is not refused for them. */
export type Knows = (command: Command, args: Readonly<Record<string, unknown>>) => boolean;

/**
 * Finds the command by the longest words that match, and binds its arguments. Never throws, and never guesses: what is
 * near is suggested, and only words of the language are; names and WWIDs stay as they were typed. No line is suggested that
 * would be refused for its words, or for a name that nobody `knows`.
 */
export function understand(line: string, commands: readonly Command[], knows: Knows = () => true): Understood {
  if (line.length > longestLine) return misunderstood(tooLong(line.length));
  const read = tokenise(line);
  if (read.kind === "unreadable") return misunderstood(unreadable(read, line));
  const words = leadingWords(read.tokens);
  const command = longestMatch(words, commands);
  if (command === null) return withoutCommand(line, read.tokens, words, commands, knows);
  const rest = read.tokens.slice(command.name.split(" ").length);
  if (asksForHelp(rest)) return { kind: "help", topic: command.name };
  const bound = bind(command, rest);
  if (bound.kind === "problems") return misunderstood(misbound(command, bound.problems));
  return { kind: "command", command, args: bound.args };
}

/** The words before the first pair or quoted word, as command words: in lower case. */
function leadingWords(tokens: readonly Token[]): string[] {
  const end = tokens.findIndex((token) => token.kind !== "word" || token.quoted);
  const leading = end === -1 ? tokens : tokens.slice(0, end);
  return leading.flatMap((token) => (token.kind === "word" ? [token.text.toLowerCase()] : []));
}

function longestMatch(words: readonly string[], commands: readonly Command[]): Command | null {
  const byName = new Map(commands.map((command) => [command.name, command]));
  const longest = Math.max(0, ...commands.map(({ name }) => name.split(" ").length));
  for (let count = Math.min(longest, words.length); count > 0; count--) {
    const command = byName.get(words.slice(0, count).join(" "));
    if (command !== undefined) return command;
  }
  return null;
}

/** Not `help`: a thing may be called that. */
const asksForHelp = (tokens: readonly Token[]): boolean => {
  const [only, ...more] = tokens;
  return (
    more.length === 0 && only?.kind === "word" && !only.quoted && ["--help", "-help", "-h", "?"].includes(only.text)
  );
};

function withoutCommand(
  line: string,
  tokens: readonly Token[],
  words: readonly string[],
  commands: readonly Command[],
  knows: Knows,
): Understood {
  if (tokens.length === 0 || asksForHelp(tokens)) return { kind: "help", topic: "" };
  const group = words[0] ?? "";
  const ofGroup = commands.filter(({ name }) => name.startsWith(`${group} `)).map(({ name }) => name);
  const more = tokens.slice(1);
  if (ofGroup.length > 0 && (more.length === 0 || asksForHelp(more) || (more.length === 1 && words[1] === "help"))) {
    return { kind: "help", topic: group };
  }
  return misunderstood(noSuchCommand(line, tokens, words.length > 0 ? words : [line.trim()], commands, knows));
}

function noSuchCommand(
  line: string,
  tokens: readonly Token[],
  words: readonly string[],
  commands: readonly Command[],
  knows: Knows,
): Reply {
  const names = commands.map(({ name }) => name);
  const [first = ""] = words;
  const title = (count: number): string => `There is no command "${shortened(words.slice(0, count).join(" "))}"`;
  const near = nearestNames(words.slice(0, 4), names);
  const letter = strangeLetter(words.join(" "));
  const strange: Part[] = letter === null ? [] : [{ kind: "text", text: letter }];
  if (near.length > 0) {
    const longest = Math.max(...near.map((name) => name.split(" ").length));
    const lines = near.map((name) => ({ name, line: corrected(line, tokens, words.length, name) }));
    const good = lines.filter((each) => isAccepted(each.line, commands, knows)).map((each) => each.line);
    const next = lines.map(({ name, line: each }) => (good.includes(each) ? each : `help ${name}`));
    const parts = [good.length > 0 ? didYouMean(good) : nearestAre(near)];
    return { title: title(longest), tone: "warning", parts: [...parts, ...strange], next };
  }
  const ofGroup = names.filter((name) => name.startsWith(`${first} `));
  if (ofGroup.length > 0) {
    const known: Part = { kind: "text", text: ["There are ", ...listed(ofGroup), "."] };
    return { title: title(2), tone: "warning", parts: [known, ...strange], next: [`help ${first}`] };
  }
  const groups = nearest(first, [...new Set(names.map((name) => name.split(" ", 1)[0] ?? ""))]);
  const parts = groups.length > 0 ? [didYouMean(groups)] : [];
  return {
    title: title(1),
    tone: "warning",
    parts: [...parts, ...strange],
    next: [...groups.map((group) => `help ${group}`), "help"],
  };
}

/** The line with the command's words put right and all else as it was typed. */
function corrected(line: string, tokens: readonly Token[], typedWords: number, name: string): string {
  const after = tokens[Math.min(name.split(" ").length, typedWords)];
  const suggestion = after === undefined ? name : `${name} ${line.slice(after.column - 1).trim()}`;
  return suggestion.length <= longestSuggestion ? suggestion : name;
}

function isAccepted(line: string, commands: readonly Command[], knows: Knows): boolean {
  const understood = understand(line, commands, knows);
  return understood.kind === "help" || (understood.kind === "command" && knows(understood.command, understood.args));
}

const nearestAre = (names: readonly string[]): Part => ({
  kind: "text",
  text: ["The nearest commands are ", ...listed(names), "; these words are not enough, or name what is not there."],
});

const didYouMean = (names: readonly string[]): Part => ({
  kind: "text",
  text: ["Did you mean ", ...listed(names), "?"],
});

const listed = (names: readonly string[]): Inline[] =>
  names.flatMap((name, index): Inline[] => (index === 0 ? [{ code: name }] : [", ", { code: name }]));

function misbound(command: Command, problems: readonly Problem[]): Reply {
  const shown = problems.slice(0, mostProblems).map((text): Part => ({ kind: "text", text }));
  const left = problems.length - shown.length;
  return {
    title: `"${command.name}" was not understood; nothing was run`,
    tone: "warning",
    parts: [
      ...shown,
      ...(left > 0 ? [{ kind: "text", text: `…and ${left} more.` } as const] : []),
      { kind: "code", caption: "Usage", lines: [usageOf(command)] },
      { kind: "code", caption: "For example", lines: [command.examples[0]] },
    ],
    next: [`help ${command.name}`],
  };
}

function unreadable(read: Extract<Tokens, { kind: "unreadable" }>, line: string): Reply {
  const here = shortened(line.slice(read.column - 1).trim());
  return {
    title: "This line can't be read; nothing was run",
    tone: "warning",
    parts: [
      { kind: "text", text: [`At column ${read.column} there is ${read.problem}: `, { code: here }] },
      advice(read.advice),
    ],
    next: ["help"],
  };
}
const advice = (text: string): Part => ({ kind: "text", text: `Next: ${text}.` });

const tooLong = (length: number): Reply => ({
  title: "This line is too long; nothing was run",
  tone: "warning",
  parts: [{ kind: "text", text: `It has ${length} characters; a command has at most ${longestLine}.` }],
  next: ["help"],
});

const misunderstood = (reply: Reply): Understood => ({ kind: "misunderstood", reply });

import type { Change, Command } from "../core/command.ts";
import { errorReply } from "../core/error-reply.ts";
import type { GuidedForm } from "../core/guided-form.ts";
import { type Fix, operatorError, type Reason, reason } from "../core/refusal.ts";
import { type Reply, textOf } from "../core/reply.ts";
import { type Argument, usageOf } from "./arguments.ts";
import { bind, type Problem, shortened } from "./bind.ts";
import { unexpectedLetter } from "./look-alikes.ts";
import { nearest, nearestNames } from "./nearest.ts";
import { foundBy } from "./search.ts";
import { quote, type Token, type Tokens, tokenise } from "./tokenise.ts";

export type Understood =
  | { readonly kind: "command"; readonly command: Command; readonly args: Readonly<Record<string, unknown>> }
  /** The line is empty. */
  | { readonly kind: "menu" }
  /** The line is the first word of some commands, or contains `--help`. An empty text asks for all help. */
  | { readonly kind: "help"; readonly topic: string }
  /** A change that has a form, typed without arguments. `reply`: its usage, if no form can open. */
  | { readonly kind: "form"; readonly command: Change; readonly form: GuidedForm; readonly reply: Reply }
  /**
   * `lacks`: the only missing argument. Null if something else is wrong. `short`: the command, if it lacks one or more
   * arguments and nothing else is wrong.
   */
  | {
      readonly kind: "misunderstood";
      readonly reply: Reply;
      readonly lacks: MissingArgument | null;
      readonly short: ShortCommand | null;
    };

/** A command without some of its arguments. */
export interface ShortCommand {
  readonly command: Command;
  /** The arguments that the line has. */
  readonly given: Readonly<Record<string, unknown>>;
  readonly missing: readonly Argument[];
  /** The line with a value for each missing argument. */
  with(values: Readonly<Record<string, string>>): string;
}

export interface MissingArgument {
  readonly command: Command;
  readonly key: string;
  /** The line with a value for the argument. */
  with(value: string): string;
}

const longestLine = 8000;
const mostProblems = 10;
/** A suggestion repeats the rest of a line only if it stays readable. */
const longestSuggestion = 200;

/** Whether the names in a command's arguments exist, so that the command is not refused because of them. */
type Knows = (command: Command, args: Readonly<Record<string, unknown>>) => boolean;

/**
 * Finds the command with the longest matching name and binds its arguments. It never throws and never guesses. It
 * suggests similar commands and arguments; names and WWIDs do not change. It does not suggest a line that would be
 * refused, or that contains an unknown name.
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
  if (bound.kind === "problems") {
    if (command.kind === "change" && command.form !== undefined && rest.length === 0) {
      return { kind: "form", command, form: command.form, reply: misbound(command, bound.problems) };
    }
    const { problems, given, lacks } = bound;
    const [only, ...others] = lacks;
    return {
      kind: "misunderstood",
      reply: misbound(command, problems),
      lacks: only === undefined || others.length > 0 ? null : lacksOf(command, only, line),
      short:
        lacks.length === 0
          ? null
          : { command, given, missing: lacks, with: (values) => withValues(line, lacks, values) },
    };
  }
  return { kind: "command", command, args: bound.args };
}

/** The words before the first pair or quoted word, in lower case. */
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

/** Without `help`, because an object may have this name. */
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
  if (tokens.length === 0) return { kind: "menu" };
  if (asksForHelp(tokens)) return { kind: "help", topic: "" };
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
  const letter = unexpectedLetter(words.join(" "));
  const unknown = (count: number, why: string, fixes: readonly Fix[], next: readonly string[]): Reply => {
    const unexpected = letter === null ? [] : [reason("UNKNOWN_COMMAND", letter)];
    const error = operatorError(title(count), [reason("UNKNOWN_COMMAND", why, ...fixes), ...unexpected], { next });
    return errorReply(error, { tone: "warning" });
  };
  if (near.length > 0) {
    const longest = Math.max(...near.map((name) => name.split(" ").length));
    const lines = near.map((name) => ({ name, line: corrected(line, tokens, words.length, name) }));
    const good = lines.filter((each) => isAccepted(each.line, commands, knows));
    // Only the most similar one is a fix, because another command may do something else.
    const fixes = lines[0] !== undefined && good.includes(lines[0]) ? good : [];
    const next = lines
      .filter((each) => !fixes.includes(each))
      .map((each) => (good.includes(each) ? each.line : `help ${each.name}`));
    const others = good.length > 0 ? "" : `; ${near.length === 1 ? "it needs" : "they need"} other arguments`;
    // The fixes name the commands: the headline is the whole reason.
    const why = fixes.length > 0 ? "" : `${nearestAre(near)}${others}`;
    return unknown(
      longest,
      why,
      fixes.map((each, index) => ({ run: each.line, ...(index > 0 && { or: true as const }) })),
      next,
    );
  }
  const ofGroup = names.filter((name) => name.startsWith(`${first} `));
  if (ofGroup.length > 0) return unknown(2, `commands of this group: ${ofGroup.join(", ")}`, [], [`help ${first}`]);
  const groups = nearest(first, [...new Set(names.map((name) => name.split(" ", 1)[0] ?? ""))]);
  const why =
    groups.length > 0
      ? nearestAre(names.filter((name) => groups.some((group) => name.startsWith(`${group} `))))
      : "no command has a similar name";
  // Help may contain words that are not the name of a command.
  const found =
    groups.length === 0 && /^[a-z]{3,20}$/.test(first) && foundBy(first, commands).length > 0 ? [first] : [];
  return unknown(1, why, [], [...[...groups, ...found].map((word) => `help ${word}`), "help"]);
}

/** The line with corrected command words. Nothing else changes. */
function corrected(line: string, tokens: readonly Token[], typedWords: number, name: string): string {
  const after = tokens[Math.min(name.split(" ").length, typedWords)];
  const suggestion = after === undefined ? name : `${name} ${line.slice(after.column - 1).trim()}`;
  return suggestion.length <= longestSuggestion ? suggestion : name;
}

const nearestAre = (names: readonly string[]): string =>
  `the nearest ${names.length === 1 ? "command is" : "commands are"} ${names.join(", ")}`;

function isAccepted(line: string, commands: readonly Command[], knows: Knows): boolean {
  const understood = understand(line, commands, knows);
  return understood.kind === "help" || (understood.kind === "command" && knows(understood.command, understood.args));
}

function misbound(command: Command, problems: readonly Problem[]): Reply {
  const wrong = (text: string) => reason("WRONG_ARGUMENTS", text);
  const [first = "", ...others] = problems.slice(0, mostProblems).map(textOf);
  const left = problems.length - 1 - others.length;
  const more = left > 0 ? [wrong(`…and ${left} more`)] : [];
  const reasons = [wrong(first), ...others.map(wrong), ...more] as const;
  const error = operatorError(`"${command.name}" was not understood`, reasons, { next: [`help ${command.name}`] });
  return errorReply(error, {
    tone: "warning",
    foot: NOT_RUN,
    parts: [
      { kind: "code", caption: "Usage", lines: [usageOf(command)] },
      { kind: "code", caption: "Example", lines: [command.examples[0]] },
    ],
  });
}

const NOT_RUN = "Nothing was run.";

function unreadable(read: Extract<Tokens, { kind: "unreadable" }>, line: string): Reply {
  const here = shortened(line.slice(read.column - 1).trim());
  const why = `at column ${read.column} there is ${read.problem}: ${here}`;
  return cantRead(reason("UNREADABLE_LINE", why, read.advice));
}

const tooLong = (length: number): Reply => {
  const why = `it has ${length} characters; a command has at most ${longestLine}`;
  return cantRead(reason("UNREADABLE_LINE", why, "shorten the line, or send several commands"));
};

const cantRead = (why: Reason): Reply =>
  errorReply(operatorError("This line can't be read", why, { next: ["help"] }), { tone: "warning", foot: NOT_RUN });

/** The line with values. A value by position comes after the words that are there. */
function withValues(line: string, lacks: readonly Argument[], values: Readonly<Record<string, string>>): string {
  const texts = lacks.map(({ key, positional }) => `${positional ? "" : `${key}=`}${quote(values[key] ?? "")}`);
  return [line.trim(), ...texts].join(" ");
}

const misunderstood = (reply: Reply): Understood => ({
  kind: "misunderstood",
  reply,
  lacks: null,
  short: null,
});

const lacksOf = (command: Command, { key, positional }: Argument, line: string): MissingArgument => ({
  command,
  key,
  with: (value) => `${line.trim()} ${positional ? "" : `${key}=`}${quote(value)}`,
});

import type { z } from "zod";
import type { Command } from "../core/command.ts";
import type { Inline } from "../core/reply.ts";
import { type Argument, argumentsOf, shapeOf } from "./arguments.ts";
import { issueWords } from "./issue-words.ts";
import { mixesLetters, unexpectedLetter } from "./look-alikes.ts";
import { nearest } from "./nearest.ts";
import type { Token } from "./tokenise.ts";

/** The problem, ready to be shown. */
export type Problem = readonly Inline[];
type Bound =
  | { readonly kind: "bound"; readonly args: Readonly<Record<string, unknown>> }
  /** `lacks`: the missing arguments, if nothing else is wrong. `given`: then the others. */
  | {
      readonly kind: "problems";
      readonly problems: readonly Problem[];
      readonly lacks: readonly Argument[];
      readonly given: Readonly<Record<string, unknown>>;
    };

/**
 * Binds what follows the command's name to its arguments, with the command's schema. Otherwise it returns all problems
 * at once.
 */
export function bind(command: Command, tokens: readonly Token[]): Bound {
  const known = argumentsOf(command);
  const { given, problems } = collect(command, tokens, known);
  const missing = known.filter(({ required, key }) => required && !given.has(key));
  const wasUnderstood = problems.length === 0;
  problems.push(...missing.map((argument): Problem => missingProblem(argument)));
  problems.push(...[...given].flatMap(([key, value]) => mixedProblem(key, value)));
  const schema: z.ZodObject = command.args;
  const parsed = schema.safeParse(Object.fromEntries(given), { error: issueWords });
  if (parsed.success && problems.length === 0) return { kind: "bound", args: parsed.data };
  const absent = new Set(missing.map(({ key }) => key));
  const isReported = (key: string): boolean => absent.has(key) || mixedProblem(key, given.get(key) ?? "").length > 0;
  const issues = (parsed.error?.issues ?? []).filter(({ path }) => !isReported(String(path[0])));
  problems.push(...issues.map((issue): Problem => issueProblem(issue, given)));
  if (!wasUnderstood || problems.length > missing.length) return { kind: "problems", problems, lacks: [], given: {} };
  const shape: Readonly<Record<string, z.ZodType>> = schema.shape;
  const others = [...given].map(([key, value]) => [key, shape[key]?.parse(value)]);
  return { kind: "problems", problems, lacks: missing, given: Object.fromEntries(others) };
}

/** A value as it is shown in a message: at most 40 characters. */
export function shortened(value: string): string {
  const characters = [...value.slice(0, 82)];
  return characters.length <= 40 && value.length <= 82 ? value : `${characters.slice(0, 40).join("")}…`;
}

function collect(command: Command, tokens: readonly Token[], known: readonly Argument[]) {
  const given = new Map<string, string>();
  const problems: Problem[] = [];
  const give = (key: string, value: string): void => {
    const before = given.get(key);
    if (before === undefined) given.set(key, value);
    else
      problems.push([
        { code: key },
        " is given twice: ",
        { code: shortened(before) },
        " and ",
        { code: shortened(value) },
      ]);
  };
  const places = command.positional;
  const isKnown = (key: string) => known.some((each) => each.key.toLowerCase() === key.toLowerCase());
  // A text that takes all that follows may contain `key=value` too. Alone, it is a key with a typing error.
  const hasText = tokens.filter(({ kind }) => kind === "word").length >= places.length;
  const isText = (token: Token) =>
    command.takesRest === true && hasText && token.kind === "pair" && !isKnown(token.key);
  const words = tokens.flatMap((token) =>
    token.kind === "word" ? [token.text] : isText(token) ? [`${token.key}=${token.value}`] : [],
  );
  const [inPlace, extra] = command.takesRest
    ? [withRest(words, places.length - 1), []]
    : [words.slice(0, places.length), words.slice(places.length)];
  for (const [index, word] of inPlace.entries()) give(places[index] ?? "", word);
  if (extra.length > 0) problems.push(extraProblem(extra, command));
  const unknown: Extract<Token, { kind: "pair" }>[] = [];
  for (const token of tokens) {
    if (token.kind !== "pair" || isText(token)) continue;
    const argument = known.find(({ key }) => key.toLowerCase() === token.key.toLowerCase());
    if (argument === undefined) unknown.push(token);
    else give(argument.key, token.value);
  }
  // An argument that is already given would be given twice. An argument that rejects the value would be refused.
  const shape: Readonly<Record<string, z.ZodType>> = command.args.shape;
  const fitting = (value: string): string[] =>
    known.flatMap(({ key }) => (!given.has(key) && shape[key]?.safeParse(value).success === true ? [key] : []));
  problems.push(...unknown.map(({ key, value }): Problem => unknownProblem(key, known, fitting(value))));
  return { given, problems };
}

/** The first `count` words, and all others as one. */
const withRest = (words: readonly string[], count: number): string[] =>
  words.length <= count ? [...words] : [...words.slice(0, count), words.slice(count).join(" ")];

function extraProblem(extra: readonly string[], command: Command): Problem {
  const first = extra[0] ?? "";
  const more = extra.length > 1 ? ` and ${extra.length - 1} more words are` : " is";
  const places = command.positional.length;
  const takes = places === 0 ? "takes no word" : `takes ${places} word${places === 1 ? "" : "s"}`;
  const advice = first.startsWith("/")
    ? "; send one command in a message"
    : first.startsWith("-")
      ? `; options are written ${shortened(first.replace(/^-+/, "").replace(/=.*/s, "")) || "key"}=…, without dashes`
      : "; a value with spaces is written in quotes, an option as key=value";
  const letter = unexpectedLetter(first);
  const why = letter === null ? advice : `; ${letter}`;
  return [{ code: shortened(first) }, `${more} too much: ${command.name} ${takes} after its name${why}`];
}

/** `fitting`: the keys that may be meant. */
function unknownProblem(typed: string, known: readonly Argument[], fitting: readonly string[]): Problem {
  const keys = known.map(({ key }) => key);
  const near = nearest(typed, fitting);
  const [question, named] = near.length > 0 ? ["Did you mean", near] : ["It takes", keys];
  const list = named.flatMap((key, index): Inline[] => [index === 0 ? " " : ", ", { code: key }]);
  const rest: Problem = keys.length === 0 ? ["It takes none."] : [question ?? "", ...list, near.length > 0 ? "?" : "."];
  return ["There is no ", { code: `${shortened(typed)}=` }, " here. ", ...rest];
}

const missingProblem = (argument: Argument): Problem => [
  { code: shapeOf(argument) },
  ` is missing${argument.description === "" ? "" : `: ${argument.description}`}`,
];

/** In a text of several words, the key may be meant. */
const mixedProblem = (key: string, value: string): Problem[] =>
  mixesLetters(value) && !/\s/.test(value)
    ? [[`${key} `, { code: shortened(value) }, ` mixes letters: ${unexpectedLetter(value)}`]]
    : [];

function issueProblem(issue: z.core.$ZodIssue, given: ReadonlyMap<string, string>): Problem {
  const key = String(issue.path[0] ?? "");
  const value = given.get(key);
  if (value === undefined) return [issue.message];
  const letter = unexpectedLetter(value);
  const more = letter === null ? "" : `; ${letter}`;
  return [`${key} `, { code: value === "" ? '""' : shortened(value) }, ` ${issue.message}${more}`];
}

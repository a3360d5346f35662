import { inUnits } from "./limits.ts";

export interface CommandOutput {
  readonly stdout: string;
  readonly stderr: string;
  readonly exitCode: number;
}

/**
 * Splits a long output into parts. The bot parses them one by one and does other work between them. So a host with
 * thousands of paths does not delay clicks. A part is an output of the same program with fewer objects.
 */
export type Split = (stdout: string) => Iterable<string>;
type Parse<T, R extends unknown[]> = (output: CommandOutput, ...rest: R) => T;
/** `parts` are the parts of `output`, or `output` itself is the only part. */
type PartsParse<T, R extends unknown[]> = (
  output: CommandOutput,
  parts: Iterable<CommandOutput>,
  ...rest: R
) => Promise<T>;

const known = new WeakMap<object, unknown>();

/** The size of a part in characters, unless one object is longer. It is parsed in a few milliseconds. */
export const PART = 256 * 1024;

/** The maximum length of one object with all its devices: a LUN with 2,000 volumes in the output of lsblk. */
const LONGEST_PART = 2 * 1024 * 1024;

/** One object of the output is too long. It is thrown before the object is read to its end. */
export class PartTooLong extends Error {
  override name = "PartTooLong";
  constructor() {
    super(`more than ${inUnits(LONGEST_PART)} about one object`);
  }
}

/** A parser that can also parse part by part. A direct call parses the complete output. */
export function inParts<T, R extends unknown[]>(split: Split, parse: Parse<T[], R>): Parse<T[], R> {
  return withPartsParse(parse, async (_, parts, ...rest) => {
    const lists: T[][] = [];
    for (const part of parts) {
      for (const each of divided(part, split)) {
        lists.push(parse(each, ...rest));
        await yieldToOthers();
      }
    }
    return lists.flat();
  });
}

/** `parse`, which `ofParts` replaces if the output comes in parts. */
export function withPartsParse<T, R extends unknown[]>(parse: Parse<T, R>, ofParts: PartsParse<T, R>): Parse<T, R> {
  known.set(parse, ofParts);
  return parse;
}

/** The part-by-part parser of `parse`. Null if it has none. */
export const partsParseOf = <T, R extends unknown[]>(parse: Parse<T, R>): PartsParse<T, R> | null =>
  // Only `withPartsParse` fills it.
  (known.get(parse) as PartsParse<T, R> | undefined) ?? null;

export async function parsedInParts<T, R extends unknown[]>(
  parse: Parse<T, R>,
  output: CommandOutput,
  ...rest: R
): Promise<T> {
  const ofParts = partsParseOf(parse);
  if (ofParts === null || output.stdout.length <= PART) return parse(output, ...rest);
  return await ofParts(output, [output], ...rest);
}

export function* divided(output: CommandOutput, split: Split): Iterable<CommandOutput> {
  if (output.stdout.length <= PART) return yield output;
  for (const stdout of split(output.stdout)) {
    if (stdout.length > LONGEST_PART + PART) throw new PartTooLong();
    yield { ...output, stdout };
  }
}

/** Work in slices of a few milliseconds. Other work can run between two slices. */
export type Slices<T> = Generator<undefined, T, undefined>;

/** So many characters are processed in a few milliseconds, also if none of them is ASCII. */
export const CHARACTERS = 50_000;
/** So many objects are shown in a few milliseconds. An object that three hosts have counts three times. */
export const OBJECTS = 1_000;

/** Counts what was processed, in characters or in objects, and reports when a slice is full. */
export class SliceLimit {
  readonly #most: number;
  #since = 0;

  constructor(most: number) {
    this.#most = most;
  }

  /** Whether the slice is full after so much more. */
  isOver(amount: number): boolean {
    this.#since += Math.max(1, amount);
    if (this.#since < this.#most) return false;
    this.#since = 0;
    return true;
  }
}

export function runToEnd<T>(work: Slices<T>): T {
  for (;;) {
    const { done, value } = work.next();
    if (done) return value;
  }
}

export async function runInSlices<T>(work: Slices<T>): Promise<T> {
  for (;;) {
    const { done, value } = work.next();
    if (done) return value;
    await yieldToOthers();
  }
}

const waiting: (() => void)[] = [];
let isNext = false;

/**
 * Resolves after all other waiting work had a turn. Only one waiting caller continues in each turn of the event loop.
 * Otherwise a hundred hosts that answer together would block it for a hundred slices.
 */
export const yieldToOthers = (): Promise<void> =>
  new Promise((resolve) => {
    waiting.push(resolve);
    if (isNext) return;
    isNext = true;
    setImmediate(resumeNext);
  });

function resumeNext(): void {
  waiting.shift()?.();
  isNext = waiting.length > 0;
  if (isNext) setImmediate(resumeNext);
}

/** Each part begins with a line that may begin an object. */
export const beforeLines = (isFirst: (line: string) => boolean): Split =>
  function* (stdout) {
    for (let start = 0; start < stdout.length; ) {
      let end = start + PART;
      while (end < stdout.length) {
        end = stdout.indexOf("\n", end) + 1;
        if (end === 0) end = stdout.length;
        if (end - start > LONGEST_PART) throw new PartTooLong();
        const lineEnd = stdout.indexOf("\n", end);
        if (isFirst(stdout.slice(end, lineEnd === -1 ? undefined : lineEnd))) break;
      }
      yield stdout.slice(start, end);
      start = Math.max(end, start + 1);
    }
  };

/** Each line is an object. */
export const ofLines: Split = beforeLines(() => true);

/** Parts of the first list at a depth in a JSON report, each with the text around the list: `{"report": [{"pv": [`. */
export const ofList = (depth: number): Split =>
  function* (stdout) {
    const scan = new Brackets(stdout);
    let prefix: string | null = null;
    let closing = "";
    let start = 0;
    for (let at = scan.next(); at !== -1; at = scan.next()) {
      const sign = stdout[at];
      if (at - start > LONGEST_PART || scan.open.length > DEEPEST_LIST) throw new PartTooLong();
      if (prefix === null) {
        if (sign !== "[" || scan.open.length !== depth) continue;
        start = at + 1;
        prefix = stdout.slice(0, start);
        closing = scan.open.map((each) => (each === "[" ? "]" : "}")).reduceRight((all, each) => all + each, "");
      } else if (scan.open.length < depth) {
        break;
      } else if (sign === "," && scan.open.length === depth && at - start > PART) {
        yield `${prefix}${stdout.slice(start, at)}${closing}`;
        start = at + 1;
      }
    }
    yield `${prefix ?? ""}${stdout.slice(start)}`;
  };

/** The maximum depth at which a list of a report is searched. Each read's own limit is lower. */
const DEEPEST_LIST = 1_000;

const [QUOTE, NEWLINE, BACKSLASH, COMMA] = [34, 10, 92, 44];
const OPENING: readonly number[] = [91, 123];
const CLOSING: readonly number[] = [93, 125];

/** Goes through the brackets and commas of JSON outside its strings. A string always ends on its line. */
class Brackets {
  /** The open brackets, the outermost first. */
  readonly open: string[] = [];
  readonly #text: string;
  #at = 0;

  constructor(text: string) {
    this.#text = text;
  }

  /** The position of the next one, or -1 at the end. */
  next(): number {
    const text = this.#text;
    // It compares character by character, because regular expressions take three times as long.
    for (let at = this.#at; at < text.length; at++) {
      if (at - this.#at > LONGEST_PART) throw new PartTooLong();
      const code = text.charCodeAt(at);
      if (code === QUOTE) at = this.#endOfString(at + 1) - 1;
      else if (
        code === COMMA ||
        OPENING[0] === code ||
        OPENING[1] === code ||
        CLOSING[0] === code ||
        CLOSING[1] === code
      ) {
        if (OPENING.includes(code)) this.open.push(code === OPENING[0] ? "[" : "{");
        else if (code !== COMMA) this.open.pop();
        this.#at = at + 1;
        return at;
      }
    }
    this.#at = text.length;
    return -1;
  }

  #endOfString(from: number): number {
    for (let at = from; at < this.#text.length; at++) {
      const code = this.#text.charCodeAt(at);
      if (code === BACKSLASH) at++;
      else if (code === QUOTE || code === NEWLINE) return at + 1;
    }
    return this.#text.length;
  }
}

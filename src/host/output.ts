import type { z } from "zod";
import { type CommandOutput, OutputNotUnderstood } from "../core/host-command.ts";
import type { Limits } from "../core/limits.ts";
import { ignored, type Note, noteOf } from "../core/not-understood.ts";

/** The lines of a tool's output, also with Windows line ends. Much faster than splitting at `/\r?\n/`. */
export const linesOf = (output: string): string[] => output.replaceAll("\r\n", "\n").split("\n");

/** Those that are not blank. */
export const filledLinesOf = (output: string): string[] => linesOf(output).filter((line) => line.trim() !== "");

/** util-linux prints `\x20` for a byte that its format can't hold; several together may be one character. */
export const withoutHexEscapes = (text: string): string =>
  text.replace(/(?:\\x[0-9a-f]{2})+/gi, (bytes) => Buffer.from(bytes.replaceAll(/\\x/gi, ""), "hex").toString("utf8"));

/**
 * The JSON in a tool's output, without other lines. LVM prints warnings into its own report:
 *
 *       WARNING: lvmlockd process is not running.
 *       {
 *           "report": [
 *     File descriptor 5 (pipe:[12675]) leaked on vgs invocation.
 *               …
 *
 * A line that does not begin like JSON is not part of the report.
 */
export function reportIn(program: string, stdout: string, limits: Limits, note: Note = ignored): unknown {
  refuseDeep(program, stdout, limits);
  // Usually there is nothing else, and a check of each line takes longer than all the rest.
  return parsed(stdout) ?? reportAmongLines(program, stdout, note);
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}

/** The most lines that are removed from a report before it counts as unreadable. */
const MOST_NOTES = 3;

function reportAmongLines(program: string, stdout: string, note: Note): unknown {
  const said = linesOf(stdout).map((line) => withoutPrefix(program, line));
  const lines = said.filter((line) => OF_JSON.test(line));
  if (lines.length === 0) throw new OutputNotUnderstood(program, firstLine(stdout), "a JSON report");
  const report = withoutUnreadableLines(program, lines, note);
  for (const line of said) {
    if (line.trim() === "" || OF_JSON.test(line)) continue;
    const isRow = MAY_BE_A_ROW.test(line);
    // A row after other words is missing from the report, and its object is not known.
    if (isRow || !EXPECTED.test(line))
      note(noteOf(new OutputNotUnderstood(program, line.trim(), "JSON"), isRow ? null : []));
  }
  return report;
}

/** The only bare value at the start of a line is the mount point `null`. */
const OF_JSON = /^\s*(?:[[\]{}",]|null,?\s*$)/;
const MAY_BE_A_ROW = /[{}]|"[\w:-]+"\s*:/;
/** Known messages of LVM in its report, including `log/verbose`. */
const EXPECTED =
  /^\s*(?:\S+: |File descriptor \d+ |Configuration setting "|Reading (?:VG \S+ )?without |Skipping (?:global |VG )?lock)/;

/** `log/command_names` and `log/prefix` in LVM's settings have each line begin with the command: `vgs  {`. */
function withoutPrefix(program: string, line: string): string {
  const at = line.search(/\S/);
  if (at < 0 || !line.startsWith(program, at)) return line;
  const rest = line.slice(at + program.length).replace(/^:/, "");
  return OF_JSON.test(rest) ? rest : line;
}

/** Removes lines that are not JSON; the object of such a line is not known. */
function withoutUnreadableLines(program: string, lines: readonly string[], note: Note): unknown {
  let first: OutputNotUnderstood | null = null;
  const unclear: string[] = [];
  let left = [...lines];
  while (unclear.length <= MOST_NOTES) {
    const text = left.join("\n");
    try {
      const report: unknown = JSON.parse(withJsonEscapes(text));
      for (const line of unclear) note(noteOf(new OutputNotUnderstood(program, line, "JSON"), null));
      return report;
    } catch (error) {
      const at = brokenLine(text, error);
      first ??= new OutputNotUnderstood(program, left[at] ?? "", "JSON");
      // The line itself, or the one before it.
      const suspects = [at, at - 1].filter((each) => left[each] !== undefined);
      const culprit = suspects.find((each) => isWhole(left.toSpliced(each, 1))) ?? at;
      // Without a bracket, the rest would have another meaning.
      if (left[culprit] === undefined || STRUCTURE.test(left[culprit])) break;
      unclear.push(left[culprit]);
      left = left.toSpliced(culprit, 1);
    }
  }
  throw first ?? new OutputNotUnderstood(program, lines[0] ?? "", "JSON");
}

const STRUCTURE = /^\s*(?:"\w+"\s*:\s*)?[[\]{},]+\s*$/;

const isWhole = (lines: readonly string[]): boolean => parsed(withJsonEscapes(lines.join("\n"))) !== null;

/** One row of a report, checked with its schema. The error names the value and the row. */
export function rowOf<S extends z.ZodType>(program: string, schema: S, row: unknown): z.output<S> {
  const checked = schema.safeParse(row);
  if (checked.success) return checked.data;
  const issue = checked.error.issues[0];
  const place = issue === undefined || issue.path.length === 0 ? "the report" : issue.path.join(".");
  throw new OutputNotUnderstood(program, printed(row), `${place}: ${issue?.message ?? "something else"}`);
}

/** util-linux before 2.33 escapes as C does, which JSON does not know: `"label": "a\x20b"`. */
const withJsonEscapes = (text: string): string =>
  text.replace(/\\(?:\\|x([0-9a-fA-F]{2}))/g, (found, digits: string | undefined) =>
    digits === undefined ? found : `\\u00${digits}`,
  );

/** Counted from 0; the last line if the error has no position. */
function brokenLine(text: string, error: unknown): number {
  const position = error instanceof Error ? /position (\d+)/.exec(error.message)?.[1] : undefined;
  const end = position === undefined ? text.length : Number(position);
  return text.slice(0, end).split("\n").length - 1;
}

const firstLine = (text: string): string =>
  text
    .split("\n")
    .find((line) => line.trim() !== "")
    ?.trim() ?? "";

/** Without `children`: the error names a row, not its tree. */
const printed = (row: unknown): string =>
  JSON.stringify(row, (key, value: unknown) => (key === "children" ? undefined : value)) ?? String(row);

const [QUOTE, NEWLINE, BACKSLASH] = [34, 10, 92];
const OPENING: readonly number[] = [91, 123];
const CLOSING: readonly number[] = [93, 125];

/**
 * Runs before the text is parsed: 100,000 levels take seconds to parse, and longer to report. A string ends with its
 * line.
 */
function refuseDeep(program: string, text: string, { depth: deepest }: Limits): void {
  let depth = 0;
  let inString = false;
  // Character by character: every JSON output comes here, and regular expressions take three times as long.
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

/** A file that vanished while find ran is fine. After any other message the answer is incomplete. */
export function throwUnlessVanished({ stderr }: CommandOutput): void {
  const unexpected = linesOf(stderr).find(
    (line) => line.trim() !== "" && !/No such (?:file|process|device)/.test(line),
  );
  if (unexpected !== undefined) throw new OutputNotUnderstood("find", unexpected, "what is there, or that it is gone");
}

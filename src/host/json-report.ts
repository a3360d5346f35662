import type { z } from "zod";
import { OutputNotUnderstood } from "../core/host-command.ts";
import { linesOf } from "./lines.ts";

/**
 * The JSON that a tool printed, without the lines that are not of it. LVM warns into its own report:
 *
 *       WARNING: lvmlockd process is not running.
 *       {
 *           "report": [
 *     File descriptor 5 (pipe:[12675]) leaked on vgs invocation.
 *               …
 *
 * The tools we read put no bare value at the start of a line, so what begins otherwise is not JSON.
 */
export function reportIn(program: string, stdout: string): unknown {
  // Mostly there is nothing else, and a look at each line takes longer than all the rest.
  return parsed(stdout) ?? reportAmongLines(program, stdout);
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}

function reportAmongLines(program: string, stdout: string): unknown {
  const lines = linesOf(stdout).filter((line) => /^\s*[[\]{}",]/.test(line));
  const text = lines.join("\n");
  if (text === "") throw new OutputNotUnderstood(program, firstLine(stdout), "a JSON report");
  try {
    return JSON.parse(withJsonEscapes(text));
  } catch (error) {
    throw new OutputNotUnderstood(program, brokenLine(text, error), "JSON");
  }
}

/** One row of a report, checked; what does not fit is named with the whole row. */
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

function brokenLine(text: string, error: unknown): string {
  const position = error instanceof Error ? /position (\d+)/.exec(error.message)?.[1] : undefined;
  const end = position === undefined ? text.length : Number(position);
  const start = text.lastIndexOf("\n", end - 1) + 1;
  return text.slice(start).split("\n", 1)[0] ?? "";
}

const firstLine = (text: string): string =>
  text
    .split("\n")
    .find((line) => line.trim() !== "")
    ?.trim() ?? "";

/** `children` is left out: a row is named, not its whole tree. */
const printed = (row: unknown): string =>
  JSON.stringify(row, (key, value: unknown) => (key === "children" ? undefined : value)) ?? String(row);

/** An answer before any channel: Slack blocks and terminal lines are both made from this. */

import type { OperatorError } from "./refusal.ts";

/** Inline text. Plain strings are shown as they are: renderers escape them, so nothing typed can mention or format. */
export type Inline =
  | string
  | { readonly code: string }
  | { readonly bold: string }
  | { readonly person: string }
  /** A time in ISO 8601: Slack shows it in its reader's own time zone. `clock`: hours and minutes say enough. */
  | { readonly at: string; readonly shows?: "clock" };
export type Text = string | readonly Inline[];
export type Tone = "plain" | "good" | "warning" | "bad";

export type Part =
  | { readonly kind: "text"; readonly text: Text; readonly tone?: Tone }
  | { readonly kind: "fields"; readonly fields: readonly (readonly [label: string, value: Text])[] }
  | {
      readonly kind: "table";
      readonly caption?: string;
      readonly columns: readonly string[];
      readonly rows: readonly (readonly string[])[];
      /** The table that people compare: it stays a table where a message may have only one. */
      readonly compared?: true;
      /** By the number of its column, for each row: what a column of sizes or times is sorted by. */
      readonly numbers?: Readonly<Record<number, readonly number[]>>;
    }
  | { readonly kind: "code"; readonly caption?: string; readonly lines: readonly string[] }
  /** What is done one after another, and how far it is. */
  | { readonly kind: "tasks"; readonly title: string; readonly tasks: readonly Task[] };

/** `omitted`: not all of it is done, and nothing depends on it. */
export type TaskState = "pending" | "running" | "done" | "omitted" | "failed";
export interface Task {
  readonly title: string;
  readonly state: TaskState;
  /** How far it is; empty where there is nothing to say. */
  readonly note: string;
}

/** `3. Wipe — 1 of 2 steps, running on host1` */
export const taskText = ({ title, note }: Task): string => (note === "" ? title : `${title} — ${note}`);

/**
 * What can be done next: the words, without the leading slash command: `lun list cluster-1`. `label`: what its button says,
 * if not what the words themselves say.
 */
export type NextStep = string | { readonly words: string; readonly label: string };

export const wordsOf = (step: NextStep): string => (typeof step === "string" ? step : step.words);
export const runAgain = (words: string): NextStep => ({ words, label: "Run Again" });
export const detailsOf = (operationId: string): NextStep => ({
  words: `operation show ${operationId}`,
  label: "Details",
});

export interface Reply {
  readonly title: string;
  readonly tone: Tone;
  readonly parts: readonly Part[];
  readonly next: readonly NextStep[];
  /** The next steps are what the reply is about: more of them are buttons than elsewhere. */
  readonly isMenu?: true;
  /** The error that this reply shows; its fixes are among the parts. */
  readonly error?: OperatorError;
  /** What a reader opens if it matters, such as a plan's commands. It is never cut. */
  readonly details?: Details;
  /** Who did what, and when: small, under everything else. */
  readonly record?: Text;
  /** The last line, small, and never cut off. */
  readonly foot?: string;
  /** The words that show all of it, for a message that has no room for it and no file. */
  readonly asked?: string;
}

export interface Details {
  readonly title: string;
  readonly parts: readonly Part[];
}

/** What is read and not compared: a caption, and a line for each. */
export const linesPart = (caption: string, lines: readonly (readonly Inline[])[], tone: Tone = "plain"): Part => ({
  kind: "text",
  tone,
  text: [{ bold: caption }, ...lines.flatMap((line): Inline[] => ["\n• ", ...line])],
});

export const textOf = (text: Text): string =>
  typeof text === "string"
    ? text
    : text
        .map((inline) => {
          if (typeof inline === "string") return inline;
          if ("code" in inline) return inline.code;
          if ("at" in inline) return momentText(inline);
          return "bold" in inline ? inline.bold : `@${inline.person}`;
        })
        .join("");

/** `01:18 UTC` where the clock says enough. */
export const momentText = ({ at, shows }: Extract<Inline, { at: string }>): string =>
  shows === "clock" ? timeText(at).replace(/^\S{10} (\d\d:\d\d):\d\d UTC$/, "$1 UTC") : timeText(at);

/** `2026-11-29 01:18:11 UTC` */
const timeText = (iso: string): string => iso.replace(/^(\S{10})T(\d\d:\d\d:\d\d)(\.\d+)?Z$/, "$1 $2 UTC");

/** One line a fact, tables as rows of cells: what the digest covers and what two plans are compared by. */
export const plainLines = (parts: readonly Part[]): string[] => parts.flatMap(linesOf);

function linesOf(part: Part): readonly string[] {
  switch (part.kind) {
    case "text":
      return [textOf(part.text)];
    case "fields":
      return part.fields.map(([label, value]) => `${label}: ${textOf(value)}`);
    case "table":
      return part.rows.map((row) => row.map((cell, index) => `${part.columns[index]}=${cell}`).join(" · "));
    case "code":
      return part.lines;
    case "tasks":
      return [part.title, ...part.tasks.map(taskText)];
  }
}

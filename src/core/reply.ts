/** An answer, independent of its channel. Slack blocks and terminal lines are made from it. */

import type { OperatorError } from "./refusal.ts";

/** Inline text. Renderers escape plain strings, so typed text can't mention people or format anything. */
export type Inline =
  | string
  | { readonly code: string }
  | { readonly bold: string }
  /**
   * `isQuiet`: the person is shown and not mentioned, because a mention notifies. `name`: for texts that can't mention,
   * such as a file.
   */
  | { readonly person: string; readonly isQuiet?: true; readonly name?: string }
  /** A user group of Slack. All its members are mentioned. */
  | { readonly group: string }
  /** A time in ISO 8601. Slack shows it in the reader's own time zone. `clock`: only hours and minutes are shown. */
  | { readonly at: string; readonly shows?: "clock" };
export type Text = string | readonly Inline[];
/** A cell of a table. A person in a cell is shown and not mentioned, because a mention notifies. */
export type Cell = string | { readonly person: string };
export const cellText = (cell: Cell): string => (typeof cell === "string" ? cell : cell.person);
export type Tone = "plain" | "good" | "warning" | "bad";

export type Part =
  | { readonly kind: "text"; readonly text: Text; readonly tone?: Tone }
  | { readonly kind: "fields"; readonly fields: readonly (readonly [label: string, value: Text])[] }
  | {
      readonly kind: "table";
      readonly caption?: string;
      readonly columns: readonly string[];
      readonly rows: readonly (readonly Cell[])[];
      /** The most important table. It stays a table if a message may have only one. */
      readonly compared?: true;
      /** Sort keys of a column of sizes or times: by column number, one for each row. */
      readonly numbers?: Readonly<Record<number, readonly number[]>>;
    }
  | { readonly kind: "code"; readonly caption?: string; readonly lines: readonly string[] }
  /** Work in several tasks, with the progress of each. */
  | { readonly kind: "tasks"; readonly title: string; readonly tasks: readonly Task[] }
  /** Numbers that people compare at a glance. Each series has a finite value for each category. */
  | {
      readonly kind: "chart";
      readonly title: string;
      readonly shape: "line" | "bar" | "area";
      /** Of all values: `TB`, `paths`. */
      readonly unit: string;
      /** What the chart shows, in words. */
      readonly takeaway: Text;
      readonly categories: readonly string[];
      readonly series: readonly { readonly name: string; readonly values: readonly number[] }[];
    };

/** `omitted`: the task is not complete, and nothing depends on it. */
export type TaskState = "pending" | "running" | "done" | "omitted" | "failed";
export interface Task {
  readonly title: string;
  readonly state: TaskState;
  /** The progress in words. Empty if there is none. */
  readonly note: string;
}

/** A task as text: `3. Wipe — 1 of 2 steps, running on host1`. */
export const taskText = ({ title, note }: Task): string => (note === "" ? title : `${title} — ${note}`);

/**
 * A next step: a command without the leading slash command, `lun list cluster-1`. `label`: the button's text, if it is
 * not made from the command.
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
  /** The reply is about its next steps, so more of them become buttons. */
  readonly isMenu?: true;
  /** The error that this reply shows. Its fixes are in the parts. */
  readonly error?: OperatorError;
  /** Details that a reader opens, such as a plan's commands. They are never cut. */
  readonly details?: Details;
  /** Who did what and when: small, below everything else. */
  readonly record?: Text;
  /** The last line: small, and never cut. */
  readonly foot?: string;
  /** Files in the thread of the reply, for people who keep them. */
  readonly files?: readonly AttachedFile[];
  /** The thread that the reply belongs to, if that is not where its command was typed. */
  readonly thread?: { readonly place: string; readonly messageId: string };
  /** The command that shows the complete answer, if the message can't and no file is possible. */
  readonly asked?: string;
}

export interface AttachedFile {
  /** `inc-7.md` */
  readonly name: string;
  /** Text, or a picture, which is uploaded as PNG. */
  readonly content: string | { readonly svg: string };
  /** What a picture shows, in words. null: it is a text. */
  readonly altText: string | null;
  /** Programs read it, so no id is replaced by a name. */
  readonly isData?: true;
}

export interface Details {
  readonly title: string;
  readonly parts: readonly Part[];
}

/** A caption and lines that are read one by one, not compared as in a table. */
export const linesPart = (caption: string, lines: readonly (readonly Inline[])[], tone: Tone = "plain"): Part => ({
  kind: "text",
  tone,
  text: [{ bold: caption }, ...lines.flatMap((line): Inline[] => ["\n• ", ...line])],
});

/** A sentence with commands between backticks: `run `vgchange -an vg` there`. The commands are shown as code. */
export const withCommands = (text: string): Inline[] =>
  text
    .split(/`([^`]+)`/)
    .flatMap((piece, index): Inline[] => (piece === "" ? [] : index % 2 === 1 ? [{ code: piece }] : [piece]));

export const textOf = (text: Text): string =>
  typeof text === "string"
    ? text
    : text
        .map((inline) => {
          if (typeof inline === "string") return inline;
          if ("code" in inline) return inline.code;
          if ("at" in inline) return momentText(inline);
          if ("group" in inline) return `@${inline.group}`;
          return "bold" in inline ? inline.bold : `@${inline.name ?? inline.person}`;
        })
        .join("");

/** `01:18 UTC` if `clock` is set. */
export const momentText = ({ at, shows }: Extract<Inline, { at: string }>): string =>
  shows === "clock" ? timeText(at).replace(/^\S{10} (\d\d:\d\d):\d\d UTC$/, "$1 UTC") : timeText(at);

/** `2026-11-29 01:18:11 UTC` */
const timeText = (iso: string): string => iso.replace(/^(\S{10})T(\d\d:\d\d:\d\d)(\.\d+)?Z$/, "$1 $2 UTC");

/**
 * One line for each fact, and tables as rows of cells. The digest covers these lines, and two plans are compared by
 * them.
 */
export const plainLines = (parts: readonly Part[]): string[] => parts.flatMap(linesOf);

function linesOf(part: Part): readonly string[] {
  switch (part.kind) {
    case "text":
      return [textOf(part.text)];
    case "fields":
      return part.fields.map(([label, value]) => `${label}: ${textOf(value)}`);
    case "table":
      return part.rows.map((row) => row.map((cell, index) => `${part.columns[index]}=${cellText(cell)}`).join(" · "));
    case "code":
      return part.lines;
    case "tasks":
      return [part.title, ...part.tasks.map(taskText)];
    case "chart":
      return [
        textOf(part.takeaway),
        ...part.series.map(({ name, values }) => `${part.title}, ${name}: ${values.join(" ")} ${part.unit}`),
      ];
  }
}

import { readable } from "../core/host-command.ts";
import type { Operation } from "../core/operation.ts";
import { detailsOf, type Part, type Reply, runAgain, type Tone } from "../core/reply.ts";
import { commandOf } from "../core/step.ts";
import { problemOf } from "../host/problem.ts";
import { askedPart } from "./plan-reply.ts";
import type { Progress, StageState, Undone } from "./progress.ts";

/** The living message while a plan runs. */
export function progressReply(operation: Operation, progress: Progress, now: Date): Reply {
  return {
    title: `${progress.plan.title}: running (${operation.id})`,
    tone: "plain",
    parts: [
      askedPart(operation.words, operation.askedBy),
      ...confirmedPart(operation),
      ...stageParts(progress, now, "running"),
    ],
    next: [],
    asked: `operation show ${operation.id}`,
  };
}

/** How it ended: what was done, what was not, what to type next. */
export function endReply(operation: Operation, progress: Progress, result: readonly Part[], now: Date): Reply {
  const { state } = progress;
  const ok = state === "done";
  return {
    title: `${progress.plan.title}: ${state} (${operation.id})`,
    tone: ok ? "good" : "bad",
    parts: [
      askedPart(operation.words, operation.askedBy),
      ...confirmedPart(operation),
      ...stageParts(progress, now, "ended"),
      ...troubleParts(progress),
      ...omissionParts(progress),
      ...afterwards(progress),
      ...result,
    ],
    next: ok ? [] : [runAgain(operation.words), detailsOf(operation.id)],
    asked: `operation show ${operation.id}`,
  };
}

/** What is true now that its steps are done; of the others nothing is said. */
const afterwards = ({ plan, isDone }: Progress): Part[] =>
  plan.afterwards.filter(({ after }) => after.every(isDone)).map(({ part }) => part);

/** One sentence for the list of operations and the audit log. */
export function resultOf(progress: Progress, now: Date): string {
  const seconds = Math.round((now.getTime() - progress.beganAt.getTime()) / 1000);
  if (progress.state === "done") {
    const { length } = progress.omissions;
    return length === 0
      ? `all steps done in ${seconds} s`
      : `done in ${seconds} s, but for ${length} step(s) that nothing depends on`;
  }
  const [trouble] = progress.troubles;
  if (trouble === undefined) return progress.problems[0] ?? "nothing was done";
  return `${trouble.step.host.name}: ${problemOf(commandOf(trouble.step), trouble.outcome)}`;
}

function confirmedPart(operation: Operation): Part[] {
  if (operation.confirmedBy === null) return [];
  return [{ kind: "text", text: ["Confirmed by ", { person: operation.confirmedBy }, "."] }];
}

function stageParts(progress: Progress, now: Date, plan: "running" | "ended"): Part[] {
  return progress.stages.map((stage, index) => {
    const tone = toneOf(stage);
    const mark = tone === "plain" ? (stage.beganAt === null || plan === "ended" ? "▫ " : "⏳ ") : "";
    return { kind: "text", text: `${mark}${index + 1}. ${stage.stage.title}${detailOf(stage, now, plan)}`, tone };
  });
}

/** good: all its steps are done; bad: one is not, or warning where it is dispensable; plain: not begun, or under way. */
function toneOf(stage: StageState): Tone {
  if (stage.problem !== null || stage.steps.some(({ outcome }) => isTrouble(outcome))) {
    return stage.stage.kind === "hosts" && stage.stage.bestEffort === true ? "warning" : "bad";
  }
  return stage.finishedAt === null ? "plain" : "good";
}

const isTrouble = (outcome: StageState["steps"][number]["outcome"]): boolean =>
  outcome !== null && outcome !== "running" && outcome.kind !== "done";

function detailOf({ stage, steps, beganAt, finishedAt }: StageState, now: Date, plan: "running" | "ended"): string {
  if (beganAt === null) return "";
  const seconds = Math.round(((finishedAt ?? now).getTime() - beganAt.getTime()) / 1000);
  if (stage.kind === "record") return "";
  const done = steps.filter(({ outcome }) => outcome !== null && outcome !== "running").length;
  // Steps after one that failed never begin, so that their stage is not finished when the plan ends.
  if (finishedAt === null && plan === "ended") return ` — ended after ${done} of ${steps.length} steps, ${seconds} s`;
  const running = steps.filter(({ outcome }) => outcome === "running").map(({ step }) => step.host.name);
  const hosts = [...new Set(running)];
  const on = hosts.length === 0 ? "" : ` on ${hosts.length > 4 ? `${hosts.length} hosts` : hosts.join(", ")}`;
  const waiting = finishedAt === null && stage.waitingFor ? `, waiting for ${stage.waitingFor}` : "";
  return finishedAt === null
    ? ` — ${done} of ${steps.length} steps, running${on}${waiting}, ${seconds} s`
    : ` (${seconds} s)`;
}

function troubleParts(progress: Progress): Part[] {
  const { troubles } = progress;
  if (troubles.length === 0 && progress.problems.length === 0) return [];
  const isUnknown = troubles.some(({ outcome }) => outcome.kind === "unknown");
  const advice =
    progress.state === "unknown"
      ? "Whether an unknown step took effect shows only in a fresh look. Typing the same words again looks first and does only what is left."
      : "Only the stages marked ✅ are done. Typing the same words again does only what is left.";
  return [
    ...undoneTable(isUnknown ? "Not done, or not known to be done" : "Not done", troubles),
    ...progress.problems.map((problem): Part => ({ kind: "text", text: problem, tone: "bad" })),
    { kind: "text", text: advice },
  ];
}

/** It is done all the same: typing the words again would not find the work to be left. */
const omissionParts = ({ omissions }: Progress): Part[] =>
  undoneTable("Not done, and nothing depends on it", omissions);

function undoneTable(caption: string, undone: readonly Undone[]): Part[] {
  const rows = undone.map(({ step, outcome }) => [
    step.host.name,
    readable(commandOf(step).argv),
    outcome.kind,
    problemOf(commandOf(step), outcome) ?? "",
  ]);
  return rows.length === 0 ? [] : [{ kind: "table", caption, columns: ["host", "command", "outcome", "why"], rows }];
}

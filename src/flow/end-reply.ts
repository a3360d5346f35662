import { counted } from "../core/counted.ts";
import { readable } from "../core/host-command.ts";
import type { Operation } from "../core/operation.ts";
import type { Plan, PlanResult } from "../core/plan.ts";
import { detailsOf, type Inline, type Part, type Reply, runAgain, type Task, type TaskState } from "../core/reply.ts";
import { few, rangesOf, sharedFacts } from "../core/shared-facts.ts";
import { commandOf } from "../core/step.ts";

import { doneBy, recordOf } from "./plan-reply.ts";
import type { Progress, StageState, StepOutcome } from "./progress.ts";
import { fixParts, planError, stageError, whyOf } from "./step-errors.ts";
import { stopButtons, stopParts, stoppedParts } from "./stop-reply.ts";

/** The message while a plan runs. */
export function progressReply(operation: Operation, progress: Progress, now: Date): Reply {
  return {
    title: `${progress.plan.title}: ${progress.stopAsked === null ? "running" : "stopping"} (${operation.id})`,
    tone: "plain",
    parts: [stagesPart(progress, now, "running"), ...stopParts(progress)],
    next: stopButtons(operation, progress),
    record: recordOf(operation),
    asked: `operation show ${operation.id}`,
  };
}

/** The end on one screen: the result, what the hosts show, where backups are, what to do next. */
export function endReply(
  operation: Operation,
  progress: Progress,
  { shown, details = [], next = [] }: PlanResult,
  now: Date,
): Reply {
  const { state } = progress;
  const ok = state === "done";
  const error = planError(progress);
  return {
    ...(error === null ? {} : { error }),
    title: `${progress.plan.title}: ${state} (${operation.id})`,
    tone: ok ? "good" : state === "stopped" ? "warning" : "bad",
    parts: [
      ...(ok
        ? [{ kind: "text", text: `${sentence(resultOf(progress, now))}.` } satisfies Part]
        : state === "stopped"
          ? stoppedParts(progress)
          : troubleParts(progress)),
      ...omissionParts(progress),
      ...shown,
      ...afterwards(progress),
    ],
    details: {
      title: details.length > 0 ? "Steps, hosts and LUNs" : "Steps",
      parts: [stagesPart(progress, now, "ended"), ...notDoneCommands(progress), ...details],
    },
    next: ok ? next : [runAgain(operation.words), detailsOf(operation.id)],
    record: recordOf(operation),
    asked: `operation show ${operation.id}`,
  };
}

const sentence = (text: string): string => `${text.slice(0, 1).toUpperCase()}${text.slice(1)}`;

/** What is known once its steps are done. If they are not done, the part is left out. */
const afterwards = ({ plan, isDone }: Progress): Part[] =>
  plan.afterwards.filter(({ after }) => after.every(isDone)).map(({ part }) => part);

/** One sentence for the list of operations and the audit log. */
export function resultOf(progress: Progress, now: Date): string {
  if (progress.state === "done") {
    const { length } = progress.omissions;
    const omitted = length === 0 ? "" : `; ${counted(length, "optional step")} ${length === 1 ? "is" : "are"} not done`;
    const took = spent(now.getTime() - progress.beganAt.getTime(), " in ");
    return `${length === 0 ? "all" : "all needed"} steps done${took}${omitted}${leftOutOf(progress.plan)}`;
  }
  if (progress.state === "stopped") {
    const { stages } = progress;
    const done = stages.filter(({ finishedAt }) => finishedAt !== null).length;
    return `a person stopped it after ${done} of ${countedSteps(stages.length)}`;
  }
  const [trouble] = progress.troubles;
  if (trouble === undefined) return progress.problems[0] ?? "nothing was done";
  return `${trouble.step.host.name}: ${whyOf(trouble)}`;
}

const leftOutOf = ({ leftOut }: Plan): string =>
  leftOut.length === 0
    ? ""
    : `; ${few(leftOut.map(({ name }) => name))} ${leftOut.length === 1 ? "is" : "are"} left out`;

const countedSteps = (count: number): string => counted(count, "step");

/** ` in 12 s`; empty below half a second. */
const spent = (ms: number, before: string): string => {
  const seconds = Math.round(ms / 1000);
  return seconds === 0 ? "" : `${before}${seconds} s`;
};

/** The stages as tasks, one line each. */
function stagesPart(progress: Progress, now: Date, plan: "running" | "ended"): Part {
  const tasks = progress.stages.map((stage, index): Task => {
    const state = stateOf(stage, plan);
    return { title: `${index + 1}. ${stage.stage.title}`, state, note: noteOf(stage, now, plan) };
  });
  const done = tasks.filter(({ state }) => state === "done").length;
  return { kind: "tasks", title: `${done} of ${countedSteps(tasks.length)} done`, tasks };
}

/** `omitted`: an optional step failed: nothing depends on it. */
function stateOf(stage: StageState, plan: "running" | "ended"): TaskState {
  if (stage.problem !== null || stage.steps.some(({ outcome }) => isTrouble(outcome))) {
    return stage.stage.kind === "hosts" && stage.stage.bestEffort === true ? "omitted" : "failed";
  }
  if (stage.finishedAt !== null) return "done";
  return stage.beganAt === null || plan === "ended" ? "pending" : "running";
}

const isTrouble = (outcome: StageState["steps"][number]["outcome"]): boolean =>
  outcome !== null && outcome !== "running" && outcome.kind !== "done";

function noteOf({ stage, steps, beganAt, finishedAt }: StageState, now: Date, plan: "running" | "ended"): string {
  if (beganAt === null || stage.kind === "record") return "";
  const took = (finishedAt ?? now).getTime() - beganAt.getTime();
  const done = steps.filter(({ outcome }) => outcome !== null && outcome !== "running").length;
  // After a failed step no further step begins. So the stage is not finished when the plan ends.
  if (finishedAt === null && plan === "ended")
    return `ended after ${done} of ${countedSteps(steps.length)}${spent(took, ", ")}`;
  if (finishedAt !== null) return spent(took, "");
  const hosts = [...new Set(steps.filter(({ outcome }) => outcome === "running").map(({ step }) => step.host.name))];
  const on = hosts.length === 0 ? "" : ` on ${hosts.length > 4 ? `${hosts.length} hosts` : hosts.join(", ")}`;
  const waiting = stage.waitingFor ? `, waiting for ${stage.waitingFor}` : "";
  return `${done} of ${countedSteps(steps.length)}, running${on}${waiting}${spent(took, ", ")}`;
}

/** The most failures with a line each. The others are counted. */
const MOST_LINES = 6;

function troubleParts(progress: Progress): Part[] {
  const { troubles } = progress;
  const numbered = progress.stages.map((state, index) => ({ ...state, number: index + 1 }));
  const failed = numbered.filter((each) => stateOf(each, "ended") === "failed");
  const done = numbered.filter((each) => stateOf(each, "ended") === "done").map(({ number }) => number);
  const advice: Part = {
    kind: "text",
    text:
      progress.state === "unknown"
        ? "We don't know whether the unknown steps ran. Send the same command again: the bot checks first and runs only what is missing."
        : "Send the same command again: the bot checks first and runs only what is missing.",
  };
  return [
    ...failed.map(
      ({ number, ...state }): Part => ({
        kind: "text",
        tone: "bad",
        text: [
          { bold: stageError(state)?.code ?? "STEP_NOT_BEGUN" },
          "  ",
          { bold: `${number}. ${state.stage.title}` },
        ],
      }),
    ),
    ...stepLines(troubles),
    ...progress.problems.map((problem): Part => ({ kind: "text", text: problem, tone: "bad" })),
    {
      kind: "text",
      text: done.length === 0 ? "No step is done." : `Done: ${rangesOf(done)} of ${countedSteps(numbered.length)}.`,
    },
    ...fixParts(progress),
    advice,
  ];
}

/** The operation is done: the same command would find nothing left to do. */
function omissionParts({ omissions }: Progress): Part[] {
  if (omissions.length === 0) return [];
  return [{ kind: "text", tone: "warning", text: "Not done, and optional:" }, ...stepLines(omissions)];
}

/** The steps that were not done: one line per reason, with all its hosts. */
function stepLines(undone: readonly StepOutcome[]): Part[] {
  const facts = sharedFacts(
    undone,
    ({ step }) => step.host.name,
    (each) => `${each.outcome.kind}: ${whyOf(each)}`,
  );
  const lines = facts.map(({ fact, names }): Inline[] => [{ bold: few(names) }, ` ${fact}`]);
  const more = lines.length - MOST_LINES;
  return [
    ...lines.slice(0, MOST_LINES).map((text): Part => ({ kind: "text", text: ["• ", ...text] })),
    ...(more > 0 ? [{ kind: "text", text: `• and ${more} more, in the details` } satisfies Part] : []),
  ];
}

/** The exact commands of the steps that are not done. */
function notDoneCommands({ troubles, omissions }: Progress): Part[] {
  const facts = sharedFacts(
    [...troubles, ...omissions],
    ({ step }) => step.host.name,
    (each) => `${each.outcome.kind}: ${whyOf(each)}\n${readable(commandOf(each.step).argv)}`,
  );
  const lines = facts.flatMap(({ fact, names }) => `# on ${names.join(", ")}, ${fact}`.split("\n"));
  return lines.length === 0 ? [] : [{ kind: "code", caption: "Not done", lines }];
}

/** For an end of which only the written state is known. The audit log shows what the steps did. */
export const endedReply = (operation: Operation, more: readonly Part[] = []): Reply => ({
  title: `${operation.title}: ${operation.state} (${operation.id})`,
  tone: operation.state === "done" ? "good" : operation.state === "stopped" ? "warning" : "bad",
  parts: [
    {
      kind: "text",
      text: [
        "It ended at ",
        operation.finishedAt === null ? "an unknown time" : { at: operation.finishedAt },
        `: ${operation.result ?? operation.state}.`,
      ],
    },
    ...more,
  ],
  next: [...(operation.state === "done" ? [] : [runAgain(operation.words)]), detailsOf(operation.id)],
  record: recordOf(operation),
  asked: `operation show ${operation.id}`,
});

/** For a plan of which no step was run. */
export const withoutRunReply = (operation: Operation, by: string, more: readonly Part[]): Reply => ({
  title: `${operation.title}: ${operation.state} (${operation.id})`,
  tone: operation.state === "refused" ? "bad" : "plain",
  parts: [{ kind: "text", text: `No step was run: ${operation.result ?? operation.state}.` }, ...more],
  next: [runAgain(operation.words), detailsOf(operation.id)],
  record: recordOf(operation, withoutRunRecord(operation, by)),
});

function withoutRunRecord({ state, finishedAt }: Operation, by: string): Inline[] {
  if (state === "cancelled") return doneBy("Cancelled", by, finishedAt);
  return doneBy(state === "expired" ? "Expired" : "Refused", null, finishedAt);
}

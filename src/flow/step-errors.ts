import { errorCodes } from "../core/error-codes.ts";
import { fixTexts, type OperatorError, operatorError, type Reason, reason } from "../core/refusal.ts";
import type { Part } from "../core/reply.ts";
import { commandOf } from "../core/step.ts";
import { problemOf } from "../host/problem.ts";
import type { Progress, StageState, StepOutcome } from "./progress.ts";

/** Why it is not done, in one line. */
export const whyOf = ({ step, outcome }: StepOutcome): string => problemOf(commandOf(step), outcome) ?? "";

/** Why a step is not done, with codes and fixes. */
function reasonsOf(undone: StepOutcome): readonly Reason[] {
  const { step, outcome } = undone;
  const because = (code: "STEP_FAILED" | "STEP_UNKNOWN" | "STEP_NOT_PROVEN" | "STEP_NOT_BEGUN") => [
    reason(code, `${step.host.name}: ${whyOf(undone)}`),
  ];
  switch (outcome.kind) {
    case "done":
      return [];
    case "failed":
      return because("STEP_FAILED");
    case "unknown":
      return because("STEP_UNKNOWN");
    case "refused":
      return outcome.reasons ?? because("check" in step ? "STEP_NOT_PROVEN" : "STEP_NOT_BEGUN");
  }
}

/** Why a stage is not done; null if nothing of it failed. */
export function stageError({ stage, steps, problem }: StageState): OperatorError | null {
  const undone = steps.flatMap(({ step, outcome }) =>
    outcome === null || outcome === "running" || outcome.kind === "done" ? [] : [{ step, outcome }],
  );
  const reasons = [
    ...undone.flatMap(reasonsOf),
    ...(problem === null ? [] : [reason("DATA_NOT_WRITTEN", problem, "make room on the disk of the bot")]),
  ];
  const [first, ...others] = reasons;
  return first === undefined ? null : operatorError(stage.title, [first, ...others]);
}

/** Why a plan is not done; null if all that it needs is. */
export function planError(progress: Progress): OperatorError | null {
  const reasons = [
    ...progress.troubles.flatMap(reasonsOf),
    ...progress.problems.map((problem) => reason("DATA_NOT_WRITTEN", problem, "make room on the disk of the bot")),
  ];
  const [first, ...others] = reasons;
  return first === undefined ? null : operatorError(`${progress.plan.title} is not done`, [first, ...others]);
}

/** What is to be done before the command is sent again, if the reasons name it. */
export function fixParts(progress: Progress): Part[] {
  const error = planError(progress);
  if (error === null) return [];
  const known = error.fixes.filter((fix) => typeof fix !== "string" || !general.has(fix));
  return fixTexts(known).map((text): Part => ({ kind: "text", text }));
}

/** The fixes of codes: the advice below says as much. */
const general: ReadonlySet<string> = new Set(Object.values(errorCodes).map(({ fix }) => fix));

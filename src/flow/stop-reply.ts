import type { Operation } from "../core/operation.ts";
import { stepsOf } from "../core/plan.ts";
import { detailsOf, type Inline, type NextStep, type Part, type Reply } from "../core/reply.ts";
import { few } from "../core/shared-facts.ts";
import { commandOf } from "../core/step.ts";
import { recordOf } from "./plan-reply.ts";
import type { Progress, StageState, StopAsked } from "./progress.ts";

/** An operation between its confirmation and its end. */
export interface RunNow {
  readonly id: string;
  /** The operations that it waits for, the first one first, and until when at most, ISO 8601. null: it does not wait. */
  readonly waits: { readonly ahead: readonly [string, ...string[]]; readonly until: string } | null;
  readonly stopAsked: StopAsked | null;
  /** The buttons with which it is stopped, or leaves the queue, as its message has them. */
  readonly stops: readonly NextStep[];
}

const stopOf = (label: string, { id }: Operation): NextStep => ({ words: `operation stop ${id}`, label });

/** While it runs: where a stop is safe, and what it leaves. Nothing if no further step could begin. */
export function stopParts(progress: Progress): Part[] {
  const { stopAsked } = progress;
  if (stopAsked !== null) {
    const asked: Inline[] = [
      { person: stopAsked.by, isQuiet: true },
      " asked to stop at ",
      { at: stopAsked.at, shows: "clock" },
    ];
    return [{ kind: "text", tone: "warning", text: [...asked, ". What runs now ends first. No further step begins."] }];
  }
  const left = leftByStop(progress);
  if (left.length === 0) return [];
  const text = `A stop is safe after each step: what runs now ends first, and the same command finishes the work. Not run then: ${left.join(", ")}.`;
  return [{ kind: "text", text }];
}

export const stopButtons = (operation: Operation, progress: Progress): NextStep[] =>
  progress.stopAsked !== null || leftByStop(progress).length === 0 ? [] : [stopOf("Stop After This Step", operation)];

interface Numbered extends StageState {
  readonly number: number;
}

/** What a stop prevents: the steps that have not begun, of the stages that run first. */
const leftByStop = (progress: Progress): string[] => [
  ...begunWithRest(progress).map((stage) => `the rest of ${numbered([stage])}`),
  ...unbegun(progress).map((stage) => numbered([stage])),
];

/** The stages that run and have steps that have not begun. No further step begins on a host with a failed one. */
function begunWithRest(progress: Progress): Numbered[] {
  const failed = new Set([...progress.troubles, ...progress.omissions].map(({ step }) => step.host.uuid));
  return allNumbered(progress).filter(
    ({ beganAt, finishedAt, steps }) =>
      beganAt !== null &&
      finishedAt === null &&
      steps.some(({ step, outcome }) => outcome === null && !failed.has(step.host.uuid)),
  );
}

const allNumbered = ({ stages }: Progress): Numbered[] =>
  stages.map((stage, index): Numbered => ({ ...stage, number: index + 1 }));

/** The stages of which no step has begun. */
const unbegun = (progress: Progress): Numbered[] =>
  allNumbered(progress).filter(({ beganAt, finishedAt }) => beganAt === null && finishedAt === null);

const numbered = (stages: readonly Numbered[]): string =>
  stages.map(({ number, stage }) => `${number}. ${stage.title}`).join(", ");

/** The end of a stopped operation: who stopped it, what is left, and the state of the hosts. */
export function stoppedParts(progress: Progress): Part[] {
  const { stopAsked, plan } = progress;
  const all = allNumbered(progress);
  const done = all.filter(({ finishedAt }) => finishedAt !== null);
  const partly = all.filter(({ beganAt, finishedAt }) => beganAt !== null && finishedAt === null);
  const asked: Inline[] =
    stopAsked === null
      ? []
      : ["Stopped by ", { person: stopAsked.by, isQuiet: true }, ", ", { at: stopAsked.at, shows: "clock" }, "."];
  const destroyed = stepsOf(plan).filter(
    (step) => commandOf(step).effect === "destroy" && progress.isDone(step),
  ).length;
  return [
    { kind: "text", tone: "warning", text: asked },
    { kind: "text", text: done.length === 0 ? "No step is done." : `Done: ${numbered(done)}.` },
    ...partly.map(partlyPart),
    ...(unbegun(progress).length === 0
      ? []
      : [{ kind: "text", text: `Not run: ${numbered(unbegun(progress))}.` } as const]),
    ...(destroyed === 0 || plan.irreversible.length === 0
      ? []
      : [{ kind: "text", tone: "warning", text: "What the done steps destroyed stays lost." } as const]),
    { kind: "text", text: "Send the same command again: the bot checks first and runs only what is missing." },
  ];
}

/** Its hosts differ until the work is finished. */
function partlyPart({ number, stage, steps }: Numbered): Part {
  const open = new Set(steps.filter(({ outcome }) => outcome === null).map(({ step }) => step.host.name));
  const done = new Set(steps.map(({ step }) => step.host.name).filter((name) => !open.has(name)));
  const on = done.size === 0 ? "" : ` done on ${few([...done])},`;
  return { kind: "text", text: `${number}. ${stage.title}:${on} not completely on ${few([...open])}.` };
}

export const leaveButton = (operation: Operation): NextStep => stopOf("Leave the Queue", operation);

/** A confirmed operation that waits for others. `ahead`: not empty. `until`: when it is refused, ISO 8601. */
export const waitingReply = (operation: Operation, ahead: readonly string[], until: string): Reply => ({
  title: `${operation.title}: waiting for ${ahead[0]} (${operation.id})`,
  tone: "plain",
  parts: [
    {
      kind: "text",
      text: `Place ${ahead.length} in the queue, after ${ahead.join(", ")}: they change the same objects.`,
    },
    {
      kind: "text",
      text: [
        "It waits until ",
        { at: until, shows: "clock" },
        " at most. Then the bot makes the plan again, and runs it only if it is the same.",
      ],
    },
  ],
  next: [leaveButton(operation), ...ahead.slice(0, 1).map(detailsOf)],
  record: recordOf(operation),
  asked: `operation show ${operation.id}`,
});

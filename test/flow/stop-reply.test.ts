import { expect, it } from "vitest";
import { operationSchema } from "../../src/core/operation.ts";
import { done, refused } from "../../src/core/outcome.ts";
import type { Plan } from "../../src/core/plan.ts";
import { plainLines } from "../../src/core/reply.ts";
import { commandOf, type Step } from "../../src/core/step.ts";
import { endReply, progressReply, resultOf } from "../../src/flow/end-reply.ts";
import { Progress, type StopAsked } from "../../src/flow/progress.ts";
import { planned } from "../store/samples.ts";
import { InMemory } from "./in-memory.ts";

const now = new Date("2026-11-30T12:00:00Z");
const stop: StopAsked = { by: "U2", at: now.toISOString() };
const operation = operationSchema.parse({ ...planned, id: "op-7", nonce: null, state: "running" });

/** A plan that wipes a LUN, on two hosts. */
async function wiping(): Promise<Plan> {
  const hosts = new InMemory([2], 2);
  return hosts.plans(`sharedblock add cluster-1 wwid=${hosts.wwids[0]} name=ps-1`);
}

/** Runs the stages before this one, and in it the steps of the first host. */
function runTo(plan: Plan, stageIndex: number, progress: Progress): void {
  for (const [index, stage] of plan.stages.entries()) {
    if (index > stageIndex) return;
    progress.began(stage);
    if (stage.kind === "record") progress.recorded(stage, null);
    else
      for (const step of stage.steps)
        if (index < stageIndex || step.host.name === stage.steps[0]?.host.name) progress.finished(step, done(null));
  }
}

it("while it runs, the message says where a stop is safe and what would not run", async () => {
  const plan = await wiping();
  const progress = new Progress(plan, () => now);
  progress.began(plan.stages[0] as Plan["stages"][number]);
  const { parts, next, title } = progressReply(operation, progress, now);
  const left = plan.stages.slice(1).map((stage, index) => `${index + 2}. ${stage.title}`);
  expect(plainLines(parts).join("\n")).toContain(`Not run then: ${left.join(", ")}.`);
  expect(title).toMatch(/: running \(op-7\)$/);
  expect(next).toEqual([{ words: "operation stop op-7", label: "Stop After This Step" }]);
});

/** Each host has both steps in one stage, as in `host prepare`. */
async function inOneStage(): Promise<{ readonly plan: Plan; readonly steps: readonly Step[] }> {
  const wiped = await wiping();
  const first = wiped.stages.find((stage) => stage.kind === "hosts");
  if (first?.kind !== "hosts") throw new Error("the plan has no stage on hosts");
  const steps = first.steps.flatMap((step) => [step, { ...step }]);
  return { plan: { ...wiped, stages: [{ ...first, steps }] }, steps };
}

const shownOf = (progress: Progress) => {
  const { parts, next } = progressReply(operation, progress, now);
  return {
    text: plainLines(parts).join("\n"),
    labels: next.map((each) => (typeof each === "string" ? each : each.label)),
  };
};

it("a plan of one stage can be stopped while a step of it has not begun", async () => {
  const { plan, steps } = await inOneStage();
  const progress = new Progress(plan, () => now);
  progress.began(plan.stages[0] as Plan["stages"][number]);
  progress.running(steps[0] as Step);
  expect(shownOf(progress).text).toContain(`Not run then: the rest of 1. ${plan.stages[0]?.title}.`);
  expect(shownOf(progress).labels).toEqual(["Stop After This Step"]);
});

it("the rest of the stage that runs is named before the stages that have not begun", async () => {
  const { plan, steps } = await inOneStage();
  const second = { ...(plan.stages[0] as Plan["stages"][number]), title: "Second" };
  const progress = new Progress({ ...plan, stages: [...plan.stages, second] }, () => now);
  progress.began(plan.stages[0] as Plan["stages"][number]);
  progress.running(steps[0] as Step);
  expect(shownOf(progress).text).toContain(`Not run then: the rest of 1. ${plan.stages[0]?.title}, 2. Second.`);
});

it("if each step of the last stage has begun, there is nothing to stop", async () => {
  const { plan, steps } = await inOneStage();
  const progress = new Progress(plan, () => now);
  progress.began(plan.stages[0] as Plan["stages"][number]);
  for (const step of steps) progress.running(step);
  expect(shownOf(progress)).toMatchObject({ text: expect.not.stringContaining("A stop is safe"), labels: [] });
});

it("a host with a failed step has nothing left to stop: no further step begins there", async () => {
  const { plan, steps } = await inOneStage();
  const progress = new Progress(plan, () => now);
  progress.began(plan.stages[0] as Plan["stages"][number]);
  const [broken] = steps;
  for (const step of steps) {
    if (step.host.uuid !== broken?.host.uuid) progress.running(step);
  }
  progress.finished(broken as Step, refused("it is not ready"));
  expect(shownOf(progress).labels).toEqual([]);
});

it("the end names what is done, what hosts differ in, and what is left", async () => {
  const plan = await wiping();
  const progress = new Progress(
    plan,
    () => now,
    () => stop,
  );
  const partly = plan.stages.findIndex(
    (stage) => stage.kind === "hosts" && new Set(stage.steps.map(({ host }) => host.name)).size > 1,
  );
  runTo(plan, partly, progress);
  expect(progress.state).toBe("stopped");
  const lines = plainLines(endReply(operation, progress, { shown: [] }, now).parts).join("\n");
  expect(lines).toContain("Stopped by @U2");
  expect(lines).toContain(`Done: 1. ${plan.stages[0]?.title}.`);
  expect(lines).toMatch(/2\. .*: done on \S+, not completely on \S+\./);
  expect(lines).toContain(`Not run: 3. ${plan.stages[2]?.title}`);
  expect(lines).toContain("Send the same command again");
  expect(resultOf(progress, now)).toBe(`a person stopped it after 1 of ${plan.stages.length} steps`);
});

it("the end says that what was destroyed stays lost, only if a step destroyed it", async () => {
  const plan = { ...(await wiping()), irreversible: ["All data on the LUN is lost."] };
  const destroys = plan.stages.findIndex(
    (stage) => stage.kind === "hosts" && stage.steps.some((step) => commandOf(step).effect === "destroy"),
  );
  expect(destroys).toBeGreaterThan(0);
  for (const [stage, expected] of [
    [0, false],
    [destroys, true],
  ] as const) {
    const progress = new Progress(
      plan,
      () => now,
      () => stop,
    );
    runTo(plan, stage, progress);
    const lines = plainLines(endReply(operation, progress, { shown: [] }, now).parts).join("\n");
    expect(lines.includes("What the done steps destroyed stays lost.")).toBe(expected);
  }
});

it("a stop that came too late changes nothing: all steps are done", async () => {
  const plan = await wiping();
  const progress = new Progress(
    plan,
    () => now,
    () => stop,
  );
  for (const stage of plan.stages) {
    progress.began(stage);
    if (stage.kind === "record") progress.recorded(stage, null);
    else for (const step of stage.steps) progress.finished(step, done(null));
  }
  expect(progress.state).toBe("done");
});

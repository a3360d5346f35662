import { expect, it } from "vitest";
import { operationSchema } from "../../src/core/operation.ts";
import { done } from "../../src/core/outcome.ts";
import type { Plan } from "../../src/core/plan.ts";
import { plainLines } from "../../src/core/reply.ts";
import { commandOf } from "../../src/core/step.ts";
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

it("at the last stage there is nothing to stop", async () => {
  const plan = await wiping();
  const progress = new Progress(plan, () => now);
  for (const stage of plan.stages) progress.began(stage);
  const { parts, next } = progressReply(operation, progress, now);
  expect(plainLines(parts).join("\n")).not.toContain("A stop is safe");
  expect(next).toEqual([]);
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

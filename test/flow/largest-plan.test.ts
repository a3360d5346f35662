import { expect, it } from "vitest";
import { runInSlices } from "../../src/core/parts.ts";
import { digestOf, planLines } from "../../src/core/plan.ts";
import { endReply, progressReply } from "../../src/flow/end-reply.ts";
import { planReply } from "../../src/flow/plan-reply.ts";
import { Progress } from "../../src/flow/progress.ts";
import { fileOf, makingFileText, messageOf } from "../../src/slack/blocks.ts";
import { LONGEST_MS, longestSlice } from "../longest-slice.ts";
import { planned } from "../store/samples.ts";
import { InMemory } from "./in-memory.ts";

it("a plan of 16 LUNs on 100 hosts is written, shown, executed and ended without blocking other work", async () => {
  const world = new InMemory([100], 16);
  const plan = await world.plans(`sharedblock add cluster-1 wwid=${world.wwids.join(",")} name=ps-1 wipe=true`);
  const lines = planLines(plan);
  expect(lines.length).toBeGreaterThan(1_000);
  const now = new Date("2026-11-29T00:00:00.000Z");
  const operation = { ...planned, id: "op-1", nonce: "n", shown: lines };
  const longest = await longestSlice(async (turn) => {
    // These two are done without a pause.
    expect(digestOf(plan)).toHaveLength(64);
    expect(planLines(plan)).toHaveLength(lines.length);
    await turn();
    const shown = planReply(plan, operation);
    messageOf({ reply: shown }, true);
    await turn();
    await runInSlices(makingFileText(fileOf(shown)));
    await turn();
    const progress = new Progress(plan, () => now);
    for (const stage of plan.stages) {
      progress.began(stage);
      for (const step of stage.kind === "hosts" ? stage.steps : []) {
        progress.running(step);
        progress.finished(step, { kind: "failed", exitCode: 5, stderr: "I/O error" });
        await turn();
      }
      messageOf({ reply: progressReply(operation, progress, now) }, false);
      await turn();
    }
    const end = endReply(operation, progress, { shown: [] }, now);
    messageOf({ reply: end }, true);
    await turn();
    expect(await runInSlices(makingFileText(fileOf(end)))).toContain("bench-host100");
  });
  expect(longest).toBeLessThan(LONGEST_MS);
});

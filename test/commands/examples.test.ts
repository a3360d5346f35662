import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { commands } from "../../src/bot.ts";
import { ConfirmedPlan } from "../../src/core/confirmed-plan.ts";
import { digestOf } from "../../src/core/plan.ts";
import { Refusal } from "../../src/core/refusal.ts";
import { factsFor } from "../../src/flow/facts.ts";
import { understand } from "../../src/language/understand.ts";
import { Story } from "../scenario/story.ts";
import { defaultPolicies, noAccess, noApprovals } from "../support/permission.ts";

describe("every example of every command", () => {
  let story: Story;
  beforeAll(async () => {
    story = await Story.begin();
  });
  afterAll(() => story.ends());
  const examples = commands.flatMap((command) => command.examples.map((words) => [words, command] as const));

  it.each(examples)("%s", async (words, command) => {
    const understood = understand(words, commands);
    if (understood.kind !== "command") expect.fail(`it is not understood: ${JSON.stringify(understood)}`);
    expect(understood.command.name).toBe(command.name);
    const facts = () => factsFor({ words, by: "U1", askedAt: "2026-11-22T12:00:00.000Z" }, story.bot.world);
    try {
      if (understood.command.kind === "query") {
        expect((await understood.command.answer(understood.args, facts())).title).not.toBe("");
        return;
      }
      if (understood.command.kind === "action") {
        const none = async () => null;
        const notes = {
          revise: none,
          pause: async () => undefined,
          resume: async () => undefined,
          pausePosted: async () => undefined,
        };
        const reply = await understood.command.act(understood.args, facts(), {
          ...{ notes, access: noAccess, policies: defaultPolicies, approvals: noApprovals },
          freezes: { change: async () => undefined, beginAgain: async () => null },
          runs: { running: () => [], stop: async () => "stopping" },
          by: "U1",
          whyNotReached: async () => [],
          replaces: () => undefined,
          oncePosted: () => undefined,
        });
        expect(reply.title).not.toBe("");
        return;
      }
      const plan = await understood.command.plan(understood.args, facts());
      expect(plan.stages).not.toHaveLength(0);
      const again = await understood.command.plan(understood.args, facts());
      expect(digestOf(again), "planned again it must be the same").toBe(digestOf(plan));
      if (understood.command.risk === "reversible") ConfirmedPlan.withoutClick(plan, "U1");
    } catch (error) {
      // Some examples name what the tutorial's inventory lacks; then the refusal must say what to do.
      if (!(error instanceof Refusal)) throw error;
      expect(error.error.fixes).not.toHaveLength(0);
    }
  });
});

import { beforeAll, describe, expect, it } from "vitest";
import { foldedLine } from "../../src/core/folded-line.ts";
import { readable } from "../../src/core/host-command.ts";
import { done, type Outcome } from "../../src/core/outcome.ts";
import { runToEnd } from "../../src/core/parts.ts";
import { type Plan, stepsOf } from "../../src/core/plan.ts";
import { commandOf, type Step } from "../../src/core/step.ts";
import { endReply, progressReply } from "../../src/flow/end-reply.ts";
import { planReply } from "../../src/flow/plan-reply.ts";
import { Progress } from "../../src/flow/progress.ts";
import { tutorialLuns, tutorialSan } from "../../src/simulator/san/tutorial-san.ts";
import { makingFileText, messageOf, type SlackMessage } from "../../src/slack/blocks.ts";
import { isDecision } from "../../src/slack/buttons.ts";
import type { Kinds } from "../../src/slack/limits.ts";
import { visibleLines } from "../../src/text/visible.ts";
import { InMemory } from "../flow/in-memory.ts";
import { planned } from "../store/samples.ts";
import { linesShown, textShown } from "./lines-shown.ts";

const MOST_LINES = 25;

let world: InMemory;
beforeAll(() => {
  const san = tutorialSan();
  world = new InMemory([3], { ...san, hosts: san.hosts.map((host) => ({ ...host, user: "root" })) });
});

const shown = (plan: Plan, kinds: Kinds = "all"): SlackMessage => {
  const operation = { ...planned, id: "op-1", nonce: "n", verb: plan.verb, title: plan.title };
  const warning = plan.irreversible[0] ?? null;
  const buttons = { operationId: "op-1", seal: "d.n", verb: plan.verb, warning, form: operation.form };
  return messageOf({ reply: planReply(plan, operation), buttons }, true, { kinds });
};

const add = (lun: keyof typeof tutorialLuns, wipe = "") =>
  world.plans(`sharedblock add cluster-1 wwid=${tutorialLuns[lun]} name=ps-1${wipe}`);

/** The commands that run if the plan is confirmed. */
const confirmed = (plan: Plan): string[] =>
  stepsOf(plan).flatMap((step) => {
    const { argv, stdin = "" } = commandOf(step);
    const files = stdin.split("\n").filter((line) => line !== "");
    const guards = "guard" in step && step.guard ? step.guard : [];
    const reads = guards.flatMap(({ commands }) => commands.map((read) => foldedLine(read.argv)));
    return [readable(argv), ...files, ...reads];
  });

/** With each variable replaced by its text. */
const asRun = (text: string): string =>
  [...text.matchAll(/^(TEXT_\d+)=(.*)$/gm)].reduce(
    (all, [, name = "", word = ""]) => all.replaceAll(`"$${name}"`, () => word),
    text,
  );

const missing = (plan: Plan, { blocks, following }: SlackMessage): string[] => {
  const text = asRun(textShown([...blocks, ...following.flatMap((each) => each.blocks)]));
  return confirmed(plan)
    .flatMap(visibleLines)
    .filter((line) => !text.includes(line));
};

describe("a plan of one LUN on three hosts", () => {
  it("is one phone screen, with its buttons, and says first and in bold what will be lost", async () => {
    const message = shown(await add("orphan", " wipe=true"));
    const lines = linesShown(message.blocks);
    expect(lines.length, lines.join("\n")).toBeLessThanOrEqual(MOST_LINES);
    expect(lines.slice(1, 3).join(" ")).toMatch(/^❌ \*All data on LUN …bbe00a is lost:/);
    expect(lines).toContain("[Wipe and Add] [Cancel]");
    expect(lines.join("\n")).toMatch(/Undo: \/zstack sharedblock delete ps-1\nConfirm before \d\d:\d\d UTC\./);
  });

  it("is no longer if the LUN is blank", async () => {
    const lines = linesShown(shown(await add("blank")).blocks);
    expect(lines.length, lines.join("\n")).toBeLessThanOrEqual(MOST_LINES);
    expect(lines).toContain("[Add Storage] [Cancel]");
  });

  it("has every command, file and guard in one collapsed block", async () => {
    const plan = await add("orphan", " wipe=true");
    const message = shown(plan);
    expect(message.blocks.filter(({ type }) => type === "container")).toHaveLength(1);
    expect(message.following).toEqual([]);
    expect(missing(plan, message)).toEqual([]);
  });

  it("has them in its thread if Slack does not know such a block", async () => {
    const plan = await add("orphan", " wipe=true");
    const message = shown(plan, "basic");
    expect(message.blocks.filter(({ type }) => type === "container")).toEqual([]);
    expect(textShown(message.blocks)).toContain("Commands, files and guards: in the thread.");
    expect(missing(plan, message)).toEqual([]);
    expect(message.blocks.filter(isDecision)).toHaveLength(1);
  });
});

describe("an end", () => {
  const ended = async (plan: Plan, outcomeOf: (step: Step) => Outcome) => {
    const began = new Date("2026-11-29T01:00:00.000Z");
    const progress = new Progress(plan, () => began);
    for (const stage of plan.stages) {
      progress.began(stage);
      if (stage.kind === "record") progress.recorded(stage, null);
      for (const step of stage.kind === "hosts" ? stage.steps : []) {
        if (progress.stopped) break;
        progress.running(step);
        progress.finished(step, outcomeOf(step));
      }
      if (progress.stopped) break;
    }
    const capacity = { kind: "fields" as const, fields: [["capacity", "2.19 TB, 2.19 TB free"]] as const };
    const details = [{ kind: "text" as const, text: "What else the hosts show" }];
    const reply = endReply(operation, progress, { shown: [capacity], details, next: ["sharedblock show ps-1"] }, began);
    return messageOf({ reply }, true);
  };
  const operation = { ...planned, id: "op-1", nonce: "n", confirmedBy: "U0BOB0001", confirmedAt: planned.askedAt };

  it("that is done is one screen: result, capacity, backup, next steps; the rest is collapsed", async () => {
    const { blocks, following } = await ended(await add("orphan", " wipe=true"), () => done(null));
    const lines = linesShown(blocks);
    expect(lines.length, lines.join("\n")).toBeLessThanOrEqual(16);
    expect(lines[1]).toBe("✅ All steps done.");
    expect(lines.join("\n")).toMatch(/capacity[\s\S]*Backup of[\s\S]*sharedblock show ps-1/);
    expect(lines).toContain("▸ Steps, hosts and LUNs");
    expect(textShown(blocks)).toMatch(/✅ 8\. Record the shared blocks[\s\S]*What else the hosts show/);
    expect(following).toEqual([]);
  });

  it("shows who confirmed it and when, instead of the buttons", async () => {
    const { blocks } = await ended(await add("blank"), () => done(null));
    expect(JSON.stringify(blocks.at(-1))).toMatch(/Confirmed by <@U0BOB0001>, <!date\^\d+\^\{time\}\|\d\d:\d\d UTC>/);
    expect(blocks.filter(isDecision)).toEqual([]);
  });

  it("that failed is one screen: the step, the host and the reason, what is done, what to do", async () => {
    const fails = (step: Step): Outcome =>
      commandOf(step).argv[0] === "vgcreate" ? { kind: "failed", exitCode: 5, stderr: "I/O error" } : done(null);
    const { blocks } = await ended(await add("orphan", " wipe=true"), fails);
    const lines = linesShown(blocks);
    expect(lines.length, lines.join("\n")).toBeLessThanOrEqual(MOST_LINES);
    expect(lines.join("\n")).toMatch(
      /❌ \*STEP_FAILED\* {1,2}\*5\. Create the volume\sgroup\*\n• \*sharedblock-host1\* failed:\s+vgcreate:\s+exit\s+code 5: I\/O\s+error\nDone: 1–4 of 8 steps\./,
    );
    expect(textShown(blocks)).toContain("\nvgcreate --shared");
  });

  it("shows one fact of many hosts in one line", async () => {
    const large = new InMemory([30], 1);
    const plan = await large.plans(`sharedblock add cluster-1 wwid=${large.wwids[0]}`);
    const fails = (step: Step): Outcome =>
      commandOf(step).argv[0] === "vgchange" ? { kind: "unknown", reason: "the connection was lost" } : done(null);
    const { blocks } = await ended(plan, fails);
    expect(linesShown(blocks).length).toBeLessThanOrEqual(MOST_LINES);
  });
});

it("a running operation is a plan of tasks, or lines if Slack does not know them", async () => {
  const plan = await add("blank");
  const progress = new Progress(plan, () => new Date(0));
  const [record, hosts] = plan.stages;
  if (record === undefined || hosts?.kind !== "hosts") throw new Error("another plan");
  progress.began(record);
  progress.recorded(record, null);
  progress.began(hosts);
  const [step] = hosts.steps;
  if (step !== undefined) progress.running(step);
  const reply = progressReply({ ...planned, id: "op-1", nonce: "n" }, progress, new Date(0));
  const tasks = messageOf({ reply }, false).blocks.flatMap((block) =>
    block.type === "plan" ? (block.tasks ?? []) : [],
  );
  expect(tasks.slice(0, 3)).toMatchObject([{ status: "complete" }, { status: "in_progress" }, { status: "pending" }]);
  const lines = linesShown(messageOf({ reply }, false, { kinds: "basic" }).blocks).join("\n");
  expect(lines).toMatch(/✅ 1\. Claim the LUNs\n⏳ 2\. Prepare LVM and sanlock — 0 of \d+\s+steps,\s+running\s+on/);
  expect(lines).not.toMatch(/\b0 s\b|\(s\)/);
});

it("a plan of many LUNs has its commands in the thread, or else in the file, and none is cut", async () => {
  for (const [hosts, count, where] of [
    [4, 3, "in the thread"],
    [4, 16, "in the thread"],
    [30, 16, "in the file"],
  ] as const) {
    const large = new InMemory([hosts], 16);
    const plan = await large.plans(`sharedblock add cluster-1 wwid=${large.wwids.slice(0, count).join(",")}`);
    const message = shown(plan);
    expect(textShown(message.blocks)).toContain(`Commands, files and guards: ${where}.`);
    if (message.overflow === null) expect(missing(plan, message)).toEqual([]);
    const file = message.overflow === null ? null : runToEnd(makingFileText(message.overflow)).replaceAll(/\s+/g, "");
    expect(confirmed(plan).filter((line) => file?.includes(line.replaceAll(/\s+/g, "")) === false)).toEqual([]);
  }
});

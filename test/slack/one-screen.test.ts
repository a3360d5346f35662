import { beforeAll, describe, expect, it } from "vitest";
import { readable } from "../../src/core/host-command.ts";
import { atOnce } from "../../src/core/parts.ts";
import { guardTexts, type Plan, stepsOf } from "../../src/core/plan.ts";
import { commandOf } from "../../src/core/step.ts";
import { planReply } from "../../src/flow/plan-reply.ts";
import { tutorialLuns, tutorialSan } from "../../src/simulator/san/tutorial-san.ts";
import type { Kinds } from "../../src/slack/block-kinds.ts";
import { makingFileText, messageOf, type SlackMessage } from "../../src/slack/blocks.ts";
import { isDecision } from "../../src/slack/decision.ts";
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

/** All that runs if the plan is confirmed. */
const confirmed = (plan: Plan): string[] =>
  stepsOf(plan).flatMap((step) => {
    const { argv, stdin = "" } = commandOf(step);
    const files = stdin.split("\n").filter((line) => line !== "");
    return [readable(argv), ...files, ...guardTexts(step).flatMap(({ lines }) => lines)];
  });

const missing = (plan: Plan, { blocks, following }: SlackMessage): string[] => {
  const text = textShown([...blocks, ...following.flatMap((each) => each.blocks)]);
  return confirmed(plan)
    .flatMap(visibleLines)
    .filter((line) => !text.includes(line));
};

describe("a plan of one LUN on three hosts", () => {
  it("is one phone screen, buttons included, and says first and in bold what will be lost", async () => {
    const message = shown(await add("orphan", " wipe=true"));
    const lines = linesShown(message.blocks);
    expect(lines.length, lines.join("\n")).toBeLessThanOrEqual(MOST_LINES);
    expect(lines.slice(1, 3).join(" ")).toMatch(/^❌ \*All data on [0-9a-f]+ is lost:/);
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

  it("has them in its thread if Slack knows no such block", async () => {
    const plan = await add("orphan", " wipe=true");
    const message = shown(plan, "basic");
    expect(message.blocks.filter(({ type }) => type === "container")).toEqual([]);
    expect(textShown(message.blocks)).toContain("Commands, files and guards: in the thread.");
    expect(missing(plan, message)).toEqual([]);
    expect(message.blocks.filter(isDecision)).toHaveLength(1);
  });
});

it("a plan of many LUNs has its commands in the thread, or else in the file, and none is cut", async () => {
  for (const [hosts, count, where] of [
    [4, 3, "in the thread"],
    [4, 16, "in the thread"],
    [60, 16, "in the file"],
  ] as const) {
    const large = new InMemory([hosts], 16);
    const plan = await large.plans(`sharedblock add cluster-1 wwid=${large.wwids.slice(0, count).join(",")}`);
    const message = shown(plan);
    expect(textShown(message.blocks)).toContain(`Commands, files and guards: ${where}.`);
    if (message.overflow === null) expect(missing(plan, message)).toEqual([]);
    const file = message.overflow === null ? null : atOnce(makingFileText(message.overflow)).replaceAll(/\s+/g, "");
    expect(confirmed(plan).filter((line) => file?.includes(line.replaceAll(/\s+/g, "")) === false)).toEqual([]);
  }
});

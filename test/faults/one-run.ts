import type { BotFiles } from "./bot-child.ts";
import { terminal } from "./cast.ts";
import { eventText } from "./event-text.ts";
import { type Evidence, evidenceOf } from "./evidence.ts";
import { FaultInjector } from "./fault-injector.ts";
import { faultText, scheduleOf } from "./faults.ts";
import { destroys } from "./oracle/destruction.ts";
import { judge } from "./oracle/judge.ts";
import { plays } from "./prelude.ts";
import { Seed } from "./seed.ts";
import { type Act, beginnings, storyOf } from "./story.ts";
import { StoryRun } from "./story-run.ts";
import { World } from "./world.ts";

export interface Verdict {
  readonly seed: number;
  readonly beginning: string;
  readonly acts: readonly string[];
  readonly faults: readonly string[];
  /** The oracle's findings; empty if all promises hold. */
  readonly problems: readonly string[];
  /** The number of faults of each kind, of each result of operations, and of programs that destroyed something. */
  readonly counted: Readonly<Record<string, number>>;
  readonly cpuMs: number;
  readonly wallMs: number;
}

export interface RunKind {
  /** The bot watches the hosts: an incident that nothing in the story explains is a problem. */
  readonly isWatched: boolean;
  /** No faults come. */
  readonly isCalm: boolean;
}

/** One story with its faults. It ends after all faults are over and the oracle has read the result. */
export async function oneRun(
  number: number,
  directory: string,
  files: BotFiles,
  { isWatched, isCalm }: RunKind,
  onLine: ((line: string) => void) | null,
): Promise<Verdict> {
  const beganAt = Date.now();
  const seed = new Seed(number);
  const story = storyOf(seed);
  const planned = scheduleOf(seed, story);
  const schedule = isCalm ? planned.filter(({ fault }) => fault.kind === "a person says") : planned;
  const restartsAtTheEnd = seed.percent(40);
  const world = await World.begin(directory, files, { isWatched, cast: story.cast }, (workspace, port) =>
    plays(workspace, [...beginnings[story.beginning], ...(story.firstGrant === null ? [] : [story.firstGrant])], port),
  );
  try {
    if (onLine) world.timeline.onEvent((event) => onLine(eventText(event)));
    const before = {
      inventory: await world.file("inventory.json"),
      roles: await world.file("roles.json"),
      auditFrom: Buffer.byteLength(await world.file("audit.jsonl")),
    };
    await new StoryRun(world, new FaultInjector(world, schedule), isWatched).run(story, restartsAtTheEnd);
    await world.stopBot();
    const evidence = await evidenceOf(world, story.cast, before);
    return {
      seed: number,
      beginning: story.firstGrant === null ? story.beginning : `${story.beginning}, ${story.firstGrant}`,
      acts: [...story.acts.map(actLine), ...(story.again === null ? [] : [`all comes again ${story.again}`])],
      faults: schedule.map(faultText),
      problems: judge(evidence),
      counted: countedIn(evidence),
      cpuMs: 0,
      wallMs: Date.now() - beganAt,
    };
  } finally {
    await world.end();
  }
}

const actLine = (act: Act, index: number): string => {
  const { words, person, how, decision, second, hasty, outside, formats, foreignBot } = act;
  const notes = [
    how === "mention" ? "mention" : null,
    ...second.map(({ who, does }) => `${who} ${does}`),
    decision,
    hasty ? "hasty" : null,
    outside?.kind ?? null,
    formats === null ? null : `a person formats ${formats}`,
    foreignBot === null ? null : `a foreign bot shows ${foreignBot}`,
  ];
  return `act ${index + 1}: ${person} ${words} (${notes.filter((note) => note !== null).join(", ")})`;
};

function countedIn({ events, operations, incidents, audit, auditFrom }: Evidence): Record<string, number> {
  const counted: Record<string, number> = {};
  const count = (what: string) => {
    counted[what] = (counted[what] ?? 0) + 1;
  };
  for (const event of events) {
    if (event.kind === "fault") count(`fault ${event.text.replace(/^.*?: ([a-z ]+).*$/s, "$1").trim()}`);
    if (event.kind === "again") count(`all again ${event.when}`);
    if (event.kind === "action" && event.person === terminal) count(`${event.does} in a terminal`);
    if (event.kind === "later") count("jumps of the clock");
    if (event.kind === "group") count("changes of the user group");
    if (event.kind === "foreign plan") count("foreign plans");
    if (event.kind === "program" && event.real !== null && destroys(event.argv)) count("programs that destroy");
  }
  for (const { entry, end } of audit) {
    if (end <= auditFrom) continue;
    const { event } = entry;
    if (["approved", "rejected", "break-glass", "stopping"].includes(event.kind)) count(`audit: ${event.kind}`);
    if (event.kind !== "acted") continue;
    const [, verb = ""] =
      /^((?:un)?freeze|(?:role|policy|review|operation) \w+|approve|reject|break-glass)/.exec(event.words) ?? [];
    if (verb !== "") count(`audit: ${verb}${event.result.startsWith("refused") ? " refused" : ""}`);
  }
  for (const { state } of operations) count(`operations ${state}`);
  for (const { findings } of incidents ?? [])
    count(`incidents: ${[...new Set(findings.map(({ kind }) => kind))].sort().join(", ")}`);
  return counted;
}

import { beforeAll, describe, expect } from "vitest";
import type { Fault } from "../../src/simulator/san/fault.ts";
import { becomesFresh, byHand } from "./by-hand.ts";
import { textIn } from "./message-text.ts";
import { rowsOf } from "./rows.ts";
import { Story } from "./story.ts";
import { itAtLength, itSimulated, patient } from "./target.ts";
import { changes } from "./two-clusters.ts";

const HOST2 = "sharedblock-host2";
const LIMIT_MS = patient(60_000);

type StorageObservations = readonly (readonly [string, ...string[]])[];
/** The state of a prepared host, as a person sees it. */
const LOOKS: StorageObservations = [
  ["uname", "-n"],
  ["cat", "/etc/hostname"],
  ["cat", "/etc/hosts"],
  ["cat", "/etc/sanlock/sanlock.conf"],
  ["cat", "/etc/modules-load.d/zstack-chatops.conf"],
  ["systemctl", "is-active", "sanlock.service", "lvmlockd.service"],
];
/** The state of a host on which packages were installed. */
const LOOKS_AT_PACKAGES: StorageObservations = [
  ...LOOKS,
  ["ls", "/sys/module"],
  ["dpkg-query", "--show", "--", "sanlock", "lvm2-lockd", "multipath-tools"],
];
async function stateOf(story: Story, looks: StorageObservations): Promise<string[]> {
  const seen: string[] = [];
  for (const argv of looks) seen.push(await byHand(story, HOST2, argv));
  return seen;
}

const interruptions: [string, (step: Step) => Fault, string][] = [
  ["fails", (step) => ({ kind: "fails", ...met(step), exitCode: 5, stderr: "I/O error" }), ": failed"],
  ["is cut off before it began", (step) => ({ kind: "cut during", ...met(step), after: "before" }), ": unknown"],
  ["is cut off after it was done", (step) => ({ kind: "cut during", ...met(step), after: "effect" }), ": unknown"],
];
type Step = [program: string, argument?: string];
const casesOf = (steps: readonly Step[]) =>
  steps.flatMap((step) =>
    interruptions.map(([what, fault, state]) => ({ title: `${step.join(" ")} ${what}`, fault: fault(step), state })),
  );
type Case = ReturnType<typeof casesOf>[number];

/** The second host is interrupted while it is prepared, and then prepared by the same command. */
async function interrupts(story: Story, words: string, { fault, state }: Case): Promise<void> {
  await story.says(words);
  await story.shows(`Prepare ${HOST2}`, "What differs");
  await story.hosts.fault(HOST2, fault);
  await story.clicks("Confirm");
  await story.shows(`Prepare ${HOST2}${state}`, "Not done");
  await story.hosts.heal(HOST2);
  await finishes(story, words, `Prepare ${HOST2}`);
}

describe.concurrent("host prepare, interrupted: the same command finishes it", { timeout: LIMIT_MS }, () => {
  const words = `host prepare ${HOST2}`;
  const isNameless = (story: Story) => byHand(story, HOST2, ["hostnamectl", "set-hostname", "localhost"]);
  let whole: string[] = [];
  beforeAll(async () => {
    const story = await Story.begin();
    await isNameless(story);
    await changes(story, words);
    await story.shows(`Prepare ${HOST2}: done`);
    whole = await stateOf(story, LOOKS);
    await story.ends();
  }, LIMIT_MS);

  const steps: Step[] = [
    ["hostnamectl"],
    ["tee", "/etc/sanlock/sanlock.conf.zstack-chatops"],
    ["mv", "/etc/sanlock/sanlock.conf"],
    ["modprobe"],
    ["tee", "/etc/modules-load.d/zstack-chatops.conf.zstack-chatops"],
    ["mv", "/etc/modules-load.d/zstack-chatops.conf"],
    ["systemctl", "enable"],
  ];
  itAtLength.for(rowsOf(casesOf(steps)))("$title", async (each, { onTestFinished }) => {
    const story = await Story.begin();
    onTestFinished(() => story.ends());
    await isNameless(story);
    await interrupts(story, `/zstack ${words}`, each);
    expect(await stateOf(story, LOOKS)).toEqual(whole);
  });
});

/** The lab has no network for packages, and no block in /etc/hosts, because all its guests have one address. */
describe.concurrent("host prepare, interrupted installation: the same command finishes it", {
  timeout: LIMIT_MS,
}, () => {
  const words = `host prepare ${HOST2} install=true`;
  let whole: string[] = [];
  beforeAll(async () => {
    const story = await Story.begin();
    await becomesFresh(story, HOST2);
    await changes(story, words);
    await story.shows(`Prepare ${HOST2}: done`);
    whole = await stateOf(story, LOOKS_AT_PACKAGES);
    await story.ends();
  }, LIMIT_MS);

  const steps: Step[] = [
    ["hostnamectl"],
    ["cp", "/etc/hosts"],
    ["tee", "/etc/hosts.zstack-chatops"],
    ["mv", "/etc/hosts"],
    ["mkdir", "/etc/sanlock"],
    ["tee", "/etc/sanlock/sanlock.conf.zstack-chatops"],
    ["mv", "/etc/sanlock/sanlock.conf"],
    ["apt-get", "update"],
    ["dpkg", "--configure"],
    ["apt-get", "install"],
    ["modprobe"],
    ["mkdir", "/etc/modules-load.d"],
    ["tee", "/etc/modules-load.d/zstack-chatops.conf.zstack-chatops"],
    ["mv", "/etc/modules-load.d/zstack-chatops.conf"],
  ];
  itSimulated.for(rowsOf(casesOf(steps)))("$title", async (each, { onTestFinished }) => {
    const story = await Story.begin();
    onTestFinished(() => story.ends());
    await becomesFresh(story, HOST2);
    await interrupts(story, `/zstack ${words}`, each);
    expect(await stateOf(story, LOOKS_AT_PACKAGES)).toEqual(whole);
    const installed = (await story.hosts.changes()).filter(
      (line) => line.includes("apt-get") && line.includes(" install "),
    );
    expect(installed).toHaveLength(1);
  });
});

/** Sends the command again. If the fault came after the last effect, nothing is left to do. */
async function finishes(story: Story, words: string, title: string): Promise<void> {
  await story.says(words);
  const answer = await story.shows(/What differs|already prepared/);
  if (textIn(answer).includes("already prepared")) return;
  await story.clicks("Confirm");
  await story.shows(`${title}: done (op-2)`);
}

const met = ([program, argument]: Step) => (argument === undefined ? { program } : { program, argument });

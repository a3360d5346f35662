import { beforeAll, describe, expect } from "vitest";
import type { Fault } from "../../src/local/san/fault.ts";
import { becomesFresh, byHand } from "./by-hand.ts";
import { Story, textIn } from "./story.ts";
import { itSimulated as it } from "./target.ts";

const [HOST1, HOST2] = ["sharedblock-host1", "sharedblock-host2"] as const;
const LIMIT_MS = 60_000;

/** What a prepared host shows, as a person would look at it. */
const LOOKS: readonly (readonly [string, ...string[]])[] = [
  ["uname", "-n"],
  ["cat", "/etc/hostname"],
  ["cat", "/etc/hosts"],
  ["cat", "/etc/sanlock/sanlock.conf"],
  ["cat", "/etc/modules-load.d/zstack-chatops.conf"],
  ["ls", "/sys/module"],
  ["systemctl", "is-active", "sanlock.service", "lvmlockd.service"],
  ["dpkg-query", "--show", "--", "sanlock", "lvm2-lockd", "multipath-tools"],
];
async function stateOf(story: Story, host: string): Promise<string[]> {
  const seen: string[] = [];
  for (const argv of LOOKS) seen.push(await byHand(story, host, argv));
  return seen;
}

describe.concurrent("whatever interrupts the preparation, the same words finish it", () => {
  const words = `/zstack host prepare ${HOST2} install=true`;
  let whole: string[] = [];
  beforeAll(async () => {
    const story = await Story.begin();
    await becomesFresh(story, HOST2);
    await story.says(words);
    await story.clicks("Confirm");
    await story.shows(`Prepare ${HOST2}: done`);
    whole = await stateOf(story, HOST2);
    await story.ends();
  }, LIMIT_MS);

  const steps: [program: string, argument?: string][] = [
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
  const interruptions: [string, (step: [string, string?]) => Fault, string][] = [
    ["fails", (step) => ({ kind: "fails", ...met(step), exitCode: 5, stderr: "I/O error" }), ": failed"],
    ["is cut off before it began", (step) => ({ kind: "cut during", ...met(step), after: "before" }), ": unknown"],
    ["is cut off after it was done", (step) => ({ kind: "cut during", ...met(step), after: "effect" }), ": unknown"],
  ];
  const cases = steps.flatMap((step) =>
    interruptions.map(([what, fault, state]) => ({ title: `${step.join(" ")} ${what}`, fault: fault(step), state })),
  );

  it.for(interruptions)(
    "systemctl enable %s",
    { timeout: LIMIT_MS },
    async ([_what, fault, state], { onTestFinished }) => {
      const story = await Story.begin();
      onTestFinished(() => story.ends());
      await story.says(`/zstack host prepare ${HOST1}`);
      await story.shows(`Prepare ${HOST1}`, "off: sanlock.service, lvmlockd.service");
      await story.hosts.fault(HOST1, fault(["systemctl", "enable"]));
      await story.clicks("Confirm");
      await story.shows(`Prepare ${HOST1}${state}`, "Not done");
      await story.hosts.heal(HOST1);
      await finishes(story, `/zstack host prepare ${HOST1}`, `Prepare ${HOST1}`);
      const units = ["systemctl", "is-active", "sanlock.service", "lvmlockd.service"] as const;
      expect(await byHand(story, HOST1, units)).toBe("active\nactive\n");
    },
  );

  it.for(cases)("$title", { timeout: LIMIT_MS }, async ({ fault, state }, { onTestFinished }) => {
    const story = await Story.begin();
    onTestFinished(() => story.ends());
    await becomesFresh(story, HOST2);
    await story.says(words);
    await story.shows(`Prepare ${HOST2}`, "What differs");
    await story.hosts.fault(HOST2, fault);
    await story.clicks("Confirm");
    await story.shows(`Prepare ${HOST2}${state}`, "Not done");
    await story.hosts.heal(HOST2);
    await finishes(story, words, `Prepare ${HOST2}`);
    expect(await stateOf(story, HOST2)).toEqual(whole);
    const installed = (await story.hosts.changes()).filter(
      (line) => line.includes("apt-get") && line.includes(" install "),
    );
    expect(installed).toHaveLength(1);
  });
});

/** Says the words again. What was cut off at its very end is done: then there is nothing left to do. */
async function finishes(story: Story, words: string, title: string): Promise<void> {
  await story.says(words);
  const answer = await story.shows(/What differs|nothing to do/);
  if (textIn(answer).includes("nothing to do")) return;
  await story.clicks("Confirm");
  await story.shows(`${title}: done (op-2)`);
}

const met = ([program, argument]: [string, string?]) => (argument === undefined ? { program } : { program, argument });

import { describe, expect } from "vitest";
import type { Fault } from "../../src/simulator/san/fault.ts";
import { rowsOf } from "./rows.ts";
import { Story } from "./story.ts";
import { graceOf, itAtLength, patient } from "./target.ts";
import {
  addsStorage,
  addsStorageBesideCluster2,
  changes,
  clustersOf,
  HOST1,
  HOST2,
  HOST3,
  storageIn,
} from "./two-clusters.ts";

const LIMIT_MS = patient(90_000);

interface Program {
  readonly host: string;
  readonly program: string;
  readonly argument: string;
}

/** What happens to one program on one host, and how the operation ends then. */
const interruptions: [what: string, fault: (of: Omit<Program, "host">) => Fault, state: RegExp][] = [
  ["fails", (of) => ({ kind: "fails", ...of, exitCode: 5, stderr: "I/O error" }), /: failed/],
  ["is cut off before it began", (of) => ({ kind: "cut during", ...of, after: "before" }), /: unknown/],
  ["is cut off after it was done", (of) => ({ kind: "cut during", ...of, after: "effect" }), /: unknown/],
];

const cases = (programs: readonly Program[]) =>
  programs.flatMap(({ host, ...of }) =>
    interruptions.map(([what, fault, state]) => ({
      title: `${of.program} ${of.argument} on ${host} ${what}`,
      host,
      fault: fault(of),
      state,
    })),
  );

/** Sends the command into the fault, repairs the host, and sends it again. */
async function interrupted(
  story: Story,
  words: string,
  title: string,
  { host, fault, state }: ReturnType<typeof cases>[number],
  form: boolean,
): Promise<void> {
  await story.says(`/zstack ${words}`);
  await story.shows(title);
  await story.clicks("Confirm");
  await story.hosts.fault(host, fault);
  if (form) expect(await story.sends(null)).toEqual({});
  await story.shows(new RegExp(`${title}${state.source}`), "Not done", host);
  await story.hosts.heal(host);
}

describe.concurrent("sharedblock attach, interrupted: the same command finishes it", { timeout: LIMIT_MS }, () => {
  const steps = cases([
    { host: HOST3, program: "tee", argument: "/etc/lvm/lvmlocal.conf.zstack-chatops" },
    { host: HOST3, program: "mv", argument: "/etc/lvm/lvmlocal.conf" },
    { host: HOST3, program: "mkdir", argument: "/etc/sanlock" },
    { host: HOST3, program: "tee", argument: "/etc/sanlock/sanlock.conf.zstack-chatops" },
    { host: HOST3, program: "mv", argument: "/etc/sanlock/sanlock.conf" },
    { host: HOST3, program: "systemctl", argument: "enable" },
    { host: HOST3, program: "vgchange", argument: "--lockstart" },
  ]);

  itAtLength.for(rowsOf(steps))("$title", async (step, { onTestFinished }) => {
    const story = await Story.begin();
    onTestFinished(() => story.ends());
    await addsStorageBesideCluster2(story);
    const words = "sharedblock attach ps-1 cluster-2";
    await interrupted(story, words, "Attach ps-1 to cluster-2", step, false);
    expect(clustersOf(story)).toEqual(["cluster-1"]);
    await changes(story, words);
    await story.shows("Attach ps-1 to cluster-2: done", /sharedblock-host3 Connected · sanlock host ids 1–3/);
    expect(clustersOf(story)).toEqual(["cluster-1", "cluster-2"]);
    const starts = (await story.hosts.changes()).filter((line) => line.startsWith(`${HOST3}: vgchange --lockstart`));
    expect(starts).toHaveLength(1);
  });

  itAtLength("or detach undoes it", async ({ onTestFinished }) => {
    const story = await Story.begin();
    onTestFinished(() => story.ends());
    await addsStorageBesideCluster2(story);
    const [step] = cases([{ host: HOST3, program: "vgchange", argument: "--lockstart" }]).slice(-1);
    if (step === undefined) throw new Error("no case");
    await interrupted(story, "sharedblock attach ps-1 cluster-2", "Attach ps-1 to cluster-2", step, false);
    await changes(story, "sharedblock detach ps-1 cluster-2");
    await story.shows("Detach ps-1 from cluster-2: done");
    await story.says("/zstack sharedblock detach ps-1 cluster-2");
    await story.shows("Nothing was changed", "it is not attached there, and none of its hosts holds its locks");
  });
});

describe.concurrent("sharedblock detach, interrupted: the same command finishes it", { timeout: LIMIT_MS }, () => {
  const steps = cases([
    { host: HOST1, program: "lvchange", argument: "--activate" },
    { host: HOST2, program: "vgchange", argument: "--lockstop" },
  ]);

  itAtLength.for(rowsOf(steps))("$title", async (step, { onTestFinished }) => {
    const story = await Story.begin();
    onTestFinished(() => story.ends());
    await addsStorage(story);
    const group = storageIn(story).uuid;
    await story.hosts.makesVolume(group, "vol-1", 1024 ** 3);
    await story.hosts.activates(group, "vol-1", HOST1);
    const words = "sharedblock detach ps-1 cluster-1";
    await interrupted(story, words, "Detach ps-1 from cluster-1", step, false);
    expect(clustersOf(story)).toEqual(["cluster-1"]);
    await changes(story, words);
    await story.shows("Detach ps-1 from cluster-1: done");
    expect(clustersOf(story)).toEqual([]);
    expect(await onceEach(story, / lvchange | vgchange --lockstop /)).toEqual([
      `${HOST1}: lvchange`,
      `${HOST1}: vgchange`,
      `${HOST2}: vgchange`,
      `${HOST3}: vgchange`,
    ]);
  });
});

describe.concurrent("sharedblock maintain, interrupted: the same command finishes it", {
  timeout: LIMIT_MS,
}, () => {
  const steps = cases([
    { host: HOST1, program: "virsh", argument: "shutdown" },
    { host: HOST2, program: "virsh", argument: "destroy" },
    { host: HOST2, program: "lvchange", argument: "--activate" },
    { host: HOST3, program: "vgchange", argument: "--lockstop" },
  ]);

  itAtLength.for(rowsOf(steps))("$title", async (step, { onTestFinished }) => {
    const story = await Story.begin();
    onTestFinished(() => story.ends());
    await addsStorage(story);
    const group = storageIn(story).uuid;
    for (const [host, name, heedsShutdown] of [
      [HOST1, "web-1", true],
      [HOST2, "router-1", false],
    ] as const) {
      await story.hosts.makesVolume(group, `of-${name}`, 1024 ** 3);
      await story.hosts.startsVm(host, { name, volumeGroup: group, volume: `of-${name}`, heedsShutdown });
    }
    const words = `sharedblock maintain ps-1 grace=${graceOf(1_000)}`;
    await interrupted(story, words, "Take ps-1 into maintenance", step, true);
    expect(storageIn(story).state).toBe("Enabled");
    await changes(story, words, true);
    await story.shows("Take ps-1 into maintenance: done (op-3)");
    expect(storageIn(story).state).toBe("Maintenance");
    const stops = await onceEach(story, / virsh .* (shutdown|destroy) | lvchange | vgchange --lockstop /);
    // router-1 ignores a shutdown, so it is asked again. It is switched off once.
    expect(stops.filter((line) => !line.includes("shutdown"))).toEqual([
      `${HOST1}: lvchange`,
      `${HOST1}: vgchange`,
      `${HOST2}: lvchange`,
      `${HOST2}: vgchange`,
      `${HOST2}: virsh destroy`,
      `${HOST3}: vgchange`,
    ]);
  });
});

/** The commands that changed something, host by host. A command that ran twice is in the list twice. */
const onceEach = async (story: Story, program: RegExp): Promise<string[]> =>
  (await story.hosts.changes())
    .filter((line) => program.test(line))
    .map((line) =>
      line.replace(/^(\S+ \w+)(?:.* (destroy|shutdown) )?.*$/, (_, start, verb) =>
        [start, verb].filter(Boolean).join(" "),
      ),
    )
    .sort();

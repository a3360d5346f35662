import { afterAll, beforeAll, describe, expect } from "vitest";
import { stepsOf } from "../../src/core/plan.ts";
import { asksOfLuns, commandOf, type Step } from "../../src/core/step.ts";
import { planOf, plansThatTake, reasonAgainst, takesLun } from "./plans-that-take.ts";
import { rowsOf } from "./rows.ts";
import { Story } from "./story.ts";
import { itEverywhere as it, luns, patient, target } from "./target.ts";
import { HOST1, HOST2, HOST3, hasTwoClusters, storageIn } from "./two-clusters.ts";

/**
 * Every step that takes what a LUN holds, of every command that has one, against everything that must keep it from
 * running. What happens here happens after the plan was made: only the guard of the step itself can see it.
 */

const LIMIT_MS = patient(120_000);
const GIBIBYTE = 1024 ** 3;

type Threat = readonly [what: string, happens: (story: Story, wwid: string) => unknown, says: RegExp];
const threats: readonly Threat[] = [
  ["a VM that is only defined", vmOn(HOST2, false), /VM vm-new \(disk sda; it is off\)/],
  ["a VM on a host of another cluster", vmOn(HOST3, true), /VM vm-new \(disk sda\)/],
  ["bcache", ({ san }, wwid) => san.users.stack(HOST2, wwid, "bcache0"), /in use on \S+ by bcache0/],
  ["a process", ({ san }, wwid) => san.users.open(HOST3, wwid, "tgtd"), /tgtd \(PID 800\)/],
  ["an export", ({ san }, wwid) => san.users.export(HOST2, wwid), /export LIO:/],
  ["a loop device", ({ san }, wwid) => san.users.loop(HOST3, wwid), /loop device/],
  ["what no tool names", ({ san }, wwid) => san.users.openUnseen(HOST2, wwid), /is open 1 × on/],
  ["a second LUN behind the same port", ({ san }, wwid) => san.array.offerClone(wwid, HOST2), /behind one target port/],
  [
    "a path of another size",
    ({ san }, wwid) => san.array.pathSize(HOST3, san.array.devices(wwid, HOST3)[0] ?? "", 5 * GIBIBYTE),
    /report different sizes/,
  ],
  ["a second LUN of another array", ({ san }, wwid) => san.array.joinTwin(wwid, HOST2), /lead to 2 targets/],
  [
    "a host of another cluster that answers no more",
    ({ san }) => san.fault(HOST3, { kind: "down" }),
    new RegExp(`${HOST3}: could not be asked whether the step is safe`),
  ],
];

/** All plans have one guard: `npm test` shows all threats to the first plan, and some to each of the others. */
const plansAndThreats = plansThatTake.map((plan, index) => ({
  ...plan,
  seen: index === 0 ? threats : rowsOf(threats),
}));

function vmOn(host: string, runs: boolean): Threat[1] {
  return ({ san }, wwid) => san.users.vm(host, wwid, { name: "vm-new", runs });
}

describe.skipIf(target !== "simulated")("any command: the guard of every step that destroys the data on a LUN", () => {
  describe.each(plansAndThreats)("$words: $destroys", ({ words, wwid, destroys, begins, seen }) => {
    let story: Story;
    let steps: readonly Step[];
    beforeAll(async () => {
      story = await Story.begin();
      await hasTwoClusters(story);
      await begins(story);
      steps = stepsOf(await planOf(story, words)).filter(takesLun);
    }, LIMIT_MS);
    afterAll(() => story.ends());

    it("is asked before each of them, of the LUN, on every host", () => {
      expect(steps.map((step) => commandOf(step).argv[0])).toEqual(destroys);
      for (const step of steps) {
        const reads = "guard" in step && step.guard ? step.guard : [];
        const asked = reads.flatMap((read) =>
          asksOfLuns in read && Array.isArray(read[asksOfLuns]) && read[asksOfLuns].includes(wwid)
            ? [read.host.name]
            : [],
        );
        expect(asked.sort(), step.why).toEqual([HOST1, HOST2, HOST3]);
      }
    });

    it.each(seen)("sees %s", { timeout: LIMIT_MS }, async (_what, happens, says) => {
      const undo = [HOST2, HOST3].map((host) => story.san.array.keep(host));
      await happens(story, wwid);
      for (const step of steps) expect(await reasonAgainst(step, story), commandOf(step).argv[0]).toMatch(says);
      for (const each of undo) each();
      await story.hosts.heal(HOST3);
    });
  });

  it("finds a use of a LUN with one path and no map that only the kernel knows", { timeout: LIMIT_MS }, async ({
    onTestFinished,
  }) => {
    const story = await Story.begin();
    onTestFinished(() => story.ends());
    await hasTwoClusters(story);
    for (const host of [HOST1, HOST2, HOST3]) story.san.array.leavesOnePath(luns.orphan, host);
    const plan = await planOf(story, `sharedblock add cluster-1 wwid=${luns.orphan} name=ps-1 wipe=true`);
    const [wipe, ...others] = stepsOf(plan).filter(takesLun);
    if (wipe === undefined) throw new Error("nothing is wiped");
    expect(await reasonAgainst(wipe, story)).toBe("");
    story.san.users.claim(HOST3, luns.orphan);
    for (const step of [wipe, ...others]) expect(await reasonAgainst(step, story)).toContain(`busy on ${HOST3}`);
    expect((await story.hosts.changes()).filter((line) => line.includes("wipefs"))).toEqual([]);
  });

  it("finds, before each volume is removed, users of that volume only", { timeout: LIMIT_MS }, async ({
    onTestFinished,
  }) => {
    const story = await Story.begin();
    onTestFinished(() => story.ends());
    await hasTwoClusters(story);
    const deletion = plansThatTake.find(({ destroys }) => destroys.includes("lvremove"));
    if (deletion === undefined) throw new Error("no plan destroys volumes");
    await deletion.begins(story);
    const group = storageIn(story).uuid;
    const steps = stepsOf(await planOf(story, deletion.words)).filter(takesLun);
    const [first, second] = steps.filter((step) => commandOf(step).argv[0] === "lvremove");
    if (first === undefined || second === undefined) throw new Error("two volumes were to go");
    for (const source of [`/dev/${group}/vol-2`, `/dev/mapper/${group}-vol--2`]) {
      const undo = story.san.array.keep(HOST3);
      story.san.users.vm(HOST3, luns.blank, { name: "vm-off", source, runs: false });
      expect(await reasonAgainst(first, story)).toBe("");
      expect(await reasonAgainst(second, story)).toContain(
        `vol-2 is in use on ${HOST3} by VM vm-off (disk sda; it is off)`,
      );
      await expect(planOf(story, deletion.words)).rejects.toThrow(`vol-2 is in use on ${HOST3} by VM vm-off`);
      undo();
    }
  });
});

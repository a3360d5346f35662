import { afterAll, afterEach, beforeAll, beforeEach, describe, expect } from "vitest";
import { digestOf, stepsOf } from "../../src/core/plan.ts";
import { Refusal } from "../../src/core/refusal.ts";
import { textIn } from "./message-text.ts";
import { planOf, plansThatTake, reasonAgainst, takesLun } from "./plans-that-take.ts";
import { Story } from "./story.ts";
import { ending, itEverywhere as it, luns, patient, target } from "./target.ts";
import { HOST2, HOST3, hasTwoClusters } from "./two-clusters.ts";

/** A host of another cluster may see a LUN and use it: as long as nobody has asked it, nobody knows. */

const LIMIT_MS = patient(120_000);
const add = `sharedblock add cluster-1 wwid=${luns.orphan} name=ps-1 wipe=true`;
const notAsked = `${HOST3} of cluster-2 was not asked whether it uses the LUN: `;

const refusalOf = async (story: Story, words: string): Promise<Refusal> => {
  const refused = await planOf(story, words).catch((error: unknown) => error);
  if (!(refused instanceof Refusal)) throw new Error(`${words} was not refused`);
  return refused;
};

/** The commands that would fix it. */
const fixesOf = ({ error }: Refusal): string[] =>
  error.fixes.flatMap((fix) => (typeof fix === "string" ? [] : [fix.run]));

describe.skipIf(target !== "simulated")("sharedblock add: a host of another cluster that can't be asked", () => {
  describe("in the channel", { timeout: LIMIT_MS }, () => {
    let story: Story;
    beforeEach(async () => {
      story = await Story.begin();
      await hasTwoClusters(story);
      await story.hosts.fault(HOST3, { kind: "down" });
    }, LIMIT_MS);
    afterEach(() => story.ends());

    it("is a refusal with its fix, and what a person confirms is first in the plan and in the log", async () => {
      await story.says(`/zstack ${add}`);
      await story.shows(
        "Nothing was changed",
        notAsked,
        "if they are off or can't see the LUN",
        `/zstack host show ${HOST3}`,
        `/zstack ${add} unasked=${HOST3}`,
      );
      await story.says(`/zstack ${add} unasked=${HOST3}`);
      const plan = textIn(await story.shows("Add ps-1 to cluster-1", `${HOST3} of cluster-2 was not asked: `));
      expect(plan.indexOf("was not asked: ")).toBeLessThan(plan.indexOf("seen by"));
      await story.confirms(ending(luns.orphan));
      await story.shows("Add ps-1 to cluster-1: done");
      const planned = (await story.audit()).map(({ event }) => (event.kind === "planned" ? event.words : ""));
      expect(planned).toContain(`${add} unasked=${HOST3}`);
    });

    it("is asked if it answers at the click: the plan is then different", async () => {
      await story.says(`/zstack ${add} unasked=${HOST3}`);
      await story.shows("Add ps-1 to cluster-1", "was not asked: ");
      await story.clicks("Confirm");
      await story.hosts.heal(HOST3);
      await story.sends(ending(luns.orphan));
      await story.shows("differ from what the plan showed");
      expect((await story.hosts.changes()).filter((line) => line.includes("wipefs"))).toEqual([]);
    });
  });

  describe("for the plan", { timeout: LIMIT_MS }, () => {
    let story: Story;
    beforeAll(async () => {
      story = await Story.begin();
      await hasTwoClusters(story);
    }, LIMIT_MS);
    afterAll(() => story.ends());
    afterEach(() => story.hosts.heal(HOST3));

    it("counts if it answers, also if a person has named it", async () => {
      const vouched = `${add} unasked=${HOST3}`;
      expect((await planOf(story, vouched)).facts).toEqual((await planOf(story, add)).facts);
      const undo = story.san.array.keep(HOST3);
      story.san.users.vm(HOST3, luns.orphan, { name: "vm-db" });
      expect((await refusalOf(story, vouched)).message).toContain(`in use on ${HOST3} by VM vm-db`);
      undo();
    });

    it("counts if it answers only directly before the step", async () => {
      await story.hosts.fault(HOST3, { kind: "down" });
      const steps = stepsOf(await planOf(story, `${add} unasked=${HOST3}`)).filter(takesLun);
      const [wipe] = steps;
      if (wipe === undefined) throw new Error("nothing is wiped");
      expect(await reasonAgainst(wipe, story)).toBe("");
      await story.hosts.heal(HOST3);
      const undo = story.san.array.keep(HOST3);
      story.san.users.vm(HOST3, luns.orphan, { name: "vm-db" });
      for (const step of steps) expect(await reasonAgainst(step, story)).toContain("VM vm-db");
      undo();
    });

    it("can't be named if it sees the LUN and reports only a part", async () => {
      await story.hosts.fault(HOST3, { kind: "fails", program: "pvs", exitCode: 5, stderr: "pvs: I/O error" });
      const refusal = await refusalOf(story, `${add} unasked=${HOST3}`);
      expect(refusal.message).toContain(`it sees ${luns.orphan} and may use it`);
      expect(fixesOf(refusal).join()).not.toContain("unasked=");
    });

    it("does not matter if it certainly does not see the LUN, also without other answers", async () => {
      const undo = story.san.array.keep(HOST3);
      story.san.array.unmap(luns.orphan, HOST3);
      await story.hosts.fault(HOST3, { kind: "fails", program: "pvs", exitCode: 5, stderr: "pvs: I/O error" });
      const [wipe] = stepsOf(await planOf(story, add)).filter(takesLun);
      if (wipe === undefined) throw new Error("nothing is wiped");
      expect(await reasonAgainst(wipe, story)).toBe("");
      undo();
    });

    it.each([
      [HOST2, `unasked=${HOST2}: ${HOST2} shares the LUN`],
      ["nobody", "unasked=nobody: nobody is not in the inventory"],
    ])("can't be %s", async (name, why) => {
      const refusal = await refusalOf(story, `${add} unasked=${name},${HOST3}`);
      expect(refusal.message).toContain(why);
      expect(fixesOf(refusal)[0]).toBe(`${add} unasked=${HOST3}`);
    });
  });

  describe.each(plansThatTake)("$words", { timeout: LIMIT_MS }, ({ words, begins }) => {
    let story: Story;
    beforeAll(async () => {
      story = await Story.begin();
      await hasTwoClusters(story);
      await begins(story);
    }, LIMIT_MS);
    afterAll(() => story.ends());
    afterEach(async () => {
      for (const host of [HOST2, HOST3]) await story.hosts.heal(host);
    });

    it("is refused, and the fix of the refusal makes a plan", async () => {
      const asked = digestOf(await planOf(story, words));
      await story.hosts.fault(HOST3, { kind: "down" });
      const refusal = await refusalOf(story, words);
      expect(refusal.message).toContain(notAsked);
      const again = fixesOf(refusal).find((each) => each.includes("unasked="));
      expect(again).toBe(`${words} unasked=${HOST3}`);
      const plan = await planOf(story, again ?? "");
      expect(plan.facts[0]).toHaveProperty("text", [
        { bold: expect.stringContaining(`${HOST3} of cluster-2 was not asked: `) },
        expect.any(String),
      ]);
      expect(digestOf(plan)).not.toBe(asked);
    });

    it("is refused for a host of its own cluster, also if a person names it", async () => {
      await story.hosts.fault(HOST2, { kind: "down" });
      const { message } = await refusalOf(story, `${words} unasked=${HOST2}`);
      expect(message).toMatch(new RegExp(`${HOST2} (shares the LUN|can't be read completely)`));
    });
  });
});

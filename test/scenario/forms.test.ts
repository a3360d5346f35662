import { rm } from "node:fs/promises";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect } from "vitest";
import type { Config } from "../../src/config.ts";
import { FormOfStory, optionsIn, textOf } from "./form-of-story.ts";
import { textIn } from "./message-text.ts";
import { changed, lastSent, newTrigger } from "./sent.ts";
import { alice, bob, Story, until } from "./story.ts";
import { ending, itSimulated as it, luns, patient } from "./target.ts";
import { addsStorage, HOST1, HOST2, hasTwoClusters } from "./two-clusters.ts";

const LIMIT_MS = patient(60_000);

let story: Story;
let form: FormOfStory;
beforeEach(async () => {
  story = await Story.begin();
  form = new FormOfStory(story);
}, LIMIT_MS);
afterEach(() => story.ends(), LIMIT_MS);

const operations = () => story.bot.world.operations.latest(99);
const asked = async () =>
  (await story.audit()).flatMap(({ by, event }) => (event.kind === "asked" ? [`${by} ${event.words}`] : []));
/** What was sent before is answered by then. */
const settles = async () => {
  await story.says("/zstack zone list");
  await story.shows("ZONE-1");
};
const inSlack = (settings: Partial<Config>) =>
  story.restartsBot(async () => undefined, { slack: story.workspace, channels: [], ...settings });
const saysIn = async (channel: { channel_id: string; channel_name?: string }, text: string) => {
  const sent = lastSent(story.workspace, /slash_commands/);
  await story.workspace.faults.deliver(changed(sent, { trigger_id: newTrigger(), text, ...channel }));
};

describe("sharedblock add, by its form: it ends in the plan of the typed command", { timeout: LIMIT_MS }, () => {
  it("a storage is added with the form only", async () => {
    await story.says("/zstack sharedblock add");
    await form.shows("Add Storage", "3 LUNs can be used");
    const filled = { luns: [luns.orphan], name: "ps-1", description: 'rack "4"', wipe: true };
    expect(await form.sends(filled)).toEqual({});
    const words = `sharedblock add cluster-1 wwid=${luns.orphan} name=ps-1 description="rack \\"4\\"" wipe=true`;
    await story.shows("Add ps-1 to cluster-1");
    await form.isClosed();
    expect(operations()[0]).toMatchObject({ words, askedBy: alice });
    expect(await asked()).toEqual([`${alice} sharedblock add cluster-1 (form)`, `${alice} ${words}`]);
    await story.confirms(ending(luns.orphan));
    await story.shows("Add ps-1 to cluster-1: done");
    expect(story.bot.world.inventory.current().primaryStorages).toMatchObject([
      { name: "ps-1", description: 'rack "4"' },
    ]);
  });

  it("a button of the menu opens it, and a storage is extended by several LUNs", async () => {
    await story.says("/zstack");
    await story.clicks("Add Storage…");
    await form.shows("Add Storage", "3 LUNs can be used");
    expect(await form.sends({ luns: [luns.blank] })).toEqual({});
    await story.confirms("");
    await story.shows("Add sharedblock-cluster-1 to cluster-1: done");

    await story.says("/zstack sharedblock extend");
    await form.shows("Extend Storage", "2 LUNs can be used", "owned by storages: sharedblock-cluster-1 (1)");
    expect(await form.sends({ luns: [luns.failedPath, luns.orphan], wipe: true })).toEqual({});
    await story.confirms(ending(luns.orphan));
    await story.shows("Extend sharedblock-cluster-1: done");
    const wwid = `wwid=${luns.failedPath},${luns.orphan}`;
    expect(operations()[0]?.words).toBe(`sharedblock extend sharedblock-cluster-1 ${wwid} wipe=true`);
  });

  it("a form that is sent twice makes one plan", async () => {
    await story.says("/zstack sharedblock add");
    await form.shows("3 LUNs can be used");
    expect(await form.sends({ luns: [luns.blank], name: "ps-1" })).toEqual({});
    await story.shows("Add ps-1 to cluster-1");
    const sent = lastSent(story.workspace, /view_submission/);
    await Promise.all([story.workspace.faults.deliver(sent), story.workspace.faults.deliver(sent)]);
    await story.restartsBot();
    await story.workspace.faults.deliver(sent);
    await settles();
    expect(operations()).toHaveLength(1);
  });

  it("in the terminal and in a mention the usage is shown; the mention's button opens the form", async () => {
    await story.says("@zstack sharedblock add");
    await story.shows("sharedblock add CLUSTER wwid=…");
    expect(form.view).toBeUndefined();
    await story.clicks("Add Storage…");
    await form.shows("Add Storage");
  });
});

describe("sharedblock add, by its form: the LUNs", { timeout: LIMIT_MS }, () => {
  it("are shown with the deciding facts; unusable ones have the reason and the fix", async () => {
    await story.says("/zstack sharedblock add");
    const text = await form.shows("Can't be used");
    expect(text).toMatch(/…bbe2b7 · 536\.9 GB is mounted on sharedblock-host2 at \/mnt\/backup.*Fix: unmount it/);
    expect(text).toMatch(/…bbe5f2 · 1\.10 TB/);
    expect(optionsIn(await form.luns())).toEqual([
      expect.stringMatching(/^…bbe00a · 2\.19 TB · orphan PV \S+ \| paths 3\/3 · seen by 3 of 3$/),
      "…bbe7c8 · 1.10 TB · no signature | paths 2/3 · seen by 3 of 3",
      "…b82173 · 2.20 TB · no signature | paths 3/3 · seen by 3 of 3",
    ]);
    expect(optionsIn(await form.luns("B82173"))).toHaveLength(1);
    await expect(form.sends({ luns: [luns.mounted] })).rejects.toThrow("was not offered");
  });

  it("one that is in use since then is refused by the plan, as if the command was typed", async () => {
    await story.says("/zstack sharedblock add");
    await form.shows("3 LUNs can be used");
    await story.hosts.mounts(luns.blank, HOST2, "/mnt/new");
    expect(await form.sends({ luns: [luns.blank], name: "ps-1" })).toEqual({});
    await story.shows("LUN_IN_USE", "/mnt/new");
    expect(operations()).toEqual([]);
  });

  it("data on a LUN needs Wipe in the form too", async () => {
    await story.says("/zstack sharedblock add");
    await form.shows("3 LUNs can be used");
    const errors = await form.sends({ luns: [luns.orphan], name: "ps-1" });
    expect(errors).toEqual({ wipe: expect.stringContaining("…bbe00a holds orphan PV") });
    expect(await form.sends({ luns: [luns.orphan], name: "ps-1", wipe: true })).toEqual({});
    await story.shows("Add ps-1 to cluster-1");
  });

  it("come after the form if a host is slow: it opens first, and keeps typed text", async () => {
    await story.hosts.fault(HOST1, { kind: "slow", ms: 3_600_000 });
    const shown = FormOfStory.watch(story);
    await story.says("/zstack sharedblock add");
    await form.shows("Observing the hosts of cluster-1…");
    expect(await form.sends({ name: "ps-1" })).toEqual({ subject: expect.stringContaining("still being observed") });
    await story.hosts.heal(HOST1);
    await form.shows("3 LUNs can be used");
    // The same inputs: Slack keeps what was typed in them.
    const inputs = shown.map(({ blocks }) =>
      blocks.flatMap(({ type, block_id: id }) => (type === "input" ? [id] : [])),
    );
    expect(inputs[0]).toEqual(["subject", "name", "description", "wipe"]);
    expect(inputs.at(-1)).toEqual(["subject", "luns cluster-1", "name", "description", "wipe"]);
    expect(new Set(shown.map(({ id }) => id)).size).toBe(1);
  });

  it("a host that does not answer is named, and is asked again by the next form", async () => {
    await story.hosts.fault(HOST1, { kind: "down" });
    await story.says("/zstack sharedblock add");
    await form.shows("Every host must be read first", HOST1);
    await story.hosts.heal(HOST1);
    await story.says("/zstack sharedblock add");
    await form.shows("3 LUNs can be used");
  });
});

describe("sharedblock add, by its form: several clusters", { timeout: LIMIT_MS }, () => {
  it("asks which one; LUNs of another cluster never appear in it, however late they come", async () => {
    await hasTwoClusters(story);
    await story.says("/zstack sharedblock add");
    await form.shows("Add Storage");
    expect(form.view?.blocks.map(({ block_id: id }) => id)).not.toContainEqual(expect.stringMatching(/^luns/));
    expect(optionsIn(await form.subjects())).toEqual(["cluster-1 | 2 hosts", "cluster-2 | 1 host"]);
    await story.hosts.fault(HOST1, { kind: "slow", ms: 3_600_000 });
    await form.chooses("cluster-1");
    await form.shows("Observing the hosts of cluster-1…");
    await form.chooses("cluster-2");
    await form.shows("can be used");
    expect(optionsIn(await form.luns()).every((option) => option.endsWith("seen by 1 of 1"))).toBe(true);
    const { id, hash } = { id: form.view?.id, hash: textOf(form.view ?? expect.fail("no form")) };
    await story.hosts.heal(HOST1);
    // The answer of cluster-1 comes into a form of cluster-2, which stays.
    await settles();
    expect([form.view?.id, form.view && textOf(form.view)]).toEqual([id, hash]);
    await form.chooses("cluster-1");
    await form.shows("can be used");
    await form.chooses("cluster-2");
    const wrong = await form.sends({ luns: [luns.blank], name: "ps-2" });
    expect(wrong).toEqual({});
    await story.shows("Add ps-2 to cluster-2");
  });

  it("names the storage of a cluster that has one, and how to extend it", async () => {
    await hasTwoClusters(story);
    await addsStorage(story);
    await story.says("/zstack sharedblock add");
    await form.shows("Add Storage");
    expect(optionsIn(await form.subjects())[0]).toBe("cluster-1 | 2 hosts · has the storage ps-1");
    await form.chooses("cluster-1");
    await form.shows("A cluster has one at most", "/zstack sharedblock extend");
    expect(await form.sends({ name: "ps-2" })).toEqual({ subject: expect.stringContaining("has the storage ps-1") });
    await form.chooses("cluster-2");
    await form.shows("can be used");
    expect(await form.sends({ luns: [luns.failedPath], name: "ps-1" })).toEqual({
      name: "The storage ps-1 exists. Type another name.",
    });
  });
});

describe("sharedblock add, by its form: who may use it, and where", { timeout: LIMIT_MS }, () => {
  it("only an operator; one who was an operator when it opened makes no plan with it", async () => {
    await inSlack({ operators: [alice] });
    await story.says("/zstack sharedblock add", bob);
    expect((await story.shows("ROLE_MISSING")).onlyFor).toBe(bob);
    expect(new FormOfStory(story, bob).view).toBeUndefined();
    await story.says("/zstack sharedblock add");
    await form.shows("3 LUNs can be used");
    await form.luns();
    await inSlack({ operators: [bob] });
    expect(optionsIn(await form.luns())).toEqual([]);
    expect(await form.sends({ luns: [luns.blank], name: "ps-1" })).toEqual({});
    await story.shows("ROLE_MISSING");
    expect(operations()).toEqual([]);
  });

  it("not in a direct message, and not where the bot is no member", async () => {
    await settles();
    await saysIn({ channel_id: "D0ALICE01", channel_name: "directmessage" }, "sharedblock add");
    await story.shows("direct message");
    await story.workspace.say({ person: alice, text: "/zstack sharedblock add", threadTs: null, channel: "C0OUTSIDE" });
    const outside = await until(() => story.workspace.messagesIn("C0OUTSIDE").at(-1), patient(10_000));
    expect(outside && textIn(outside)).toContain("/invite @zstack");
    expect(form.view).toBeUndefined();
  });

  it("the bot was removed from the channel: the person reads why, and nothing is planned", async () => {
    await story.says("/zstack sharedblock add");
    await form.shows("3 LUNs can be used");
    story.workspace.changeChannel("C0STORAGE", { botIsMember: false });
    expect(await form.sends({ luns: [luns.blank], name: "ps-1" })).toEqual({});
    const notice = await story.shows(/not_in_channel|\/invite/);
    expect(notice.onlyFor).toBe(alice);
    expect(operations().filter(({ state }) => state === "planned")).toEqual([]);
  });

  it("a form of another data folder makes no plan, and offers nothing", async () => {
    await story.says("/zstack sharedblock add");
    await form.shows("3 LUNs can be used");
    await form.luns();
    await story.restartsBot(() => rm(join(story.directory, "folder.json")));
    expect(optionsIn(await form.luns())).toEqual([]);
    await form.sends({ luns: [luns.blank], name: "ps-1" });
    await form.shows("Nothing was run", "PLAN_NOT_KNOWN");
    expect(operations()).toEqual([]);
  });
});

describe("sharedblock add, by its form: when Slack fails", { timeout: LIMIT_MS }, () => {
  it("a trigger that expired leaves the usage; its button opens the form", async () => {
    story.workspace.slackFaults.calls("views.open", { answer: { kind: "error", code: "expired_trigger_id" } });
    await story.says("/zstack sharedblock add");
    await story.shows("sharedblock add CLUSTER wwid=…");
    story.workspace.slackFaults.well("views.open");
    await story.clicks("Add Storage…");
    await form.shows("3 LUNs can be used");
  });

  it("a form has its LUNs also if Slack's answer to its opening was lost", async () => {
    await story.hosts.fault(HOST1, { kind: "slow", ms: 3_600_000 });
    story.workspace.faults.loseAnswers("views.open", 1);
    await story.says("/zstack sharedblock add");
    await form.shows("Observing the hosts of cluster-1…");
    await story.hosts.heal(HOST1);
    await form.shows("3 LUNs can be used");
  });

  it("a form that was closed before its LUNs came is no error", async () => {
    await story.hosts.fault(HOST1, { kind: "slow", ms: 3_600_000 });
    await story.says("/zstack sharedblock add");
    await form.shows("Observing the hosts of cluster-1…");
    await story.workspace.close({ person: alice, viewId: form.view?.id ?? "" });
    await story.hosts.heal(HOST1);
    await settles();
    await story.says("/zstack sharedblock add");
    await form.shows("3 LUNs can be used");
    expect(story.logged).toEqual([]);
    expect(textOf(form.view ?? expect.fail("no form"))).toContain("Add Storage");
  });
});

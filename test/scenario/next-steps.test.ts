import { rm } from "node:fs/promises";
import { afterEach, beforeEach, describe, expect } from "vitest";
import { z } from "zod";
import type { Envelope } from "../../src/workspace/server/socket-mode.ts";
import { buttonsIn, decisionsIn, textIn } from "./message-text.ts";
import { changed, lastSent, newTrigger } from "./sent.ts";
import { alice, bob, Story, until } from "./story.ts";
import { itSimulated as it, luns, patient } from "./target.ts";
import { hasTwoClusters } from "./two-clusters.ts";

const LIMIT_MS = patient(60_000);

describe("Slack: the button of a next step", { timeout: LIMIT_MS }, () => {
  let story: Story;
  beforeEach(async () => {
    story = await Story.begin();
  }, LIMIT_MS);
  afterEach(() => story.ends(), LIMIT_MS);

  const deliver = (envelope: Envelope) => story.workspace.faults.deliver(envelope);
  const labels = (message: Parameters<typeof buttonsIn>[0]) => buttonsIn(message).map(({ label }) => label);
  const zones = () => story.bot.world.inventory.current().zones.map(({ name }) => name);
  const asked = async () =>
    (await story.audit()).flatMap(({ by, event }) =>
      event.kind === "asked" ? [{ by, words: event.words, ...(event.by && { how: event.by }) }] : [],
    );
  /** Everything that was delivered before is answered by then. */
  const settles = async () => {
    await story.says("/zstack help zone list");
    await story.shows("Help: zone list");
  };

  it("answers like the typed command, for the clicker, in its message's place; the log has the button", async () => {
    await story.says("/zstack cluster show cluster-1");
    const message = await story.shows("Cluster cluster-1");
    expect(labels(message)).toEqual(["Check cluster-1", "List LUNs of cluster-1", "Show Paths of cluster-1"]);
    expect(textIn(message)).toContain(
      "Or type: /zstack cluster check cluster-1 · /zstack lun list cluster-1 · /zstack multipath status cluster-1",
    );
    await story.clicks("List LUNs of cluster-1", bob);
    const answer = await story.shows("LUNs on 3 hosts");
    expect(answer.threadTs).toBeNull();
    expect(await asked()).toEqual([
      { by: alice, words: "cluster show cluster-1" },
      { by: bob, words: "lun list cluster-1", how: "button" },
    ]);
  });

  it("in a thread answers in the thread", async () => {
    await story.says("/zstack zone list");
    const { ts } = await story.shows("1 zone");
    await story.says("@zstack cluster show cluster-1", alice, ts);
    await story.shows("Cluster cluster-1");
    await story.clicks("List LUNs of cluster-1");
    expect((await story.shows("LUNs on 3 hosts")).threadTs).toBe(ts);
  });

  it("of a message that one person sees works too", async () => {
    await story.says("/zstack lun lis cluster-1");
    expect((await story.shows("UNKNOWN_COMMAND")).onlyFor).toBe(alice);
    await story.clicks("List LUNs of cluster-1");
    await story.shows("LUNs on 3 hosts");
  });

  it("of a refused name is the same command with the existing name", async () => {
    const mistyped = luns.blank.slice(0, -1);
    await story.says(`/zstack lun show cluster-1 ${mistyped}`);
    await story.shows("NOT_FOUND", `Fix: /zstack lun show cluster-1 ${luns.blank}`);
    await story.says("/zstack lun list cluster-9");
    await story.shows("NOT_FOUND", "Fix: /zstack lun list cluster-1");
    await story.clicks("List LUNs of cluster-1");
    await story.shows("LUNs on 3 hosts");
  });

  it("that changes something shows its plan, which Confirm runs", async () => {
    await story.says(`/zstack lun show cluster-1 ${luns.blank}`);
    await story.shows(`LUN ${luns.blank}`);
    await story.clicks("Add Storage to cluster-1", bob);
    const plan = await story.shows("Add sharedblock-cluster-1 to cluster-1", `<@${bob}>`);
    expect(decisionsIn(plan)).toHaveLength(2);
    expect(await story.hosts.changes()).toEqual([]);
  });

  it("of a cancelled operation makes a new plan from its command, and shows its details", async () => {
    await story.says(`/zstack sharedblock add cluster-1 wwid=${luns.blank} name=ps-1`);
    await story.clicks("Cancel");
    expect(labels(await story.shows(": cancelled"))).toEqual(["Run Again", "Details"]);
    await story.clicks("Details");
    await story.shows("op-1: Add ps-1 to cluster-1: cancelled");
    await story.clicks("Run Again", bob);
    const again = await until(() => story.bot.world.operations.get("op-2") ?? undefined, patient(20_000));
    expect(again).toMatchObject({ askedBy: bob, state: "planned" });
  });

  it("refuses people who may not, like the typed command", async () => {
    await story.restartsBot(async () => undefined, {
      slack: story.workspace,
      operators: [alice],
      channels: ["C0STORAGE"],
    });
    await story.says("/zstack zone ad ZONE-2");
    await story.shows("UNKNOWN_COMMAND", "Fix: /zstack zone add ZONE-2");
    const button = story.messages.flatMap(buttonsIn).findLast(({ label }) => label === "Add ZONE-2");
    await story.clicks("Add ZONE-2");
    await story.shows("Add zone ZONE-2: done");
    const click = lastSent(story.workspace, /block_actions/);
    expect(button?.actionId).toBe("run-1");
    await deliver(changed(click, { "user.id": bob, trigger_id: newTrigger() }));
    await story.shows("ROLE_MISSING");
    await deliver(changed(click, { "user.team_id": "T0OTHER", trigger_id: newTrigger() }));
    await story.shows("FOREIGN_WORKSPACE");
    const container = { type: "message", message_ts: "1.1", channel_id: "C0OUTSIDE" };
    await deliver(changed(click, { channel: { id: "C0OUTSIDE" }, container, trigger_id: newTrigger() }));
    await story.shows("NOT_IN_CHANNEL");
    expect(story.bot.world.operations.latest(9)).toHaveLength(1);
  });

  it("runs nothing if its command is forged, or if another bot showed it", async () => {
    await story.says("/zstack zone ad ZONE-2");
    await story.shows("UNKNOWN_COMMAND");
    await story.clicks("Add ZONE-2");
    await story.shows("Add zone ZONE-2: done");
    const click = lastSent(story.workspace, /block_actions/);
    const payload = z.object({ actions: z.array(z.looseObject({ value: z.string() })) }).parse(click.payload);
    const [action] = payload.actions;
    const forged = (value: unknown) =>
      deliver(changed(click, { actions: [{ ...action, value }], trigger_id: newTrigger() }));
    const [seal] = action?.value.split(" ") ?? [];
    const refusals = () => story.messages.filter((message) => textIn(message).includes("Nothing was run")).length;
    let refused = 0;
    for (const value of [
      `${seal} zone add ZONE-3`,
      "zone add ZONE-3",
      seal,
      "",
      `${seal} ${"x".repeat(5_000)}`,
      7,
      null,
    ]) {
      await forged(value);
      refused += 1;
      expect(await until(() => (refusals() === refused ? true : undefined), patient(20_000)), String(value)).toBe(true);
    }
    expect(zones()).toEqual(["ZONE-1", "ZONE-2"]);
    expect(story.messages.map(textIn).join()).not.toContain("bug of the bot");
  });

  it("has one effect if its click comes again, also after a restart, and with two clicks at once", async () => {
    await story.says("/zstack zone ad ZONE-2");
    await story.shows("UNKNOWN_COMMAND");
    await story.clicks("Add ZONE-2");
    await story.shows("Add zone ZONE-2: done");
    const click = lastSent(story.workspace, /block_actions/);
    const before = (await story.audit()).length;
    await deliver(click);
    await story.restartsBot();
    await deliver(click);
    await settles();
    expect(await story.audit()).toHaveLength(before + 1);

    await story.says("/zstack cluster show cluster-1");
    await story.shows("Cluster cluster-1");
    await Promise.all([story.clicks("Check cluster-1"), story.clicks("Check cluster-1")]);
    await story.shows(/cluster-1: \d at risk/);
    await settles();
    expect((await asked()).filter(({ words }) => words === "cluster check cluster-1")).toHaveLength(1);
  });

  it("works after a restart, but not with another data folder", async () => {
    await story.says("/zstack zone ad ZONE-2");
    await story.shows("UNKNOWN_COMMAND");
    await story.restartsBot();
    await story.clicks("Add ZONE-2");
    await story.shows("Add zone ZONE-2: done");
    const click = lastSent(story.workspace, /block_actions/);
    await story.restartsBot(() => rm(`${story.directory}/folder.json`));
    await deliver(changed(click, { trigger_id: newTrigger() }));
    await story.shows("This button is not known here");
  });
});

describe("Slack: /zstack alone", { timeout: LIMIT_MS }, () => {
  let story: Story;
  beforeEach(async () => {
    story = await Story.begin();
  }, LIMIT_MS);
  afterEach(() => story.ends(), LIMIT_MS);
  const labels = (message: Parameters<typeof buttonsIn>[0]) => buttonsIn(message).map(({ label }) => label);
  const menu = ["What's Wrong?", "LUNs", "Paths", "Storages", "Add Storage…", "History", "Help"];

  it.each(["/zstack", "@zstack"])("%j shows a menu for the one cluster", async (typed) => {
    await story.says(typed);
    const shown = await story.shows("What do you want to do?");
    expect(labels(shown)).toEqual(menu);
    await story.clicks("LUNs");
    await story.shows("LUNs on 3 hosts");
  });

  it("Add Storage… opens its form for the clicker, and no other bot's button does", async () => {
    await story.says("/zstack");
    await story.shows("What do you want to do?");
    await story.clicks("Add Storage…");
    const view = await until(() => story.workspace.state().views[0], patient(20_000));
    expect(view).toMatchObject({ person: alice });
    await story.workspace.close({ person: alice, viewId: view?.id ?? "" });
    const click = lastSent(story.workspace, /block_actions.*sharedblock add/);
    const { actions } = z.object({ actions: z.array(z.looseObject({})) }).parse(click.payload);
    const forged = [{ ...actions[0], value: "x sharedblock add" }];
    await story.workspace.faults.deliver(changed(click, { actions: forged, trigger_id: newTrigger() }));
    await story.shows("This button is not known here");
    expect(story.workspace.state().views).toEqual([]);
  });

  it("the buttons ask which cluster if there are several", async () => {
    await hasTwoClusters(story);
    await story.says("/zstack");
    expect(labels(await story.shows("What do you want to do?", "There are 2 clusters"))).toEqual(menu);
    await story.clicks("LUNs");
    expect(labels(await story.shows("lun list: which cluster?"))).toEqual([
      "List LUNs of cluster-1",
      "List LUNs of cluster-2",
    ]);
    await story.clicks("List LUNs of cluster-2");
    await story.shows("LUNs on 1 host");
  });

  it("a command that lacks only a name offers the existing names, and a change only to operators", async () => {
    await story.says("/zstack multipath status");
    await story.shows("multipath status: which", "cluster-1", "sharedblock-host1");
    await story.says("/zstack zone remove");
    await story.shows('"zone remove" was not understood');
    await story.says("/zstack host add h9 address=10.0.0.9");
    await story.shows("host add: which cluster?", "host add h9 address=10.0.0.9 cluster=cluster-1");
  });
});

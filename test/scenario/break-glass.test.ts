import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect } from "vitest";
import { textIn } from "./message-text.ts";
import { alice, bob, carol, dave, Story, until } from "./story.ts";
import { ending, itSimulated as it, luns, patient } from "./target.ts";
import { incidentOf, quickWatch } from "./watch-words.ts";

const HOST1 = "sharedblock-host1";
const add = `/zstack sharedblock add cluster-1 wwid=${luns.orphan} name=ps-1 wipe=true`;
const breaks = '/zstack break-glass op-1 reason="no approver answers"';

describe("break-glass: a plan runs without its second person", () => {
  let story: Story;
  beforeEach(async () => {
    story = await Story.begin();
    await story.says("/zstack policy set risk=destructive require=approver");
    await story.shows("Destructive plans need typed+approver now");
    await story.says(add, bob);
    await story.shows("Add ps-1 to cluster-1", "Waiting for an approver");
  });
  afterEach(() => story.ends());

  const reviews = () => story.bot.world.reviews.all();

  it("every admin is notified, the log and the messages show it, and a review stays open until it is closed", async () => {
    await story.says(breaks, bob);
    await story.shows("op-1 needs no approver now", "rev-1 stays open until one closes it");
    await story.shows("Add ps-1 to cluster-1", "BREAK-GLASS, no second person", "no approver answers", "Wipe and Add");
    const notices = () =>
      story.messages.filter((message) => textIn(message).includes("BREAK-GLASS: op-1 may run without a second person"));
    // In the plan's thread, and to alice, the only admin.
    expect(await until(() => (notices().length === 2 ? true : undefined), 20_000)).toBe(true);
    expect(await until(() => (reviews()[0]?.isNotified ? true : undefined), 20_000)).toBe(true);
    await story.confirms(ending(luns.orphan), bob);
    await story.shows(": done (op-1)", "BREAK-GLASS by");
    const entries = (await story.audit()).filter(({ operationId }) => operationId === "op-1");
    expect(entries.slice(0, 3).map(({ by, event }) => [by, event.kind])).toEqual([
      [bob, "planned"],
      [bob, "break-glass"],
      [bob, "confirmed"],
    ]);
    await story.says("/zstack operation show op-1");
    await story.shows("BREAK-GLASS by", "no approver answers");
    await story.says("/zstack review list", dave);
    await story.shows("1 open review", "rev-1: op-1", "no approver answers");
    await story.says('/zstack review close rev-1 note="I was there"', bob);
    await story.shows("ROLE_MISSING");
    await story.says('/zstack review close rev-1 note="carol was ill"');
    await story.shows("rev-1 is closed", "carol was ill");
    await story.says('/zstack review close rev-1 note="again"');
    await story.shows("rev-1 was not closed", "closed it before");
    await story.says("/zstack review list");
    await story.shows("No open review", "carol was ill");
    expect(reviews()[0]?.closed?.by).toBe(alice);
  });

  it("is in the thread of each open incident about what its plan touches, once, also after a restart", async () => {
    const watched = { watch: { channel: null, settings: quickWatch } };
    await story.restartsBot(undefined, watched);
    await story.hosts.failsPath(luns.blank, HOST1);
    const id = await incidentOf(story, luns.blank, HOST1);
    const [message] = story.messages.filter((each) => textIn(each).includes(`${id}: Path`));
    await story.says(breaks, bob);
    const post = await story.shows(`${id}: BREAK-GLASS`, "op-1", "no approver answers", "rev-1");
    expect(post.threadTs).toBe(message?.ts);
    expect(await until(() => (reviews()[0]?.isNotified ? true : undefined), patient(20_000))).toBe(true);
    // As if the bot had stopped before it kept that everybody has it.
    await story.restartsBot(async () => {
      const path = join(story.directory, "reviews.json");
      const kept = await readFile(path, "utf8");
      expect(kept).toMatch(/"isNotified": ?true/);
      await writeFile(path, kept.replace(/"isNotified": ?true/, '"isNotified":false'));
    }, watched);
    expect(await until(() => (reviews()[0]?.isNotified ? true : undefined), patient(20_000))).toBe(true);
    await story.says(`/zstack incident show ${id}`);
    await story.shows("What happened", "BREAK-GLASS by");
    const events =
      story.bot.world
        .watch()
        ?.incidents()
        .find((each) => each.id === id)?.events ?? [];
    expect(events.filter(({ kind }) => kind === "break-glass")).toMatchObject([{ by: bob, ref: "op-1" }]);
    expect(story.messages.filter((each) => textIn(each).includes(`${id}: BREAK-GLASS`))).toHaveLength(1);
  });

  it("needs an operator and a reason, and a plan that waits", async () => {
    await story.says(breaks, carol);
    await story.shows("ROLE_MISSING");
    await story.says("/zstack break-glass op-1", bob);
    await story.shows("reason");
    await story.clicks("Approve", carol);
    await story.shows("Approved by");
    await story.says(breaks, bob);
    await story.shows("op-1 can't be confirmed without an approver any more");
    expect(reviews()).toEqual([]);
    expect((await story.audit()).some(({ event }) => event.kind === "break-glass")).toBe(false);
  });

  it("who broke the glass can't close the review if there is another admin", async () => {
    await story.says(breaks, alice);
    await story.shows("op-1 needs no approver now");
    await story.bot.world.access.changeGrants((grants) => {
      const at = new Date().toISOString();
      return [[...grants, { who: dave, role: "admin", clusters: "all", by: alice, at }], null];
    });
    await story.says('/zstack review close rev-1 note="fine"', alice);
    await story.shows("rev-1 was not closed", "SECOND_PERSON", "ask another admin");
    await story.says('/zstack review close rev-1 note="fine"', dave);
    await story.shows("rev-1 is closed");
  });

  it("while Slack takes nothing, the words are kept, and they are posted when it is back, also after a restart", async () => {
    const away = { answer: { kind: "error", code: "internal_error" } } as const;
    story.workspace.slackFaults.calls("chat.postMessage", away);
    await story.says(breaks, bob);
    await until(() => (reviews().length === 1 ? true : undefined), 20_000);
    await story.restartsBot();
    expect(reviews()).toMatchObject([
      { operationId: "op-1", by: bob, reason: "no approver answers", isNotified: false },
    ]);
    story.workspace.slackFaults.well("chat.postMessage");
    expect(await until(() => (reviews()[0]?.isNotified ? true : undefined), 60_000)).toBe(true);
    expect(story.messages.some((message) => textIn(message).includes("BREAK-GLASS: op-1 may run"))).toBe(true);
  });
});

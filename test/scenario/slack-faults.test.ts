import { afterEach, beforeEach, describe, expect } from "vitest";
import { textIn } from "./message-text.ts";
import { alice, Story, until } from "./story.ts";
import { itEverywhere as it, itAtLength, luns, patient } from "./target.ts";

const LIMIT_MS = patient(30_000);

describe("Slack: it fails for a while", { timeout: LIMIT_MS }, () => {
  let story: Story;
  beforeEach(async () => {
    story = await Story.begin();
  }, LIMIT_MS);
  afterEach(() => story.ends(), LIMIT_MS);
  const answers = (title: string) => story.messages.filter((message) => textIn(message).includes(title)).length;

  it("an envelope that comes twice is answered once", async () => {
    story.workspace.faults.redeliverNext();
    await story.says("/zstack zone list");
    await story.shows("1 zone");
    await story.says("/zstack cluster list");
    await story.shows("1 cluster");
    expect(answers("1 zone")).toBe(1);
  });

  itAtLength("a click that comes twice runs the plan once", async () => {
    await story.says(`/zstack sharedblock add cluster-1 wwid=${luns.blank}`);
    await story.clicks("Confirm");
    story.workspace.faults.redeliverNext();
    expect(await story.sends(null)).toEqual({});
    await story.shows(": done");
    expect((await story.hosts.changes()).filter((line) => line.includes("vgcreate"))).toHaveLength(1);
    expect((await story.audit()).filter(({ event }) => event.kind === "confirmed")).toHaveLength(1);
  });

  itAtLength("progress that Slack throttles does not delay the work, and the end arrives", async () => {
    await story.says(`/zstack sharedblock add cluster-1 wwid=${luns.blank}`);
    await story.clicks("Confirm");
    story.workspace.faults.throttle("chat.update", 1, 3);
    expect(await story.sends(null)).toEqual({});
    await story.shows(": done", "Connected");
  });

  it("a dropped connection is made again, and commands continue", async () => {
    const before = story.workspace.connections();
    expect(before).toBe(2);
    story.workspace.faults.dropConnection();
    await story.says("/zstack zone list");
    await story.shows("1 zone");
    expect(await until(() => (story.workspace.connections() === before ? true : undefined), 20_000)).toBe(true);
  });

  itAtLength("a lost answer to a post does not make the plan run twice", async () => {
    story.workspace.faults.loseAnswers("chat.postMessage", 1);
    await story.says(`/zstack sharedblock add cluster-1 wwid=${luns.blank}`);
    await story.shows("Add sharedblock-cluster-1");
    await story.confirms("");
    await story.shows(": done");
    expect((await story.hosts.changes()).filter((line) => line.includes("vgcreate"))).toHaveLength(1);
  });

  itAtLength("a bot that is stopped while it posts a plan records it first", async () => {
    story.workspace.faults.loseAnswers("chat.postMessage", 1);
    await story.says(`/zstack sharedblock add cluster-1 wwid=${luns.blank}`);
    await story.shows("Add sharedblock-cluster-1");
    await story.restartsBot();
    expect(story.bot.world.operations.get("op-1")).toMatchObject({ state: "planned", messageId: expect.any(String) });
    expect(story.logged).toEqual([]);
  });

  itAtLength("a bot that is stopped while an operation runs calls that no bug", async () => {
    await story.says(`/zstack sharedblock add cluster-1 wwid=${luns.blank}`);
    await story.hosts.fault("sharedblock-host1", { kind: "hangs", program: "vgcreate" });
    await story.confirms("");
    await story.begins("vgcreate");
    await story.restartsBot();
    await story.shows(/Add sharedblock-cluster-1 to cluster-1: (refused|unknown)/);
    expect(story.messages.map(textIn).join()).not.toContain("bug");
    expect(story.logged).toEqual([]);
  });

  it("a channel in which the bot can't post gets no change, and the asker gets the reason", async () => {
    const outside = story.workspace.channels[1];
    if (!outside) throw new Error("there is no second channel");
    await story.workspace.say({ person: alice, text: "/zstack zone add ZONE-2", threadTs: null, channel: outside.id });
    const notice = await until(
      () => story.workspace.messagesIn(outside.id).find((message) => textIn(message).includes("/invite @zstack")),
      10_000,
    );
    expect(notice?.onlyFor).toBe(alice);
    expect(story.bot.world.inventory.current().zones).toHaveLength(1);
  });
});

import { afterEach, beforeEach, describe, expect } from "vitest";
import { type Disk, diskOf } from "../store/full-disk.ts";
import { decisionsIn, textIn } from "./message-text.ts";
import { Story, until } from "./story.ts";
import { itSimulated as it, luns, patient } from "./target.ts";

const LIMIT_MS = patient(180_000);

describe("data folder: the disk of the bot is full", { timeout: LIMIT_MS }, () => {
  let story: Story;
  let disk: Disk;
  beforeEach(async () => {
    story = await Story.begin();
    disk = await diskOf(story.directory);
  }, LIMIT_MS);
  afterEach(async () => {
    disk.restore();
    await story.ends();
  }, LIMIT_MS);
  const isWritten = async (state: string) => {
    const operation = () => story.bot.world.operations.get("op-1");
    const written = () => (operation()?.state === state && operation()?.notified === true ? true : undefined);
    expect(await until(written, patient(60_000))).toBe(true);
  };

  it("a running operation stops with the reason, queries are answered, and all is written when there is space", async () => {
    await story.says(`/zstack sharedblock add cluster-1 wwid=${luns.blank}`);
    disk.fillsAfter(/"kind":"began".*"argv":\["vgcreate"/);
    await story.confirms("");
    const end = await story.shows(": failed (op-1)", "the steps stopped", "ENOSPC", "make room");
    expect(decisionsIn(end)).toEqual([]);
    expect(textIn(end)).not.toMatch(/unknown|bug of the bot|nothing was changed/i);

    await story.says("/zstack zone list");
    await story.shows("1 zone", "This query is not logged", "ENOSPC");
    await story.says("/zstack operation list");
    expect(textIn(await story.shows("op-1", "This query is not logged"))).not.toMatch(/running/);
    await story.says("/zstack zone add ZONE-2");
    await until(() => story.messages.find((message) => /ZONE-2/.test(textIn(message))), patient(20_000));
    expect(story.bot.world.inventory.current().zones).toHaveLength(1);
    expect(story.messages.map(textIn).join()).not.toContain("bug of the bot");

    disk.hasRoom();
    await isWritten("failed");
    const events = (await story.audit()).filter(({ operationId }) => operationId === "op-1").map(({ event }) => event);
    expect(events.slice(-3)).toMatchObject([
      { kind: "began", argv: expect.arrayContaining(["vgcreate"]) },
      { kind: "finished", outcome: { kind: "done" } },
      { kind: "ended", state: "failed" },
    ]);
    await story.says("/zstack zone add ZONE-2");
    await story.shows("ZONE-2", /: done/);
    expect(story.bot.world.inventory.current().zones).toHaveLength(2);
    await story.restartsBot();
    await story.says("/zstack zone list");
    await story.shows("2 zones");
  });

  it("a plan is not confirmed, its author is notified, and the next click runs it", async () => {
    await story.says(`/zstack sharedblock add cluster-1 wwid=${luns.blank}`);
    await story.shows("Add sharedblock-cluster-1");
    disk.fills();
    await story.clicks("Confirm");
    await story.shows(
      "DATA_NOT_WRITTEN",
      "the bot can't write into its data folder",
      "make room on the disk of the bot",
      "No step was run",
    );
    expect((await story.audit()).some(({ event }) => event.kind === "confirmed")).toBe(false);
    disk.hasRoom();
    await story.confirms("");
    await story.shows(": done (op-1)");
    await isWritten("done");
  });

  it("a change that runs at once is refused, and stays refused after a restart", async () => {
    disk.fillsAfter(/"kind":"planned"/);
    await story.says("/zstack zone add ZONE-2");
    const refused = await story.shows(": refused (op-1)", "it could not begin", "DATA_NOT_WRITTEN", "ENOSPC");
    // Nothing of the end is on the disk, as after a kill.
    await story.restartsBot(async () => disk.hasRoom());
    await isWritten("refused");
    const ends = story.messages.filter((message) => textIn(message).includes(": refused (op-1)"));
    expect(ends.map(({ ts }) => ts)).toEqual([refused.ts]);
    expect(story.bot.world.inventory.current().zones).toHaveLength(1);
    const events = (await story.audit()).filter(({ operationId }) => operationId === "op-1").map(({ event }) => event);
    expect(events).toMatchObject([{ kind: "planned" }, { kind: "ended", state: "refused" }]);
  });

  it.each([
    ["that asks for a click", `sharedblock add cluster-1 wwid=${luns.blank}`],
    ["that runs at once", "zone add ZONE-2"],
  ])("a plan %s and that the log could not take waits for nothing", async (_, words) => {
    disk.fillsAfter(/"id": "op-1"/);
    await story.says(`/zstack ${words}`);
    await story.shows("DATA_NOT_WRITTEN", "audit.jsonl can't be written");
    await story.says("/zstack operation list");
    expect(textIn(await story.shows("op-1", "This query is not logged"))).toMatch(/cancelled/);
    disk.hasRoom();
    await isWritten("cancelled");
  });
});

import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect } from "vitest";
import { z } from "zod";
import { reviewSchema } from "../../src/core/review.ts";
import type { FaultyAnswer } from "../../src/workspace/server/slack-faults.ts";
import { Terminal } from "../terminal/terminal.ts";
import { type BotProcess, startBotProcess } from "./bot-process.ts";
import { textIn } from "./message-text.ts";
import { alice, Story, until } from "./story.ts";
import { ending, itSimulated as it, luns, patient } from "./target.ts";

const LIMIT_MS = patient(240_000);
const WAIT_MS = patient(60_000);
const channel = "C0STORAGE";
const direct = "D0ALICE01";
const add = `sharedblock add cluster-1 wwid=${luns.orphan} name=ps-1 wipe=true`;
const why = "vm-db is down, and Slack is down";
const unavailable: FaultyAnswer = { kind: "http", status: 503 };
const reviewsSchema = z.looseObject({ reviews: z.array(reviewSchema) });

describe("break-glass at a terminal while Slack is away", { timeout: LIMIT_MS }, () => {
  let story: Story;
  let bot: BotProcess | null = null;
  let terminal: Terminal | null = null;

  const starts = async () => {
    const { botToken: SLACK_BOT_TOKEN, appToken: SLACK_APP_TOKEN, apiUrl: SLACK_API_URL } = story.workspace;
    const tokens = { SLACK_BOT_TOKEN, SLACK_APP_TOKEN, SLACK_API_URL, ADMINS: alice, CHANNELS: channel, WATCH: "off" };
    bot = await startBotProcess(story.directory, { ...tokens, HOSTS: "simulated" }, /Connected to Slack/);
  };
  const opens = async () => {
    terminal?.goes();
    terminal = await Terminal.at(story.directory);
    return terminal;
  };
  const slackGoes = () => story.workspace.slackFaults.calls("*", { answer: unavailable });
  const slackReturns = () => story.workspace.slackFaults.well();
  const notices = (place: string) =>
    story.workspace.messagesIn(place).filter((message) => textIn(message).includes("BREAK-GLASS at a terminal"));
  const shows = async (place: string, ...patterns: readonly RegExp[]) => {
    const matches = () => notices(place).find((each) => patterns.every((pattern) => pattern.test(textIn(each))));
    const found = await until(matches, WAIT_MS);
    const texts = story.workspace.messagesIn(place).map(textIn);
    if (!found) expect.fail(`${place} does not show ${patterns.join()}\n${texts.join("\n----\n")}`);
    return textIn(found);
  };
  const reviews = async () => {
    const text = await readFile(join(story.directory, "reviews.json"), "utf8").catch(() => '{"reviews":[]}');
    return reviewsSchema.parse(JSON.parse(text)).reviews;
  };
  const comes = async (what: string, isSo: () => Promise<boolean>) => {
    let found = false;
    await until(() => {
      void isSo().then((is) => {
        found ||= is;
      });
      return found || undefined;
    }, WAIT_MS);
    if (!found) expect.fail(`${what} did not come\n${JSON.stringify(await reviews(), null, 1)}`);
  };
  const isNotified = () => comes("the notice", async () => (await reviews())[0]?.isNotified === true);
  const kinds = async () =>
    (await story.audit()).filter(({ by }) => by.startsWith("terminal:")).map(({ event }) => event.kind);
  const asked = async () => (await story.audit()).find(({ event }) => event.kind === "asked" && event.words === add);

  beforeEach(async () => {
    story = await Story.begin();
    await story.bot.stop();
    await starts();
  }, LIMIT_MS);
  afterEach(async () => {
    terminal?.goes();
    terminal = null;
    await bot?.kill();
    await story.ends();
  }, LIMIT_MS);

  it("is on disk before a host is asked; the channel and the admin get it when Slack is back", async () => {
    const typing = await opens();
    slackGoes();
    expect(await typing.breaks(add, why)).toMatchObject({ good: true });
    expect(typing.text).toMatch(/BREAK-GLASS, no second person[\s\S]*vm-db is down/);
    expect((await asked())?.event).toMatchObject({ breakGlass: { reason: why, away: expect.stringContaining("503") } });
    expect(await kinds()).toEqual(["asked", "planned", "break-glass"]);
    expect(await reviews()).toMatchObject([{ operationId: "op-1", words: add, reason: why, closed: null }]);

    const typed = ending(luns.orphan);
    const wrong = { kind: "confirm", operationId: "op-2", typed, secrets: {} } as const;
    expect(await typing.says(wrong)).toMatchObject({ good: false });
    expect(await typing.says({ ...wrong, operationId: typing.asked })).toMatchObject({ good: true });
    expect(typing.text).toContain("Add ps-1 to cluster-1: done (op-1)");
    expect(await story.audit()).toContainEqual(
      expect.objectContaining({ event: expect.objectContaining({ kind: "ended", state: "done" }) }),
    );
    expect(notices(channel)).toEqual([]);

    slackReturns();
    const shown = [
      /Add ps-1 to cluster-1: done \(op-1\)/,
      /terminal/,
      /vm-db is down/,
      /could not be reached/,
      /rev-1 stays open/,
    ];
    const text = await shows(channel, ...shown);
    expect(text).toContain(add);
    expect(text).toContain("vgcreate");
    expect(text).not.toContain("[first, on");
    await shows(direct, ...shown);
    await isNotified();
    expect(notices(channel)).toHaveLength(1);
    expect(notices(direct)).toHaveLength(1);
  });

  it("is reported once after kill -9 between the words on disk and the post", async () => {
    const typing = await opens();
    slackGoes();
    await typing.breaks(add, why);
    await bot?.kill();
    slackReturns();
    await starts();
    await shows(channel, /waits for its confirmation|expired/, /vm-db is down/);
    await shows(direct, /vm-db is down/);
    expect((await story.audit()).some(({ event }) => event.kind === "began")).toBe(false);
    expect(notices(channel)).toHaveLength(1);
  });

  it("is reported as unknown after kill -9 in the middle of a step", async () => {
    const typing = await opens();
    slackGoes();
    await typing.breaks(add, why);
    void typing
      .says({ kind: "confirm", operationId: typing.asked, typed: ending(luns.orphan), secrets: {} })
      .catch(() => undefined);
    await story.begins("");
    await bot?.kill();
    // On a slow computer all of it may be done by then.
    const isDone = (await story.audit()).some(({ event }) => event.kind === "ended");
    slackReturns();
    await starts();
    const end = new RegExp(`Add ps-1 to cluster-1: ${isDone ? "done" : "unknown"} \\(op-1\\)`);
    await shows(channel, end, /vm-db is down/);
    await isNotified();
    expect(notices(channel)).toHaveLength(1);
    expect(notices(direct)).toHaveLength(1);
  });

  it("is once in the channel if the bot is killed between the post and its record", async () => {
    const typing = await opens();
    slackGoes();
    await typing.breaks(add, why);
    await typing.says({ kind: "cancel", operationId: typing.asked });
    await bot?.kill();
    slackReturns();
    const isNotice = ({ text, channel: to }: Readonly<Record<string, unknown>>) =>
      to === channel && String(text).includes("BREAK-GLASS at a terminal");
    const answer: FaultyAnswer = { kind: "silent" };
    story.workspace.slackFaults.calls("chat.postMessage", { answer, effect: "after", when: isNotice });
    await starts();
    await shows(channel, /cancelled/);
    expect(await reviews()).toMatchObject([{ posting: [expect.stringContaining(channel)], isNotified: false }]);
    await bot?.kill();
    slackReturns();
    await starts();
    await isNotified();
    expect(notices(channel)).toHaveLength(1);
    await shows(channel, /cancelled/);
  });

  it("is refused while Slack answers; after the channel took no plan it is accepted", async () => {
    const typing = await opens();
    expect(await typing.breaks(add, why)).toMatchObject({ good: false });
    expect(typing.text).toContain("Slack answers, so the channel can read the plan");
    expect(await reviews()).toEqual([]);
    story.workspace.slackFaults.calls("chat.postMessage", { answer: { kind: "error", code: "internal_error" } });
    expect(await typing.ask(add)).toMatchObject({ good: false });
    expect(typing.text).toMatch(/SLACK_FAILED[\s\S]*--break-glass WHY/);
    expect(await kinds()).not.toContain("confirmed");
    expect(await typing.breaks(add, why)).toMatchObject({ good: true });
    await typing.says({ kind: "cancel", operationId: typing.asked });
    slackReturns();
    await shows(channel, /cancelled \(op-2\)/, /vm-db is down/);
  });

  it("with Slack a plan of a terminal has its own break-glass, as in the channel", async () => {
    const typing = await opens();
    const asking = typing.ask(add);
    await until(() => (typing.text.includes("Waiting for an approver") ? true : undefined), WAIT_MS);
    const other = await Terminal.at(story.directory);
    expect(await other.ask(`break-glass op-1 reason="${why}"`)).toMatchObject({ good: true });
    other.goes();
    expect(await asking).toMatchObject({ good: true });
    expect(typing.text).toContain("BREAK-GLASS, no second person");
    await typing.says({ kind: "confirm", operationId: typing.asked, typed: ending(luns.orphan), secrets: {} });
    expect(typing.text).toContain("Add ps-1 to cluster-1: done (op-1)");
    await isNotified();
    expect(await reviews()).toMatchObject([{ operationId: "op-1", away: null }]);
    const posted = story.workspace.messagesIn(channel).map(textIn).join("\n");
    expect(posted).toMatch(/BREAK-GLASS: op-1 may run without a second person/);
  });

  it("obeys a freeze, and words that are refused are reported too", async () => {
    const typing = await opens();
    await typing.ask('freeze cluster-1 reason="array firmware"');
    slackGoes();
    expect(await typing.breaks(add, why)).toMatchObject({ good: false });
    expect(typing.text).toMatch(/FROZEN[\s\S]*array firmware/);
    expect(await reviews()).toMatchObject([{ operationId: null, closed: { by: "bot" } }]);
    slackReturns();
    await shows(channel, /nothing ran/, /it was refused/, /vm-db is down/);
    await isNotified();
  });

  it("is only for changes, and a query is answered while Slack is away", async () => {
    const typing = await opens();
    slackGoes();
    expect(await typing.ask("zone list")).toMatchObject({ good: true });
    expect(await typing.breaks("zone list", why)).toMatchObject({ good: false });
    expect(typing.text).toContain("type it without --break-glass");
    expect(await reviews()).toEqual([]);
  });
});

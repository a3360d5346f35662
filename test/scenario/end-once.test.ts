import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect } from "vitest";
import { z } from "zod";
import { operationSchema } from "../../src/core/operation.ts";
import type { FaultyAnswer } from "../../src/workspace/server/slack-faults.ts";
import { type BotProcess, startBotProcess } from "./bot-process.ts";
import { decisionsIn, textIn } from "./message-text.ts";
import { alice, Story, until } from "./story.ts";
import { itSimulated as it, luns, patient } from "./target.ts";

const LIMIT_MS = patient(240_000);
const WAIT_MS = patient(60_000);
const channel = "C0STORAGE";
const direct = "D0ALICE01";
const error = (code: string): FaultyAnswer => ({ kind: "error", code });
const operationsSchema = z.looseObject({ operations: z.array(operationSchema) });

/** Slack posts it, and the bot is killed before it knows. */
describe("Slack: an end, and the bot is killed between its post and its record", { timeout: LIMIT_MS }, () => {
  let story: Story;
  let bot: BotProcess | null = null;
  beforeEach(async () => {
    story = await Story.begin();
    await story.bot.stop();
  }, LIMIT_MS);
  afterEach(async () => {
    await bot?.kill();
    await story.ends();
  }, LIMIT_MS);

  const starts = async () => {
    const { botToken: SLACK_BOT_TOKEN, appToken: SLACK_APP_TOKEN, apiUrl: SLACK_API_URL } = story.workspace;
    const tokens = { SLACK_BOT_TOKEN, SLACK_APP_TOKEN, SLACK_API_URL, OPERATORS: alice, CHANNELS: channel };
    bot = await startBotProcess(story.directory, { ...tokens, HOSTS: "simulated" }, /Connected to Slack/);
  };
  const notified = (place: string) =>
    story.workspace.messagesIn(place).filter((message) => /: done \(op-1\)/.test(textIn(message)));
  const comes = async (what: string, isSo: () => boolean | Promise<boolean>) => {
    let found = false;
    await until(() => {
      void Promise.resolve(isSo()).then((is) => {
        found ||= is;
      });
      return found || undefined;
    }, WAIT_MS);
    if (!found) expect.fail(`${what} did not come\n${story.messages.map(textIn).join("\n")}`);
  };
  const operation = async () => {
    const text = await readFile(join(story.directory, "operations.json"), "utf8");
    return operationsSchema.parse(JSON.parse(text)).operations[0];
  };
  const isEnd = ({ text }: Readonly<Record<string, unknown>>) => /: done \(op-1\)/.test(String(text));
  const isKilledOnceToldIn = async (place: string) => {
    story.workspace.slackFaults.calls("chat.postMessage", {
      answer: { kind: "silent" },
      effect: "after",
      when: (args) => isEnd(args) && [place, alice].includes(String(args.channel)),
    });
    await starts();
    await story.workspace.say({ person: alice, text: "/zstack zone add ZONE-9", threadTs: null });
    await comes("the end", () => notified(place).length > 0);
    expect((await operation())?.posting).toHaveLength(1);
    await bot?.kill();
    story.workspace.slackFaults.well("chat.postMessage");
  };

  it("is once in the direct messages, and once in its place when that accepts it", async () => {
    story.workspace.slackFaults.calls("chat.update", { answer: error("is_inactive"), when: isEnd });
    await isKilledOnceToldIn(direct);
    await starts();
    await comes("the record", async () => (await operation())?.notifiedElsewhere !== null);
    story.workspace.slackFaults.well("chat.update");
    await comes("the record", async () => (await operation())?.notified === true);
    expect(notified(direct)).toHaveLength(1);
    expect(notified(channel)).toHaveLength(1);
  });

  it("is once in its place as a new message if its own one is gone", async () => {
    story.workspace.slackFaults.calls("chat.update", { answer: error("message_not_found"), when: isEnd });
    await isKilledOnceToldIn(channel);
    await starts();
    await comes("the record", async () => (await operation())?.notified === true);
    expect(notified(channel)).toHaveLength(1);
    expect(notified(direct)).toEqual([]);
  });

  it("is posted again and says so if the bot may not read the place", async () => {
    story.workspace.slackFaults.calls("chat.update", { answer: error("message_not_found"), when: isEnd });
    story.workspace.slackFaults.calls("conversations.history", { answer: error("missing_scope") });
    await isKilledOnceToldIn(channel);
    expect(notified(channel).map(textIn).join()).not.toContain("be here twice");
    await starts();
    await comes("the record", async () => (await operation())?.notified === true);
    const [, again, ...more] = notified(channel).map(textIn);
    expect(again).toMatch(/This end may be here twice: the bot was stopped/);
    expect(more).toEqual([]);
  });

  it("is in the plan's own message if the bot was killed before it knew the message", async () => {
    // It takes the place of "Observing the hosts" if that was posted before.
    const when = ({ blocks }: Readonly<Record<string, unknown>>) => /"confirm"/.test(JSON.stringify(blocks));
    story.workspace.slackFaults.calls("*", { answer: { kind: "silent" }, effect: "after", when });
    await starts();
    const words = `/zstack sharedblock add cluster-1 wwid=${luns.blank}`;
    await story.workspace.say({ person: alice, text: words, threadTs: null });
    const plans = () => story.workspace.messagesIn(channel).filter((message) => decisionsIn(message).length > 0);
    await comes("the plan", () => plans().length > 0);
    const [plan] = plans();
    await bot?.kill();
    story.workspace.slackFaults.well();
    expect(await operation()).toMatchObject({ state: "planned", messageId: null });
    // Nobody confirmed it in time.
    const path = join(story.directory, "operations.json");
    const text = await readFile(path, "utf8");
    await writeFile(path, text.replace(/"expiresAt": "[^"]+"/, `"expiresAt": "${new Date(0).toISOString()}"`));
    await starts();
    await comes("the record", async () => (await operation())?.notified === true);
    const shown = story.workspace.messagesIn(channel).filter((message) => textIn(message).includes("op-1"));
    expect(shown.map(({ ts }) => ts)).toEqual([plan?.ts]);
    expect(shown.map(textIn).join()).toContain(": expired (op-1)");
    expect(plans()).toEqual([]);
  });
});

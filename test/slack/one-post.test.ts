import { LogLevel, WebClient } from "@slack/web-api";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { PersonUnreachable, Undelivered } from "../../src/core/undelivered.ts";
import type { PostOnce } from "../../src/flow/ports.ts";
import { SlackChannels } from "../../src/slack/channel.ts";
import { placeOf } from "../../src/slack/place.ts";
import type { LocalWorkspace } from "../../src/workspace/server/local-workspace.ts";
import type { CallFault, FaultyAnswer } from "../../src/workspace/server/slack-faults.ts";
import { textIn } from "../scenario/message-text.ts";
import { newWorkspace } from "../terminal/bot-in-slack.ts";
import { virtualTime } from "./virtual-time.ts";

const storage = "C0STORAGE";
const messageOf = (title: string) => ({ reply: { title, tone: "plain" as const, parts: [], next: [] } });
const error = (code: string): FaultyAnswer => ({ kind: "error", code });

describe("a post with a lost answer", () => {
  let workspace: LocalWorkspace;
  let channels: SlackChannels;
  const logged: string[] = [];
  beforeEach(async () => {
    workspace = await newWorkspace();
    const client = new WebClient(workspace.botToken, {
      ...{ slackApiUrl: workspace.apiUrl, retryConfig: { retries: 0 }, rejectRateLimitedCalls: true },
      ...{ logLevel: LogLevel.ERROR, timeout: 2_000 },
    });
    logged.length = 0;
    const log = { info: () => undefined, error: (message: string) => void logged.push(message) };
    channels = new SlackChannels(client, log, virtualTime());
  });
  afterEach(() => workspace.stop());
  const said = (place = storage) => workspace.messagesIn(place).map((message) => textIn(message).split("\n")[0]);
  const loses = (answer: FaultyAnswer, more: Partial<CallFault> = {}) =>
    workspace.slackFaults.calls("chat.postMessage", { answer, effect: "after", times: 1, ...more });
  const cantRead = (code = "missing_scope", times = Number.POSITIVE_INFINITY) => {
    for (const method of ["conversations.history", "conversations.replies"])
      workspace.slackFaults.calls(method, { answer: error(code), times });
  };
  const onceOf = (more: Partial<PostOnce> = {}) => {
    const record: string[] = [];
    const once: PostOnce = {
      ...{ key: "k1", since: "1970-01-01T00:00:00.000Z", mayBeThere: false, again: messageOf("Posted again") },
      begins: async () => void record.push("begins"),
      wasNotTaken: async () => void record.push("was not taken"),
      ...more,
    };
    return { once, record };
  };

  it.each<[string, FaultyAnswer]>([
    ["a broken connection", { kind: "broken" }],
    ["no answer in time", { kind: "silent" }],
    ["internal_error", error("internal_error")],
    ["503", { kind: "http", status: 503 }],
    ["a page", { kind: "page" }],
  ])("is there once after %s, and its ts is known", async (_, answer) => {
    loses(answer);
    const ts = await channels.at(placeOf(storage)).say(messageOf("A plan"));
    expect(said()).toEqual(["A plan"]);
    expect(workspace.messagesIn(storage)[0]?.ts).toBe(ts);
  });

  it("is there once in a thread, and in direct messages", async () => {
    const parent = await channels.at(placeOf(storage)).say(messageOf("A plan"));
    loses({ kind: "broken" });
    await channels.at(JSON.stringify({ channel: storage, threadTs: parent })).say(messageOf("In the thread"));
    loses({ kind: "broken" });
    await channels.withPerson("U0ALICE01")?.say(messageOf("To alice"));
    expect(said()).toEqual(["A plan", "In the thread"]);
    expect(said("D0ALICE01")).toEqual(["To alice"]);
  });

  it.each<[string, boolean]>([
    ["user_disabled", true],
    ["channel_not_found", true],
    ["messages_tab_disabled", false],
    ["restricted_action", false],
    ["invalid_auth", false],
    ["msg_too_long", false],
  ])("is refused in direct messages with %s; permanent for the person: %s", async (code, isPermanent) => {
    workspace.slackFaults.calls("chat.postMessage", { answer: error(code) });
    const failed = await channels
      .withPerson("U0ALICE01")
      ?.say(messageOf("To alice"))
      .catch((problem) => problem);
    expect(failed).toBeInstanceOf(Undelivered);
    expect(failed instanceof PersonUnreachable).toBe(isPermanent);
  });

  it("is posted again if Slack had not taken it", async () => {
    loses({ kind: "broken" }, { effect: "none" });
    await channels.at(placeOf(storage)).say(messageOf("A plan"));
    expect(said()).toEqual(["A plan"]);
  });

  it("is found behind hundreds of others", async () => {
    const { once } = onceOf();
    await channels.at(placeOf(storage)).say(messageOf("An end"), once);
    for (let index = 0; index < 450; index++)
      await workspace.say({ person: "U0ALICE01", text: `word ${index}`, threadTs: null });
    await channels.at(placeOf(storage)).say(messageOf("An end"), once);
    expect(said().filter((title) => title === "An end")).toHaveLength(1);
  });

  it("is not searched if Slack took or refused it", async () => {
    let asked = 0;
    const when = () => {
      asked += 1;
      return false;
    };
    workspace.slackFaults.calls("conversations.history", { answer: { kind: "broken" }, when });
    workspace.slackFaults.calls("chat.postMessage", { answer: { kind: "ratelimited", retryAfterS: 1 }, times: 1 });
    await channels.at(placeOf(storage)).say(messageOf("A plan"));
    expect(said()).toEqual(["A plan"]);
    expect(asked).toBe(0);
  });

  it("is posted again without its mark if the place can't be read, and the log names the fix", async () => {
    cantRead();
    loses({ kind: "broken" });
    await channels.at(placeOf(storage)).say(messageOf("A plan"));
    expect(said()).toEqual(["A plan", "A plan"]);
    expect(logged).toEqual([expect.stringMatching(/may be posted twice. Fix: .*scopes of manifest.yaml/)]);
  });

  it("waits for a place that can't be read for a moment, but not permanently", async () => {
    cantRead("internal_error", 2);
    loses({ kind: "broken" });
    await channels.at(placeOf(storage)).say(messageOf("First"));
    expect(said()).toEqual(["First"]);
    workspace.slackFaults.well();
    cantRead("internal_error");
    loses({ kind: "broken" });
    await channels.at(placeOf(storage)).say(messageOf("Second"));
    expect(said()).toEqual(["First", "Second", "Second"]);
  });

  it("that must be there once is found after a restart; it is posted again with a mark only if the search is not conclusive", async () => {
    const { once, record } = onceOf();
    await channels.at(placeOf(storage)).say(messageOf("An end"), once);
    await channels.at(placeOf(storage)).say(messageOf("An end"), onceOf({ mayBeThere: true }).once);
    expect(said()).toEqual(["An end"]);
    expect(record).toEqual(["begins"]);
    cantRead();
    await channels.at(placeOf(storage)).say(messageOf("Another"), onceOf({ key: "k2" }).once);
    expect(said()).toEqual(["An end", "Another"]);
    await channels.at(placeOf(storage)).say(messageOf("An end"), onceOf({ mayBeThere: true }).once);
    expect(said()).toEqual(["An end", "Another", "Posted again"]);
  });

  it("is recorded as not taken only if that is certain", async () => {
    workspace.slackFaults.calls("chat.postMessage", { answer: error("is_archived") });
    const certain = onceOf();
    await expect(channels.at(placeOf(storage)).say(messageOf("An end"), certain.once)).rejects.toThrow("is_archived");
    expect(certain.record).toEqual(["begins", "was not taken"]);
    workspace.slackFaults.well();
    workspace.slackFaults.calls("chat.postMessage", { answer: { kind: "broken" } });
    cantRead();
    const open = onceOf();
    await expect(channels.at(placeOf(storage)).say(messageOf("An end"), open.once)).rejects.toThrow("reached");
    expect(open.record).not.toContain("was not taken");
  });

  it("is posted without its key if Slack takes no metadata", async () => {
    const when = ({ metadata }: Readonly<Record<string, unknown>>) => metadata !== undefined;
    workspace.slackFaults.calls("chat.postMessage", { answer: error("metadata_must_be_sent_from_app"), when });
    await channels.at(placeOf(storage)).say(messageOf("A plan"));
    expect(said()).toEqual(["A plan"]);
  });
});

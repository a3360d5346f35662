import { LogLevel, WebClient } from "@slack/web-api";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { failureOf, fixOf, mayHaveEffect } from "../../src/slack/failure.ts";
import { retryUntil } from "../../src/slack/retry.ts";
import { problemText, slackProblem } from "../../src/slack/tokens.ts";
import { clientFetch, direct } from "../../src/slack/way-out.ts";
import type { LocalWorkspace } from "../../src/workspace/server/local-workspace.ts";
import type { FaultyAnswer } from "../../src/workspace/server/slack-faults.ts";
import { newWorkspace } from "../terminal/bot-in-slack.ts";
import { virtualTime } from "./virtual-time.ts";

/** Errors that Slack's real client throws for these answers. */
describe("a failure of Slack", () => {
  let workspace: LocalWorkspace;
  let client: WebClient;
  beforeEach(async () => {
    workspace = await newWorkspace();
    client = clientFor(60_000);
  });
  const clientFor = (timeout: number) =>
    new WebClient(workspace.botToken, {
      slackApiUrl: workspace.apiUrl,
      fetch: clientFetch(direct, workspace.apiUrl),
      ...{ retryConfig: { retries: 0 }, rejectRateLimitedCalls: true, timeout, logger: silent },
    });
  afterEach(() => workspace.stop());
  const body = (text: string): FaultyAnswer => ({ kind: "body", text });
  const post = () => client.chat.postMessage({ channel: "C0STORAGE", text: "hello" });
  const failure = async (answer: FaultyAnswer) => {
    workspace.slackFaults.calls("chat.postMessage", { answer, times: 1 });
    return post().then(() => null, failureOf);
  };
  const code = (name: string): FaultyAnswer => ({ kind: "error", code: name });

  it.each([
    "internal_error",
    "fatal_error",
    "service_unavailable",
    "ratelimited",
    "request_timeout",
    "update_failed",
    "team_added_to_org",
    "org_login_required",
    "a_name_that_nobody_knows",
  ])("%s is transient", async (name) => {
    expect(await failure(code(name))).toEqual({ about: "moment", what: `Slack says ${name}`, retryAfterMs: null });
  });

  const passing: [title: string, answer: FaultyAnswer, what: RegExp, retryAfterMs: number | null][] = [
    ["429 with Retry-After", { kind: "ratelimited", retryAfterS: 7 }, /says ratelimited/, 7_000],
    ["429 without Retry-After", { kind: "ratelimited", retryAfterS: null }, /says ratelimited/, null],
    ["503", { kind: "http", status: 503 }, /HTTP status 503/, null],
    ["a page with the status 200", { kind: "page" }, /not Slack, but perhaps a proxy/, null],
    ["a connection that breaks", { kind: "broken" }, /can't be reached/, null],
    ["an empty body", body(""), /not Slack, but perhaps a proxy/, null],
    ["ok in quotes", body('{"ok":"true","ts":"1.1"}'), /not Slack, but perhaps a proxy/, null],
    ["JSON that is no object", body("null"), /not Slack, but perhaps a proxy/, null],
    ["JSON without ok", body('{"ts":"1.1"}'), /not Slack, but perhaps a proxy/, null],
    [
      "a body without end",
      body(`{"ok":true,"ts":"${"1".repeat(20_000_000)}"}`),
      /not Slack, but perhaps a proxy/,
      null,
    ],
  ];
  it.each(passing)("%s is transient", async (_, answer, what, retryAfterMs) => {
    expect(await failure(answer)).toEqual({ about: "moment", what: expect.stringMatching(what), retryAfterMs });
  });

  it("no answer in time is transient", async () => {
    client = clientFor(50);
    expect(await failure({ kind: "silent" })).toMatchObject({
      about: "moment",
      what: expect.stringMatching(/can't be reached/),
    });
  });

  const others: [code: string, about: string, fix: string | null][] = [
    ["invalid_blocks", "content", "report it"],
    ["msg_too_long", "content", "report it"],
    ["message_not_found", "message", null],
    ["not_in_channel", "channel", "/invite @zstack"],
    ["channel_not_found", "channel", "/invite @zstack"],
    ["is_archived", "channel", "unarchive"],
    ["is_inactive", "channel", "unarchive"],
    ["channel_is_archived", "channel", "unarchive"],
    ["restricted_action", "channel", "restricted"],
    ["cant_update_message", "message", null],
    ["edit_window_closed", "message", null],
    ["cant_broadcast_message", "message", null],
    ["token_expired", "token", "SLACK_BOT_TOKEN"],
    ["not_allowed_token_type", "token", "SLACK_BOT_TOKEN"],
    ["invalid_arg_name", "content", "report it"],
    ["metadata_too_large", "content", "report it"],
    ["two_factor_setup_required", "access", "two-factor"],
    ["restricted_action_read_only_channel", "channel", "restricted"],
    ["token_revoked", "token", "SLACK_BOT_TOKEN"],
    ["account_inactive", "token", "SLACK_BOT_TOKEN"],
    ["missing_scope", "token", "manifest.yaml"],
    ["invalid_arguments", "content", "report it"],
    ["channel_is_limited_access", "channel", "restricted"],
    ["access_denied", "access", "ask an administrator"],
    ["ekm_access_denied", "access", "ask an administrator"],
    ["enterprise_is_restricted", "access", "ask an administrator"],
    ["team_access_not_granted", "access", "ask an administrator"],
    ["accesslimited", "access", "allow the address of the bot's computer"],
    ["app_missing_action_url", "access", "switch on Interactivity"],
  ];
  it.each(others)("%s concerns the %s, and its fix matches", async (name, about, fix) => {
    const found = await failure(code(name));
    expect(found).toEqual({ about, code: name });
    const advice = found === null ? null : fixOf(found);
    if (fix === null) expect(advice).toBeNull();
    else expect(advice).toContain(fix);
    if (about !== "token") expect(advice ?? "").not.toContain("SLACK_BOT_TOKEN");
    if (fix !== "/invite @zstack") expect(advice ?? "").not.toContain("/invite");
  });

  it.each<[title: string, answer: FaultyAnswer, may: boolean]>([
    ["internal_error", code("internal_error"), true],
    ["a connection that breaks", { kind: "broken" }, true],
    ["503", { kind: "http", status: 503 }, true],
    ["an empty body", body(""), true],
    ["429", { kind: "ratelimited", retryAfterS: null }, false],
    ["ratelimited", code("ratelimited"), false],
    ["is_archived", code("is_archived"), false],
  ])("after %s the message may be there: %s", async (_, answer, may) => {
    workspace.slackFaults.calls("chat.postMessage", { answer, times: 1 });
    expect(await post().then(() => null, mayHaveEffect)).toBe(may);
  });

  it("without a connection the message is certainly not there", async () => {
    await workspace.stop();
    expect(await post().then(() => null, mayHaveEffect)).toBe(false);
  });

  it.each([
    ["ekm_access_denied", "Slack lets the app do nothing, it says ekm_access_denied. Fix: ask an administrator"],
    ["org_login_required", "Slack can't be used now, it says org_login_required. Fix: try again later"],
    ["token_revoked", "SLACK_BOT_TOKEN is not accepted by Slack (token_revoked)"],
  ])("a start that meets %s names who can fix it", async (name, words) => {
    workspace.slackFaults.calls("auth.test", { answer: code(name), times: 1 });
    const error = await client.auth.test().catch((problem: unknown) => problem);
    expect(problemText(slackProblem(error, "SLACK_BOT_TOKEN", workspace.apiUrl))).toContain(words);
  });

  it("a transient failure is tried again with growing pauses, and not earlier than Slack asks", async () => {
    const time = virtualTime();
    const answers: FaultyAnswer[] = [
      code("internal_error"),
      { kind: "page" },
      { kind: "ratelimited", retryAfterS: 7 },
      { kind: "ratelimited", retryAfterS: null },
    ];
    for (const answer of answers) workspace.slackFaults.calls("chat.postMessage", { answer, times: 1 });
    await retryUntil(post, 60_000, time);
    expect(time.slept).toEqual([500, 1_000, 7_000, 4_000]);
    expect(workspace.messagesIn("C0STORAGE")).toHaveLength(1);
  });

  it("a transient failure ends after its time; a failure of the channel ends the call at once", async () => {
    const time = virtualTime();
    workspace.slackFaults.calls("chat.postMessage", { answer: code("fatal_error") });
    await expect(retryUntil(post, 30_000, time)).rejects.toThrow("Slack says fatal_error");
    expect(time.slept).toEqual([500, 1_000, 2_000, 4_000, 8_000, 10_000]);
    workspace.slackFaults.well();
    workspace.changeChannel("C0STORAGE", { isArchived: true });
    await expect(retryUntil(post, time.now() + 30_000, time)).rejects.toThrow("is_archived");
    expect(time.slept).toHaveLength(6);
  });
});

const silent = {
  ...{ debug: () => undefined, info: () => undefined, warn: () => undefined, error: () => undefined },
  ...{ setLevel: () => undefined, getLevel: () => LogLevel.ERROR, setName: () => undefined },
};

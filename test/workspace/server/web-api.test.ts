import { LogLevel, WebClient } from "@slack/web-api";
import { describe, expect, it } from "vitest";
import type { LocalWorkspace } from "../../../src/workspace/server/local-workspace.ts";
import { slackRates } from "../../../src/workspace/server/rate-limits.ts";
import { alice, bob, confirmButton, outside, slackErrorOf, storage, workspaceFor } from "./connected-app.ts";

const clientOf = ({ apiUrl, botToken }: LocalWorkspace, token = botToken) =>
  new WebClient(token, { slackApiUrl: apiUrl, logLevel: LogLevel.ERROR, retryConfig: { retries: 2, minTimeout: 10 } });

async function workspaceAndClient(options = {}) {
  const workspace = await workspaceFor(options);
  return { workspace, client: clientOf(workspace) };
}

describe("the Web API", () => {
  it("rejects tokens, methods and arguments with Slack's errors", async () => {
    const { workspace, client } = await workspaceAndClient();
    expect((await slackErrorOf(clientOf(workspace, "").auth.test())).error).toBe("not_authed");
    expect((await slackErrorOf(clientOf(workspace, "xoxb-other").auth.test())).error).toBe("invalid_auth");
    expect((await slackErrorOf(clientOf(workspace, workspace.appToken).auth.test())).error).toBe(
      "not_allowed_token_type",
    );
    expect((await slackErrorOf(client.apps.connections.open())).error).toBe("not_allowed_token_type");
    expect((await slackErrorOf(client.apiCall("chat.postMesage"))).error).toBe("unknown_method");
    expect((await slackErrorOf(client.apiCall("toString"))).error).toBe("unknown_method");
    expect(await slackErrorOf(client.apiCall("chat.postMessage", { text: "where?" }))).toEqual({
      error: "invalid_arguments",
      messages: ["[ERROR] missing required field: channel"],
    });
  });

  it("takes JSON bodies and forms", async () => {
    const { workspace } = await workspaceAndClient();
    const post = async (body: string, type = "application/json; charset=utf-8") => {
      const headers = { authorization: `Bearer ${workspace.botToken}`, "content-type": type };
      const response = await fetch(`${workspace.apiUrl}chat.postMessage`, { method: "POST", headers, body });
      return response.json();
    };
    expect(await post(JSON.stringify({ channel: storage, text: "json", blocks: [confirmButton] }))).toMatchObject({
      ok: true,
    });
    expect((await post("{")).error).toBe("invalid_json");
    expect((await post("[]")).error).toBe("json_not_object");
    expect((await post("x", "text/plain")).error).toBe("invalid_post_type");
    expect((await post(`channel=${storage}&blocks=%5B`, "application/x-www-form-urlencoded")).error).toBe(
      "invalid_blocks_format",
    );
  });

  it("takes one table a message, in its blocks, containers and attachments together", async () => {
    const { workspace, client } = await workspaceAndClient();
    const table = { type: "table" as const, rows: [[{ type: "raw_text" as const, text: "x" }]] };
    const blocks = [table, table];
    const { ts = "" } = await client.chat.postMessage({ channel: storage, text: "x", blocks: [table] });
    const refused = (pointer: string) => ({
      error: "invalid_attachments",
      messages: [`[ERROR] only_one_table_allowed [json-pointer:${pointer}]`],
    });
    const second = refused("/blocks/1");
    expect(await slackErrorOf(client.chat.postMessage({ channel: storage, text: "x", blocks }))).toEqual(second);
    expect(await slackErrorOf(client.chat.update({ channel: storage, ts, text: "x", blocks }))).toEqual(second);
    const ephemeral = { channel: storage, user: alice.id, text: "x" };
    expect(await slackErrorOf(client.chat.postEphemeral({ ...ephemeral, blocks }))).toEqual(second);
    const attachments = [{ blocks: [table] }];
    expect(await slackErrorOf(client.chat.postEphemeral({ ...ephemeral, blocks: [table], attachments }))).toEqual(
      refused("/attachments"),
    );
    expect(workspace.messagesIn(storage)).toHaveLength(1);
  });

  it("validates blocks, messages and views for everyone", async () => {
    const { workspace } = await workspaceAndClient();
    const validate = async (args: Record<string, unknown>) => {
      const body = new URLSearchParams(Object.entries(args).map(([key, value]) => [key, JSON.stringify(value)]));
      const response = await fetch(`${workspace.apiUrl}blocks.validate`, { method: "POST", body });
      return response.json();
    };
    const table = { type: "table", rows: [[{ type: "raw_text", text: "x" }]] };
    const title = { type: "plain_text", text: "x" };
    expect(await validate({ blocks: [table] })).toEqual({ ok: true });
    expect(await validate({ message: { text: "x", blocks: [table] } })).toEqual({ ok: true });
    expect(await validate({ view: { type: "home", blocks: [table] } })).toEqual({ ok: true });
    expect(await validate({ view: { type: "modal", title, blocks: [] } })).toEqual({ ok: true });
    expect(await validate({ view: { type: "modal", title, blocks: [table] } })).toEqual({
      ok: false,
      error: "invalid_view",
      errors: [{ pointer: "/blocks/0/type", code: "failed_constraint", message: 'unsupported type: "table"' }],
    });
    expect(await validate({ blocks: [{ type: "header", text: { ...title, text: "x".repeat(151) } }] })).toMatchObject({
      error: "invalid_blocks",
      errors: [{ pointer: "/0/text/text", message: "must be less than 151 characters" }],
    });
    expect(await validate({ message: { blocks: [table, table] } })).toMatchObject({
      error: "invalid_attachments",
      errors: [{ pointer: "/blocks/1", code: "only_one_table_allowed" }],
    });
    expect(
      await validate({ message: { text: "x", blocks: [table], attachments: [{ blocks: [table] }] } }),
    ).toMatchObject({
      errors: [{ code: "only_one_table_allowed" }],
    });
    expect(await validate({ message: {} })).toMatchObject({ ok: false, error: "invalid_message" });
    expect(await validate({})).toMatchObject({ ok: false, error: "invalid_arguments" });
    expect(await validate({ blocks: [], view: {} })).toMatchObject({ ok: false, error: "invalid_arguments" });
  });

  it("reports people, the bot and channels", async () => {
    const { client } = await workspaceAndClient();
    expect(await client.auth.test()).toMatchObject({ user_id: "U0ZSTACK", bot_id: "B0ZSTACK", team_id: "T0LOCAL" });
    expect((await client.users.info({ user: bob.id })).user).toMatchObject({ name: "bob", is_bot: false });
    expect((await client.bots.info({ bot: "B0ZSTACK" })).bot).toMatchObject({ user_id: "U0ZSTACK" });
    expect((await client.conversations.info({ channel: outside })).channel).toMatchObject({ is_member: false });
    expect((await slackErrorOf(client.users.info({ user: "U0" }))).error).toBe("user_not_found");
    expect((await slackErrorOf(client.conversations.info({ channel: "C0" }))).error).toBe("channel_not_found");
  });
});

describe("chat", () => {
  it("posts with ids that only grow, also in threads, and gives blocks their ids", async () => {
    const { workspace, client } = await workspaceAndClient({ clock: { now: () => new Date(1_700_000_000_000) } });
    const { block_id: _, ...unnamed } = confirmButton;
    const first = await client.chat.postMessage({ channel: storage, text: "one", blocks: [unnamed] });
    const reply = await client.chat.postMessage({ channel: storage, text: "two", thread_ts: first.ts ?? "" });
    expect([first.ts, reply.ts]).toEqual(["1700000000.000000", "1700000000.000001"]);
    expect(workspace.state().messages).toMatchObject([
      { text: "one", threadTs: null, blocks: [{ block_id: expect.stringMatching(/^.+$/) }] },
      { text: "two", threadTs: first.ts },
    ]);
    const inReply = client.chat.postMessage({ channel: storage, text: "three", thread_ts: reply.ts ?? "" });
    expect((await slackErrorOf(inReply)).error).toBe("thread_not_found");
  });

  it("refuses with Slack's errors", async () => {
    const { client } = await workspaceAndClient();
    const post = (args: object) => slackErrorOf(client.apiCall("chat.postMessage", { channel: storage, ...args }));
    expect((await post({ channel: "C0NONE", text: "x" })).error).toBe("channel_not_found");
    expect((await post({ channel: outside, text: "x" })).error).toBe("not_in_channel");
    expect((await post({})).error).toBe("no_text");
    expect((await post({ text: "x".repeat(40_001) })).error).toBe("msg_too_long");
    expect((await post({ text: "x", attachments: [{ text: "y" }] })).error).toBe("invalid_attachments");
    const section = { type: "section", text: { type: "mrkdwn", text: "x".repeat(3001) } };
    expect(await post({ text: "x", blocks: [confirmButton, section] })).toEqual({
      error: "invalid_blocks",
      messages: ["[ERROR] must be less than 3001 characters [json-pointer:/blocks/1/text/text]"],
    });
    const full = { ...section, text: { type: "mrkdwn", text: "x".repeat(3000) } };
    expect((await post({ text: "x", blocks: [full, full, full, full, full] })).error).toBe("msg_blocks_too_long");
  });

  it("updates its own messages; a text without blocks removes the blocks", async () => {
    const { workspace, client } = await workspaceAndClient();
    const { ts = "" } = await client.chat.postMessage({ channel: storage, text: "plan", blocks: [confirmButton] });
    await client.chat.update({ channel: storage, ts, text: "running" });
    expect(workspace.state().messages).toMatchObject([{ ts, text: "running", blocks: [], edited: true }]);
    await client.chat.update({ channel: storage, ts, text: "again", blocks: [confirmButton] });
    expect(workspace.state().messages).toMatchObject([{ ts, text: "again", blocks: [confirmButton] }]);

    const update = (args: object) => slackErrorOf(client.chat.update({ channel: storage, ts, text: "x", ...args }));
    expect((await update({ text: "x".repeat(4001) })).error).toBe("msg_too_long");
    expect((await update({ text: "é".repeat(2001) })).error).toBe("msg_too_long");
    expect((await update({ text: "&".repeat(801) })).error).toBe("msg_too_long");
    expect((await update({ ts: "1.0" })).error).toBe("message_not_found");
    expect((await update({ blocks: [{ type: "carousel" }] })).error).toBe("invalid_blocks");
    await workspace.say({ person: alice.id, text: "mine", threadTs: null });
    const others = workspace.state().messages[1]?.ts ?? "";
    expect((await update({ ts: others })).error).toBe("cant_update_message");
    expect((await slackErrorOf(client.chat.delete({ channel: storage, ts: others }))).error).toBe(
      "cant_delete_message",
    );
    await client.chat.delete({ channel: storage, ts });
    expect(workspace.state().messages.map(({ text }) => text)).toEqual(["mine"]);
  });

  it("sends an ephemeral message to one person, which can't be updated", async () => {
    const { workspace, client } = await workspaceAndClient();
    const { message_ts: ts = "" } = await client.chat.postEphemeral({ channel: storage, user: bob.id, text: "psst" });
    expect(workspace.state().messages).toMatchObject([{ ts, text: "psst", onlyFor: "U0BOB" }]);
    expect((await slackErrorOf(client.chat.update({ channel: storage, ts, text: "x" }))).error).toBe(
      "message_not_found",
    );
    const outsider = client.chat.postEphemeral({ channel: storage, user: "U0EVE", text: "psst" });
    expect((await slackErrorOf(outsider)).error).toBe("user_not_in_channel");
  });

  it("keeps the last thousand messages", async () => {
    const workspace = await workspaceFor();
    for (let count = 1; count <= 1010; count += 1) {
      await workspace.say({ person: alice.id, text: `${count}`, threadTs: null });
    }
    expect(workspace.state().messages.map(({ text }) => Number(text))).toEqual(
      Array.from({ length: 1000 }, (_, index) => index + 11),
    );
  });
});

describe("files.uploadV2", () => {
  it("puts a file into the thread", async () => {
    const { workspace, client } = await workspaceAndClient();
    const { ts = "" } = await client.chat.postMessage({ channel: storage, text: "long" });
    const content = "line – one\nline two\n";
    await client.filesUploadV2({
      ...{ channel_id: storage, thread_ts: ts, initial_comment: "all of it" },
      ...{ filename: "output.txt", title: "Output", content },
    });
    expect(workspace.state().messages[1]).toMatchObject({
      ...{ threadTs: ts, text: "all of it", author: "U0ZSTACK" },
      files: [{ name: "output.txt", title: "Output", text: content }],
    });
  });

  it("refuses a channel where the bot is not a member, and a file that was never sent", async () => {
    const { client } = await workspaceAndClient();
    const upload = client.filesUploadV2({ channel_id: outside, filename: "a.txt", content: "x" });
    expect((await slackErrorOf(upload)).error).toBe("not_in_channel");
    const { file_id = "" } = await client.files.getUploadURLExternal({ filename: "a.txt", length: 1 });
    const complete = client.files.completeUploadExternal({ files: [{ id: file_id }], channel_id: storage });
    expect((await slackErrorOf(complete)).error).toBe("file_not_found");
  });
});

describe("rate limits", () => {
  it("answer 429 with Retry-After, which the client waits for", async () => {
    const { workspace, client } = await workspaceAndClient();
    workspace.faults.throttle("chat.postMessage", 1, 1);
    const before = performance.now();
    await client.chat.postMessage({ channel: storage, text: "patience" });
    // A timer may end a moment early.
    expect(performance.now() - before).toBeGreaterThan(990);
    expect(workspace.state().messages).toHaveLength(1);
  });

  it("allow a burst, then a message a second in each channel", async () => {
    const now = { at: 0 };
    const rates = { ...slackRates, post: { perMinute: 60, burst: 3 } };
    const { workspace } = await workspaceAndClient({ rates, clock: { now: () => new Date(now.at) } });
    const post = async () => {
      const headers = { authorization: `Bearer ${workspace.botToken}` };
      const body = new URLSearchParams({ channel: storage, text: "x" });
      const response = await fetch(`${workspace.apiUrl}chat.postMessage`, { method: "POST", headers, body });
      return [response.status, response.headers.get("retry-after"), (await response.json()).error];
    };
    for (let count = 0; count < 3; count += 1) expect((await post())[0]).toBe(200);
    expect(await post()).toEqual([429, "1", "ratelimited"]);
    now.at += 1000;
    expect((await post())[0]).toBe(200);
    expect((await post())[0]).toBe(429);
  });
});

describe("a lost answer", () => {
  it("makes the client post again, as with Slack", async () => {
    const { workspace, client } = await workspaceAndClient();
    workspace.faults.loseAnswers("chat.postMessage", 1);
    await client.chat.postMessage({ channel: storage, text: "twice" });
    expect(workspace.state().messages.map(({ text }) => text)).toEqual(["twice", "twice"]);
  });
});

describe("the history of a place", () => {
  it("lists the messages of a channel, the latest first, with metadata only on request", async () => {
    const { workspace, client } = await workspaceAndClient({ rates: null });
    const metadata = { event_type: "one_post", event_payload: { key: "k", parts: [{ number: 1 }] } };
    const { ts = "" } = await client.chat.postMessage({ channel: storage, text: "first", metadata });
    await client.chat.postMessage({ channel: storage, text: "in the thread", thread_ts: ts });
    await client.chat.postEphemeral({ channel: storage, user: alice.id, text: "only for alice" });
    const { ts: second = "" } = await client.chat.postMessage({ channel: storage, text: "second" });
    const textsOf = ({ messages = [] }: { messages?: { text?: string }[] }) => messages.map(({ text }) => text);
    const history = (more = {}) => client.conversations.history({ channel: storage, ...more });
    expect(textsOf(await history())).toEqual(["second", "first"]);
    expect((await history()).messages?.[1]).not.toHaveProperty("metadata");
    expect((await history({ include_all_metadata: true })).messages?.[1]).toMatchObject({ metadata });
    expect(textsOf(await history({ oldest: ts }))).toEqual(["second"]);
    expect(textsOf(await history({ oldest: ts, inclusive: true }))).toEqual(["second", "first"]);
    expect(textsOf(await history({ latest: second }))).toEqual(["first"]);
    const page = await history({ limit: 1 });
    expect(page).toMatchObject({ has_more: true });
    const cursor = page.response_metadata?.next_cursor ?? "";
    expect(textsOf(await history({ limit: 1, cursor }))).toEqual(["first"]);
    expect(textsOf(await client.conversations.replies({ channel: storage, ts }))).toEqual(["first", "in the thread"]);
    // An update without metadata keeps it; one with empty metadata removes it.
    await client.chat.update({ channel: storage, ts, text: "changed" });
    expect((await history({ include_all_metadata: true })).messages?.[1]).toMatchObject({ text: "changed", metadata });
    await client.apiCall("chat.update", { channel: storage, ts, text: "changed", metadata: {} });
    expect((await history({ include_all_metadata: true })).messages?.[1]).not.toHaveProperty("metadata");
    workspace.changeChannel(storage, { isArchived: true });
    expect(textsOf(await history())).toEqual(["second", "changed"]);
  });

  it("lists no channel that the bot can't read, and takes no metadata that Slack refuses", async () => {
    const { workspace, client } = await workspaceAndClient();
    const refused = async (call: Promise<unknown>) => (await slackErrorOf(call)).error;
    const history = (channel: string) => refused(client.conversations.history({ channel }));
    expect(await history(outside)).toBe("not_in_channel");
    expect(await history("C0NOWHERE")).toBe("channel_not_found");
    expect(await history(alice.id)).toBe("channel_not_found");
    workspace.changeChannel(outside, { isPrivate: true });
    expect(await history(outside)).toBe("channel_not_found");
    expect(await refused(client.conversations.replies({ channel: storage, ts: "1.1" }))).toBe("thread_not_found");
    expect(await refused(client.conversations.history({ channel: storage, limit: 1000 }))).toBe("invalid_arguments");
    const post = (metadata: unknown) =>
      refused(client.apiCall("chat.postMessage", { channel: storage, text: "x", metadata: JSON.stringify(metadata) }));
    for (const wrong of [
      { event_type: "one_post" },
      { event_type: "one post", event_payload: {} },
      { event_type: "one_post", event_payload: { deep: { deeper: { deepest: 1 } } } },
      { event_type: "one_post", event_payload: { nothing: null } },
      [],
      "one_post",
    ])
      expect(await post(wrong)).toBe("invalid_metadata_format");
    expect(await post({ event_type: "one_post", event_payload: { long: "x".repeat(9_000) } })).toBe(
      "metadata_too_large",
    );
  });
});

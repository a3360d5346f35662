import { describe, expect, it } from "vitest";
import WebSocket from "ws";
import type { LocalWorkspace } from "../../../src/workspace/server/local-workspace.ts";
import type { CallFault } from "../../../src/workspace/server/slack-faults.ts";
import { alice, storage, workspaceFor } from "./connected-app.ts";

/** What a plain HTTP client gets, without the retries of Slack's own client. */
async function call(workspace: LocalWorkspace, method: string, args: Record<string, string>, token = "bot") {
  const headers = { authorization: `Bearer ${token === "bot" ? workspace.botToken : workspace.appToken}` };
  const body = new URLSearchParams(args);
  const response = await fetch(`${workspace.apiUrl}${method}`, { method: "POST", headers, body });
  const text = await response.text();
  const json = response.headers.get("content-type")?.includes("json") ? JSON.parse(text) : null;
  return { status: response.status, retryAfter: response.headers.get("retry-after"), error: json?.error, text };
}
const post = (workspace: LocalWorkspace, channel = storage) =>
  call(workspace, "chat.postMessage", { channel, text: "hello" });
const texts = (workspace: LocalWorkspace, channel = storage) => workspace.messagesIn(channel).map(({ text }) => text);

describe("a fault of Slack", () => {
  const answers: [title: string, answer: CallFault["answer"], seen: object][] = [
    ["an error by name", { kind: "error", code: "internal_error" }, { status: 200, error: "internal_error" }],
    ["429 with Retry-After", { kind: "ratelimited", retryAfterS: 7 }, { status: 429, retryAfter: "7" }],
    ["429 without Retry-After", { kind: "ratelimited", retryAfterS: null }, { status: 429, retryAfter: null }],
    ["a status of a proxy", { kind: "http", status: 503 }, { status: 503, text: expect.stringContaining("<html>") }],
    ["a page in place of JSON", { kind: "page" }, { status: 200, text: expect.stringContaining("<html>") }],
  ];
  it.each(answers)("answers with %s as often as asked, and the call has no effect", async (_, answer, seen) => {
    const workspace = await workspaceFor();
    workspace.slackFaults.calls("chat.postMessage", { answer, times: 2 });
    expect(await post(workspace)).toMatchObject(seen);
    expect(await post(workspace)).toMatchObject(seen);
    expect(texts(workspace)).toEqual([]);
    expect(await post(workspace)).toMatchObject({ status: 200, error: undefined });
    expect(texts(workspace)).toEqual(["hello"]);
  });

  it("loses the answer after the effect", async () => {
    const workspace = await workspaceFor();
    workspace.slackFaults.calls("chat.postMessage", { answer: { kind: "broken" }, effect: "after", times: 1 });
    await expect(post(workspace)).rejects.toThrow();
    expect(texts(workspace)).toEqual(["hello"]);
  });

  it("never answers, until it is ended", async () => {
    const workspace = await workspaceFor();
    workspace.slackFaults.calls("chat.postMessage", { answer: { kind: "silent" }, times: 1 });
    const silent = post(workspace).catch(() => "never");
    await post(workspace);
    workspace.slackFaults.calls("*", { answer: { kind: "late", ms: 20 } });
    expect(await post(workspace)).toMatchObject({ status: 200 });
    expect(texts(workspace)).toEqual(["hello", "hello"]);
    workspace.slackFaults.well();
    await workspace.stop();
    expect(await silent).toBe("never");
  });

  it("meets only the calls that it names, in the given order", async () => {
    const workspace = await workspaceFor();
    const error = (code: string) => ({ kind: "error" as const, code });
    workspace.slackFaults.calls("chat.postMessage", {
      answer: error("fatal_error"),
      when: ({ text }) => text === "other",
    });
    workspace.slackFaults.calls("chat.postMessage", { answer: error("internal_error"), times: 1 });
    workspace.slackFaults.calls("chat.postMessage", { answer: error("service_unavailable"), times: 1 });
    expect((await post(workspace)).error).toBe("internal_error");
    expect((await post(workspace)).error).toBe("service_unavailable");
    expect((await post(workspace)).error).toBeUndefined();
    expect((await call(workspace, "auth.test", {})).error).toBeUndefined();
  });

  it("removes the bot from a channel, archives the channel, and restores both", async () => {
    const workspace = await workspaceFor();
    const errors = async () => {
      const { ts } = workspace.messagesIn(storage)[0] ?? { ts: "" };
      const update = await call(workspace, "chat.update", { channel: storage, ts, text: "hello" });
      return [(await post(workspace)).error, update.error];
    };
    await post(workspace);
    workspace.changeChannel(storage, { botIsMember: false });
    expect(await errors()).toEqual(["not_in_channel", "channel_not_found"]);
    workspace.changeChannel(storage, { isPrivate: true });
    expect(await errors()).toEqual(["channel_not_found", "channel_not_found"]);
    workspace.changeChannel(storage, { botIsMember: true, isArchived: true });
    expect(await errors()).toEqual(["is_archived", "is_inactive"]);
    workspace.changeChannel(storage, { isArchived: false });
    expect(await errors()).toEqual([undefined, undefined]);
  });

  it("revokes a token and restores it", async () => {
    const workspace = await workspaceFor();
    workspace.slackFaults.revoke("bot");
    workspace.slackFaults.revoke("app", "invalid_auth");
    expect((await post(workspace)).error).toBe("token_revoked");
    expect((await call(workspace, "apps.connections.open", {}, "app")).error).toBe("invalid_auth");
    workspace.slackFaults.restore("bot");
    expect((await post(workspace)).error).toBeUndefined();
  });

  it("takes a direct message to a person's id, and changes it by its channel's id", async () => {
    const workspace = await workspaceFor();
    const posted = JSON.parse((await post(workspace, alice.id)).text);
    expect(posted.channel).toBe("D0ALICE");
    const change = { channel: posted.channel, ts: posted.ts, text: "changed" };
    expect((await call(workspace, "chat.update", change)).error).toBeUndefined();
    expect(texts(workspace, "D0ALICE")).toEqual(["changed"]);
  });

  it("accepts a WebSocket and sends nothing", async () => {
    const workspace = await workspaceFor();
    const connect = async () => {
      const { text } = await call(workspace, "apps.connections.open", {}, "app");
      const socket = new WebSocket(JSON.parse(text).url);
      const hello = new Promise<string>((resolve) => socket.once("message", (data) => resolve(String(data))));
      await new Promise((resolve) => socket.once("open", resolve));
      return { socket, hello };
    };
    workspace.slackFaults.silentSockets(1);
    const silent = await connect();
    const well = await connect();
    expect(await well.hello).toContain('"num_connections":1');
    expect(await Promise.race([silent.hello, Promise.resolve("nothing yet")])).toBe("nothing yet");
    silent.socket.terminate();
    well.socket.terminate();
  });
});

import { setTimeout as wait } from "node:timers/promises";
import { describe, expect, it } from "vitest";
import { alice, appFor, messages, outside, troublesOf, until, workspaceFor } from "./connected-app.ts";

describe("a slash command", () => {
  it("reaches the app as Slack sends it; its ack and response_url answer only the person", async () => {
    const workspace = await workspaceFor();
    let seen: Record<string, unknown> = {};
    await appFor(workspace, (app) =>
      app.command("/zstack", async ({ command, ack, respond }) => {
        seen = { ...command };
        await ack("on it");
        await respond({ text: "done" });
      }),
    );
    await workspace.say({
      person: alice.id,
      text: "/zstack lun list cluster-1 “x” <a&b> @bob #storage",
      threadTs: null,
    });
    expect(seen).toMatchObject({
      ...{
        command: "/zstack",
        user_id: "U0ALICE",
        user_name: "alice",
        channel_id: "C0STORAGE",
        channel_name: "storage",
      },
      text: "lun list cluster-1 “x” &lt;a&amp;b&gt; <@U0BOB|bob> <#C0STORAGE|storage>",
    });
    const [ack, response] = await messages(workspace, 2);
    expect(ack).toMatchObject({ text: "on it", onlyFor: "U0ALICE", author: "U0ZSTACK", threadTs: null });
    expect(response).toMatchObject({ text: "done", onlyFor: "U0ALICE" });
  });

  it("fails for the person if no app is connected", async () => {
    const workspace = await workspaceFor();
    const troubles = troublesOf(workspace);
    await workspace.say({ person: alice.id, text: "/zstack help", threadTs: null });
    expect(troubles).toEqual(['/zstack failed with the error "dispatch_failed"']);
  });

  it("fails for the person if the ack is late, and the late ack has no effect", async () => {
    const workspace = await workspaceFor({ timings: { ackMs: 100 } });
    const troubles = troublesOf(workspace);
    let acked = false;
    await appFor(workspace, (app) =>
      app.command("/zstack", async ({ ack }) => {
        await wait(200);
        await ack("too late");
        acked = true;
      }),
    );
    await workspace.say({ person: alice.id, text: "/zstack help", threadTs: null });
    expect(troubles).toEqual(['/zstack failed with the error "operation_timeout"']);
    await until(() => acked);
    await wait(50);
    expect(workspace.state().messages).toEqual([]);
  });

  it("is refused in threads, with an unknown name, and when it is too long", async () => {
    const workspace = await workspaceFor();
    const troubles = troublesOf(workspace);
    let commands = 0;
    await appFor(workspace, (app) => {
      app.command(/.*/, async ({ ack }) => {
        commands += 1;
        await ack();
      });
    });
    await workspace.say({ person: alice.id, text: "good morning", threadTs: null });
    const threadTs = workspace.state().messages[0]?.ts ?? "";
    await workspace.say({ person: alice.id, text: "/zstack help", threadTs });
    await workspace.say({ person: alice.id, text: "/zstak help", threadTs: null });
    await workspace.say({ person: alice.id, text: `/zstack ${"x".repeat(4000)}`, threadTs: null });
    expect(troubles).toEqual([
      "/zstack is not supported in threads. Sorry!",
      "/zstak is not a valid command.",
      "Your message is too long: 4008 characters of at most 4000.",
    ]);
    expect(commands).toBe(0);
  });

  it("works in a channel where the bot can't post, because it is no member", async () => {
    const workspace = await workspaceFor();
    let refusal = "";
    await appFor(workspace, (app) =>
      app.command("/zstack", async ({ command, ack, client, respond }) => {
        await ack();
        await client.chat.postMessage({ channel: command.channel_id, text: "hello" }).catch((error) => {
          refusal = error.data.error;
        });
        await respond("only you see this");
      }),
    );
    await workspace.say({ person: alice.id, text: "/zstack help", threadTs: null, channel: outside });
    await until(() => workspace.messagesIn(outside).length === 1);
    expect(refusal).toBe("not_in_channel");
    expect(workspace.messagesIn(outside)).toMatchObject([{ text: "only you see this", onlyFor: "U0ALICE" }]);
    expect(workspace.state().messages).toEqual([]);
  });

  it("reports wrong blocks in its ack to the person", async () => {
    const workspace = await workspaceFor();
    const troubles = troublesOf(workspace);
    await appFor(workspace, (app) =>
      app.command("/zstack", ({ ack }) =>
        ack({ blocks: [{ type: "header", text: { type: "plain_text", text: "" } }] }),
      ),
    );
    await workspace.say({ person: alice.id, text: "/zstack help", threadTs: null });
    expect(troubles).toEqual([expect.stringContaining("[json-pointer:/blocks/0/text/text]")]);
  });
});

describe("a response_url", () => {
  async function responseUrl(timings: object, now: { at: number }) {
    const workspace = await workspaceFor({ timings, clock: { now: () => new Date(now.at) } });
    let url = "";
    await appFor(workspace, (app) =>
      app.command("/zstack", async ({ command, ack }) => {
        url = command.response_url;
        await ack();
      }),
    );
    await workspace.say({ person: alice.id, text: "/zstack help", threadTs: null });
    const post = async (body: unknown) => {
      const headers = { "content-type": "application/json" };
      const response = await fetch(url, { method: "POST", headers, body: JSON.stringify(body) });
      return [response.status, (await response.json()).error];
    };
    return { workspace, post };
  }

  it("takes five answers", async () => {
    const { workspace, post } = await responseUrl({}, { at: Date.now() });
    for (const text of ["1", "2", "3", "4", "5"]) {
      expect(await post({ text, response_type: "in_channel" })).toEqual([200, undefined]);
    }
    expect(await post({ text: "6" })).toEqual([404, "used_url"]);
    expect(workspace.state().messages.map(({ text, onlyFor }) => [text, onlyFor])).toEqual(
      ["1", "2", "3", "4", "5"].map((text) => [text, null]),
    );
  });

  it("is valid for half an hour", async () => {
    const now = { at: Date.now() };
    const { post } = await responseUrl({}, now);
    now.at += 29 * 60_000;
    expect(await post({ text: "in time" })).toEqual([200, undefined]);
    now.at += 2 * 60_000;
    expect(await post({ text: "too late" })).toEqual([404, "expired_url"]);
  });

  it("rejects content that is no message", async () => {
    const { post } = await responseUrl({}, { at: Date.now() });
    expect(await post({})).toEqual([400, "no_text"]);
    expect(await post({ blocks: [{ type: "nothing" }] })).toEqual([400, "invalid_blocks"]);
    const table = { type: "table", rows: [[{ type: "raw_text", text: "x" }]] };
    expect(await post({ blocks: [table, table] })).toEqual([400, "invalid_attachments"]);
  });
});

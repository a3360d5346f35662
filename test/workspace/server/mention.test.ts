import { setTimeout as wait } from "node:timers/promises";
import { describe, expect, it } from "vitest";
import { alice, appFor, messages, outside, socketClientFor, until, workspaceFor } from "./connected-app.ts";

describe("a mention of the bot", () => {
  it("is posted in the thread and comes as app_mention, so that the bot can answer there", async () => {
    const workspace = await workspaceFor();
    await appFor(workspace, (app) =>
      app.event("app_mention", async ({ event, client }) => {
        const thread_ts = event.thread_ts ?? event.ts;
        await client.chat.postMessage({ channel: event.channel, thread_ts, text: `heard: ${event.text}` });
      }),
    );
    await workspace.say({ person: alice.id, text: "good morning", threadTs: null });
    const threadTs = workspace.state().messages[0]?.ts ?? "";
    await workspace.say({ person: alice.id, text: "@zstack lun list a<b", threadTs });
    const [, asked, answered] = await messages(workspace, 3);
    expect(asked).toMatchObject({ text: "<@U0ZSTACK> lun list a&lt;b", threadTs, author: "U0ALICE" });
    expect(answered).toMatchObject({ text: "heard: <@U0ZSTACK> lun list a&lt;b", threadTs, author: "U0ZSTACK" });
  });

  it("is not sent for other words, nor from a channel where the bot is not a member", async () => {
    const workspace = await workspaceFor();
    const heard: string[] = [];
    await appFor(workspace, (app) => {
      app.event("app_mention", async ({ event }) => {
        heard.push(event.text);
      });
    });
    await workspace.say({ person: alice.id, text: "@zstackx help, @bob", threadTs: null });
    await workspace.say({ person: alice.id, text: "@zstack help", threadTs: null, channel: outside });
    await workspace.say({ person: alice.id, text: "@zstack: last", threadTs: null });
    await until(() => heard.length > 0);
    expect(heard).toEqual(["<@U0ZSTACK>: last"]);
  });

  it("comes again with the same event_id until it is acked", async () => {
    const workspace = await workspaceFor({ timings: { ackMs: 2_000, redeliveryMs: [10, 10, 10] } });
    const seen: { event_id: string; retry_num: number; retry_reason: string }[] = [];
    // Bolt acknowledges events by itself, so this is the client under it.
    const client = await socketClientFor(workspace);
    client.on("app_mention", async ({ ack, body, retry_num, retry_reason }) => {
      seen.push({ event_id: body.event_id, retry_num, retry_reason });
      if (retry_num === 2) await ack();
    });
    await workspace.say({ person: alice.id, text: "@zstack help", threadTs: null });
    await until(() => seen.length >= 3);
    await wait(200);
    const event_id = seen[0]?.event_id;
    expect(seen).toEqual([
      { event_id, retry_num: 0, retry_reason: "" },
      { event_id, retry_num: 1, retry_reason: "timeout" },
      { event_id, retry_num: 2, retry_reason: "timeout" },
    ]);
  });

  it("waits for an app that is not yet connected", async () => {
    const workspace = await workspaceFor({ timings: { redeliveryMs: [500] } });
    await workspace.say({ person: alice.id, text: "@zstack help", threadTs: null });
    let heard = 0;
    await appFor(workspace, (app) => {
      app.event("app_mention", async () => {
        heard += 1;
      });
    });
    await until(() => heard === 1);
  });
});

import { WebClient } from "@slack/web-api";
import { describe, expect, it } from "vitest";
import { assertTotalSize, checkedMessageBlocks } from "../../../src/workspace/server/checked-blocks.ts";
import { cell, chart, dataTable, divider, many, mrkdwn, plan, table, task, x } from "./blocks.ts";
import { alice, appFor, slackErrorOf, storage, workspaceFor } from "./connected-app.ts";

describe("the size of all blocks together", () => {
  const sized = (count: number, each: number) => () =>
    assertTotalSize(checkedMessageBlocks(many(count, () => ({ type: "section", text: mrkdwn(x(each)) }))));
  it("agrees with what people measured", () => {
    expect(sized(50, 191)).not.toThrow(); // 9,550 characters in 50 blocks
    expect(sized(45, 252)).toThrow("msg_blocks_too_long"); // 11,340 characters in 45 blocks
    expect(sized(4, 3000)).not.toThrow();
    expect(sized(5, 3000)).toThrow("msg_blocks_too_long");
  });
  it("counts values that are no text by their name", () => {
    const tasks = many(50, (index) => task({ task_id: `t${index}`, title: x(270) }));
    expect(() => assertTotalSize(checkedMessageBlocks([plan(tasks)]))).toThrow("msg_blocks_too_long");
  });
});

/** The ways by which a message goes to Slack, each with the code of its refusal. */
async function waysOf() {
  const workspace = await workspaceFor();
  const client = new WebClient(workspace.botToken, { slackApiUrl: workspace.apiUrl });
  let url = "";
  let ackPayload: object | undefined;
  await appFor(workspace, (app) =>
    app.command("/zstack", async ({ command, ack }) => {
      url = command.response_url;
      await ack(ackPayload as Parameters<typeof ack>[0]);
    }),
  );
  await workspace.say({ person: alice.id, text: "/zstack help", threadTs: null });
  const { ts } = await client.chat.postMessage({ channel: storage, text: "x" });
  const byMethod = (method: string, more: object) => async (content: object) =>
    (await slackErrorOf(client.apiCall(method, { channel: storage, ...more, ...content }))).error;
  const posted = async (to: string, body: unknown) => {
    const response = await fetch(to, { method: "POST", body: JSON.stringify(body), headers: json });
    return (await response.json()).error as string;
  };
  return {
    workspace,
    ways: {
      "chat.postMessage": byMethod("chat.postMessage", {}),
      "chat.update": byMethod("chat.update", { ts }),
      "chat.postEphemeral": byMethod("chat.postEphemeral", { user: alice.id }),
      "a response URL": (content: object) => posted(url, content),
      "blocks.validate": (content: object) => posted(`${workspace.apiUrl}blocks.validate`, { message: content }),
    },
    inAck: async (content: object) => {
      ackPayload = content;
      await workspace.say({ person: alice.id, text: "/zstack help", threadTs: null });
    },
  };
}
const json = { "content-type": "application/json" };

describe("a message with wrong content", () => {
  const one = table([[cell("x")]]);
  const many51 = many(51, () => divider);
  it("is refused by each way of sending, with the same code", async () => {
    const { workspace, ways } = await waysOf();
    const before = workspace.state().messages.length;
    const refusals: [object, code: string][] = [
      [{ text: "x", blocks: [one, one] }, "invalid_attachments"],
      [{ text: "x", blocks: [one, dataTable([[cell("x")], [cell("x")]])] }, "invalid_attachments"],
      [{ text: "x", blocks: [one], attachments: [{ blocks: [one] }] }, "invalid_attachments"],
      [{ text: "x", attachments: [{ text: "x" }] }, "invalid_attachments"],
      [{ text: "x", blocks: many51 }, "invalid_blocks"],
      [{ text: "x", blocks: [table([[cell("")]])] }, "invalid_blocks"],
      [{ text: "x", blocks: [{ type: "alert", text: { type: "plain_text", text: "x" } }] }, "invalid_blocks"],
      [
        { text: "x", blocks: many(3, () => chart({ type: "pie", segments: [{ label: "x", value: 1 }] })) },
        "invalid_blocks",
      ],
    ];
    for (const [content, code] of refusals) {
      for (const [name, send] of Object.entries(ways)) {
        // A response URL takes only five answers.
        if (name !== "a response URL") expect([name, await send(content)]).toEqual([name, code]);
      }
    }
    for (const [content, code] of refusals.slice(0, 4)) expect(await ways["a response URL"](content)).toBe(code);
    expect(await ways["a response URL"]({ text: x(40_001) })).toBe("msg_too_long");
    expect(workspace.state().messages).toHaveLength(before);
  });

  it("is refused for texts and blocks that are too long", async () => {
    const { ways } = await waysOf();
    const large = { text: "x", blocks: many(5, () => ({ type: "section", text: mrkdwn(x(3_000)) })) };
    for (const [name, send] of Object.entries(ways)) {
      expect([name, await send({ text: x(40_001) })]).toEqual([name, "msg_too_long"]);
      expect([name, await send(large)]).toEqual([name, "msg_blocks_too_long"]);
    }
  });

  it("is refused in the ack of a slash command", async () => {
    const { workspace, inAck } = await waysOf();
    const before = workspace.state().messages.length;
    await inAck({ text: "x", blocks: [one, one] });
    expect(
      workspace
        .state()
        .messages.slice(before)
        .filter(({ blocks }) => blocks.length > 0),
    ).toEqual([]);
  });
});

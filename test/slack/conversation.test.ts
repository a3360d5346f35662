import { LogLevel, WebClient } from "@slack/web-api";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { Reply } from "../../src/core/reply.ts";
import { SlackChannels } from "../../src/slack/channel.ts";
import { conversationWith, type Setting } from "../../src/slack/conversation.ts";
import { type Respond, ResponseUrls, type Response as SlackResponse } from "../../src/slack/response-url.ts";
import type { LocalWorkspace } from "../../src/workspace/server/local-workspace.ts";
import { alice, newWorkspace } from "../terminal/bot-in-slack.ts";

const rows = Array.from({ length: 40 }, (_, index) => [`host${index}`, "mpatha", "3/3"]);
const reply = (count: number): Reply => ({
  title: "Maps",
  tone: "plain",
  parts: Array.from({ length: count }, () => ({ kind: "table", columns: ["host", "map", "paths"], rows })),
  next: ["lun list cluster-1"],
});

describe("an ephemeral message", () => {
  let workspace: LocalWorkspace;
  let setting: Pick<Setting, "client" | "channels" | "responseUrls" | "own" | "log">;
  const errors: string[] = [];
  const said = () => workspace.messagesIn("C0STORAGE");

  beforeEach(async () => {
    workspace = await newWorkspace();
    const options = { slackApiUrl: workspace.apiUrl, retryConfig: { retries: 0 }, logLevel: LogLevel.ERROR };
    const client = new WebClient(workspace.botToken, options);
    errors.length = 0;
    const log = { info: () => undefined, error: (message: string) => void errors.push(message) };
    const own = { teamId: "T0LOCAL", enterpriseId: null, url: "https://local.slack.com/" };
    setting = { client, channels: new SlackChannels(client, log), responseUrls: new ResponseUrls(), own, log };
  });
  afterEach(() => workspace.stop());

  const sendEphemeral = (value: Reply, respond?: Respond) =>
    conversationWith(alice, { channel: "C0STORAGE", threadTs: null }, setting, {
      mayNotChangeHere: null,
      ...(respond === undefined ? {} : { respond }),
    }).sendEphemeral({ reply: value });

  it("is one message with one table if it fits", async () => {
    await sendEphemeral(reply(1));
    expect(said().map(({ blocks, onlyFor }) => [blocks.map(({ type }) => type), onlyFor])).toEqual([
      [["header", "table", "rich_text"], alice],
    ]);
  });

  it("is complete as aligned text after the blocks, if they do not contain everything", async () => {
    await sendEphemeral(reply(30));
    const [first, ...texts] = said();
    expect(first?.blocks.filter(({ type }) => type === "table")).toHaveLength(1);
    expect(texts.length).toBeGreaterThan(1);
    expect(texts.every(({ blocks, text }) => blocks.length === 0 && text.startsWith("```\n"))).toBe(true);
  });

  it.each(["invalid_blocks", "invalid_attachments", "msg_too_long", "msg_blocks_too_long"])(
    "is complete as aligned text if Slack says %s of its blocks",
    async (code) => {
      workspace.slackFaults.calls("chat.postEphemeral", {
        answer: { kind: "error", code },
        when: ({ blocks }) => blocks !== undefined,
      });
      await sendEphemeral(reply(1));
      const [only, ...others] = said();
      expect(others).toEqual([]);
      expect(only).toMatchObject({ onlyFor: alice, blocks: [] });
      expect(only?.text).toMatch(/host39 {2}mpatha {2}3\/3/);
      expect(only?.text).toContain("lun list cluster-1");
    },
  );

  it.each([
    ["the status 400", { status: 400 }],
    ["the status 200 and an error", { status: 200 }],
  ])("is aligned text too if a response URL refuses its blocks with %s", async (_, { status }) => {
    const answers: { text: string; blocks?: unknown }[] = [];
    await sendEphemeral(reply(1), async (content) => {
      if (content.blocks === undefined) return answers.push(content);
      if (status === 400) throw new Error("Failed to respond to the response_url: 400");
      return Response.json({ ok: false, error: "invalid_attachments" });
    });
    expect(answers.map(({ text }) => text)).toEqual([expect.stringMatching(/host39 {2}mpatha {2}3\/3/)]);
  });

  it("the end of a plan replaces the clicked message as text, if a removed bot may send no blocks", async () => {
    const answers: SlackResponse[] = [];
    setting.responseUrls.keep("C0STORAGE", "1.1", alice, async (content) => {
      if (content.blocks !== undefined) return Response.json({ ok: false, error: "invalid_attachments" });
      return answers.push(content);
    });
    workspace.changeChannel("C0STORAGE", { botIsMember: false });
    const place = { channel: "C0STORAGE", threadTs: null };
    await conversationWith(alice, place, setting, { mayNotChangeHere: null }).revise("1.1", { reply: reply(1) }, true);
    expect(answers).toEqual([
      expect.objectContaining({
        ...{ replace_original: true, response_type: "in_channel" },
        text: expect.stringMatching(/host39 {2}mpatha {2}3\/3/),
      }),
    ]);
  });

  describe("the end of a plan, if its channel takes no new message,", () => {
    const revised = async (code: string): Promise<SlackResponse[]> => {
      const answers: SlackResponse[] = [];
      setting.responseUrls.keep("C0STORAGE", "1.1", alice, async (content) => answers.push(content));
      workspace.slackFaults.calls("chat.update", { answer: { kind: "error", code } });
      workspace.changeChannel("C0STORAGE", { isArchived: true });
      const place = { channel: "C0STORAGE", threadTs: null };
      const conversation = conversationWith(alice, place, setting, { mayNotChangeHere: null });
      await conversation.revise("1.1", { reply: reply(1) }, true).catch((error) => {
        if (answers.length > 0) expect.fail(`${error} after a response`);
        throw error;
      });
      return answers;
    };

    it("is not sent to the response URL of a message that is gone", async () => {
      await expect(revised("message_not_found")).rejects.toThrow(
        "the channel C0STORAGE did not accept the message: Slack says is_archived",
      );
    });

    it("is sent to the response URL of a message that the bot may no longer change", async () => {
      expect(await revised("cant_update_message")).toEqual([expect.objectContaining({ replace_original: true })]);
    });
  });
});

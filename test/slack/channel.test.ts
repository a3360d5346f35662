import { LogLevel, WebClient } from "@slack/web-api";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { Refusal } from "../../src/core/refusal.ts";
import type { Message } from "../../src/flow/ports.ts";
import type { LocalWorkspace } from "../../src/local/workspace/local-workspace.ts";
import { placeOf, SlackChannels } from "../../src/slack/channel.ts";
import { newWorkspace } from "../say/bot-in-slack.ts";

const lines = Array.from({ length: 2_000 }, (_, index) => `line ${index} of many`);
const long: Message["reply"] = { title: "Wipe it all", tone: "warning", parts: [{ kind: "code", lines }], next: [] };
const plan: Message = { reply: long, buttons: { operationId: "op-1", seal: "d.n", form: null } };

describe("a message too long for Slack", () => {
  let workspace: LocalWorkspace;
  let channels: SlackChannels;
  const errors: string[] = [];
  const said = () => workspace.messagesIn("C0STORAGE");
  const blocksOf = (ts: string) =>
    said()
      .find((message) => message.ts === ts)
      ?.blocks.map(({ type }) => type);
  const files = () => said().flatMap((message) => message.files.map((file) => ({ ...file, in: message.threadTs })));
  /** As where the app lacks files:write, or the upload's host is not reached. */
  const uploadsFail = () => workspace.faults.throttle("files.getUploadURLExternal", 1, 10);

  beforeEach(async () => {
    workspace = await newWorkspace();
    const options = { slackApiUrl: workspace.apiUrl, retryConfig: { retries: 0 }, logLevel: LogLevel.ERROR };
    const client = new WebClient(workspace.botToken, options);
    errors.length = 0;
    const log = { info: () => undefined, error: (message: string) => void errors.push(message) };
    channels = new SlackChannels({ patient: client, hasty: client }, log);
  });
  afterEach(() => workspace.stop());
  const channel = () => channels.at(placeOf("C0STORAGE"));

  it("gets its buttons once its file is there", async () => {
    const ts = await channel().say(plan);
    expect(blocksOf(ts)).toContain("actions");
    expect(files()).toMatchObject([{ name: "wipe-it-all.txt", in: ts, text: expect.stringContaining("line 1999") }]);
  });

  it("has no button, and is refused, where its file can't be uploaded", async () => {
    uploadsFail();
    await expect(channel().say(plan)).rejects.toBeInstanceOf(Refusal);
    expect(said()).toHaveLength(1);
    expect(blocksOf(said()[0]?.ts ?? "")).not.toContain("actions");
    expect(errors).toEqual(["uploading wipe-it-all.txt"]);
  });

  it("has no button either where it takes the place of another message", async () => {
    const ts = await channel().say({ reply: { ...long, parts: [] } });
    uploadsFail();
    await expect(channel().revise(ts, plan, true)).rejects.toThrow("What can't be read can't be confirmed");
    expect(blocksOf(ts)).not.toContain("actions");
    workspace.faults.throttle("files.getUploadURLExternal", 1, 0);
    await channel().revise(ts, plan, true);
    expect(blocksOf(ts)).toContain("actions");
  });

  it("is shown without its file where there is nothing to confirm", async () => {
    uploadsFail();
    const ts = await channel().say({ reply: long });
    expect(blocksOf(ts)).toContain("header");
  });
});

import { LogLevel, WebClient } from "@slack/web-api";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { Refusal } from "../../src/core/refusal.ts";
import type { Message } from "../../src/flow/ports.ts";
import { SlackChannels } from "../../src/slack/channel.ts";
import { placeOf } from "../../src/slack/place.ts";
import type { LocalWorkspace } from "../../src/workspace/server/local-workspace.ts";
import { newWorkspace } from "../terminal/bot-in-slack.ts";
import { virtualTime } from "./virtual-time.ts";

const lines = Array.from({ length: 2_000 }, (_, index) => `line ${index} of many`);
const long: Message["reply"] = { title: "Wipe it all", tone: "warning", parts: [{ kind: "code", lines }], next: [] };
const rows = Array.from({ length: 30 }, (_, index) => [`host${index}`, "mpatha", "3/3"]);
const maps = { kind: "table" as const, caption: "Maps", columns: ["host", "map", "paths"], rows };
const twoTables: Message["reply"] = {
  title: "Two tables",
  tone: "plain",
  parts: [{ ...maps, caption: "LUNs", compared: true }, maps],
  next: [],
};
const plan: Message = {
  reply: long,
  buttons: { operationId: "op-1", seal: "d.n", verb: "Wipe and Add", warning: null, form: null },
};

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
  /** As without the scope files:write, or if the upload's host can't be reached. */
  const uploadsFail = () =>
    workspace.slackFaults.calls("files.getUploadURLExternal", { answer: { kind: "error", code: "missing_scope" } });

  beforeEach(async () => {
    workspace = await newWorkspace();
    const options = { slackApiUrl: workspace.apiUrl, retryConfig: { retries: 0 }, logLevel: LogLevel.ERROR };
    const client = new WebClient(workspace.botToken, options);
    errors.length = 0;
    const log = { info: () => undefined, error: (message: string) => void errors.push(message) };
    channels = new SlackChannels(client, log, virtualTime());
  });
  afterEach(() => workspace.stop());
  const channel = () => channels.at(placeOf("C0STORAGE"));

  it("gets its buttons after its file", async () => {
    const ts = await channel().say(plan);
    expect(blocksOf(ts)).toContain("actions");
    expect(files()).toMatchObject([{ name: "wipe-it-all.txt", in: ts, text: expect.stringContaining("line 1999") }]);
  });

  it("gets its buttons only after Slack has scanned the file and shows it", async () => {
    workspace.faults.scanFiles(false);
    const asked = new Promise<void>((resolve) => {
      workspace.slackFaults.calls("files.info", {
        answer: { kind: "broken" },
        when: () => {
          resolve();
          return false;
        },
      });
    });
    const posted = channel().say(plan);
    await asked;
    expect(blocksOf(said()[0]?.ts ?? "")).not.toContain("actions");
    expect(files()).toEqual([]);
    workspace.faults.scanFiles(true);
    expect(blocksOf(await posted)).toContain("actions");
    expect(files()).toHaveLength(1);
  });

  it("has no button, and is refused, if Slack does not show the file in time", async () => {
    workspace.faults.scanFiles(false);
    await expect(channel().say(plan)).rejects.toThrow("Slack has not shared it after 30 s");
    expect(blocksOf(said()[0]?.ts ?? "")).not.toContain("actions");
  });

  it("waits for no scan if the app may not ask", async () => {
    workspace.faults.scanFiles(false);
    workspace.slackFaults.calls("files.info", { answer: { kind: "error", code: "missing_scope" } });
    expect(blocksOf(await channel().say(plan))).toContain("actions");
  });

  it("has each table in its thread once, also if Slack's answers are lost", async () => {
    const lost = { answer: { kind: "broken" }, effect: "after", times: 1 } as const;
    workspace.slackFaults.calls("chat.postMessage", lost);
    workspace.slackFaults.calls("chat.postMessage", { ...lost, when: ({ thread_ts }) => thread_ts !== undefined });
    const ts = await channel().say({ reply: twoTables });
    expect(said().map((message) => [message.ts === ts, message.threadTs])).toEqual([
      [true, null],
      [false, ts],
    ]);
  });

  it("has no button, and is refused, if its file can't be uploaded", async () => {
    uploadsFail();
    await expect(channel().say(plan)).rejects.toBeInstanceOf(Refusal);
    expect(said()).toHaveLength(1);
    expect(blocksOf(said()[0]?.ts ?? "")).not.toContain("actions");
    expect(errors).toEqual(["uploading wipe-it-all.txt"]);
  });

  it("has no button either if it replaces another message", async () => {
    const ts = await channel().say({ reply: { ...long, parts: [] } });
    uploadsFail();
    await expect(channel().revise(ts, plan, true)).rejects.toThrow("The plan can't be shown");
    expect(blocksOf(ts)).not.toContain("actions");
    workspace.slackFaults.well();
    await channel().revise(ts, plan, true);
    expect(blocksOf(ts)).toContain("actions");
  });

  it("is shown without its file if there is nothing to confirm", async () => {
    uploadsFail();
    const ts = await channel().say({ reply: long });
    expect(blocksOf(ts)).toContain("header");
    const inThread = said().filter(({ threadTs }) => threadTs === ts);
    expect(inThread[0]?.text).toContain("line 1 of many");
    const shown = JSON.stringify(said().find((message) => message.ts === ts)?.blocks);
    expect(shown).not.toContain("in the file");
    expect(shown).toMatch(
      /Shortened\. More of it is in the thread\. The file .* could not be uploaded: .*missing_scope/,
    );
    // Rows that are not in the thread either are counted, with the reason.
    expect(inThread.at(-1)?.text).toMatch(
      /…and \d+ more lines\. The file wipe-it-all\.txt with everything could not be uploaded: .*missing_scope/,
    );
  });
});

describe("a message with a second long table", () => {
  let workspace: LocalWorkspace;
  let channels: SlackChannels;
  const errors: string[] = [];
  const said = () => workspace.messagesIn("C0STORAGE");
  const typesOf = ({ blocks }: { blocks: readonly { type: string }[] }) => blocks.map(({ type }) => type);

  beforeEach(async () => {
    workspace = await newWorkspace();
    const options = { slackApiUrl: workspace.apiUrl, retryConfig: { retries: 0 }, logLevel: LogLevel.ERROR };
    const client = new WebClient(workspace.botToken, options);
    errors.length = 0;
    const log = { info: () => undefined, error: (message: string) => void errors.push(message) };
    channels = new SlackChannels(client, log, virtualTime());
  });
  afterEach(() => workspace.stop());
  const channel = () => channels.at(placeOf("C0STORAGE"));

  it("has it in its thread, and gets its buttons only after it", async () => {
    const steps: string[] = [];
    workspace.subscribe((event) => {
      if (event.kind !== "message") return;
      const { threadTs, blocks } = event.message;
      const buttons = blocks.some(({ type }) => type === "actions") ? " with buttons" : "";
      steps.push(threadTs === null ? `message${buttons}` : "in the thread");
    });
    await channel().say({
      reply: twoTables,
      buttons: { operationId: "op-1", seal: "d.n", verb: "Wipe and Add", warning: null, form: null },
    });
    expect(steps).toEqual(["message", "in the thread", "message with buttons"]);
    const [message, follow, ...others] = said();
    expect(others).toEqual([]);
    expect(follow?.threadTs).toBe(message?.ts);
    expect([message, follow].map((each) => each && typesOf(each))).toEqual([
      ["header", "data_table", "rich_text", "actions"],
      ["rich_text", "table"],
    ]);
  });

  it("has it in its file if Slack does not take it in the thread", async () => {
    const ts = await channel().say({ reply: { ...twoTables, parts: [] } });
    // All posts are refused, so it can't begin a thread. The change of the message is not refused.
    workspace.slackFaults.calls("chat.postMessage", { answer: { kind: "error", code: "internal_error" } });
    await channel().revise(
      ts,
      {
        reply: twoTables,
        buttons: { operationId: "op-1", seal: "d.n", verb: "Wipe and Add", warning: null, form: null },
      },
      true,
    );
    expect(errors).toEqual(["posting the rest of a message in its thread"]);
    expect(said().flatMap(({ files }) => files)).toMatchObject([{ text: expect.stringContaining("host29") }]);
    const message = said().find((each) => each.ts === ts);
    expect(message && typesOf(message)).toContain("actions");
  });
});

describe("a message with blocks that Slack does not know yet", () => {
  let workspace: LocalWorkspace;
  let channels: SlackChannels;
  const said = () => workspace.messagesIn("C0STORAGE");
  const typesOf = (ts: string) =>
    said()
      .find((message) => message.ts === ts)
      ?.blocks.map(({ type }) => type);
  const refusesOnce = (method: string) =>
    workspace.slackFaults.calls(method, { answer: { kind: "error", code: "invalid_blocks" }, times: 1 });
  const details = { title: "Commands", parts: [{ kind: "code" as const, lines: ["vgcreate --shared"] }] };
  const folded: Message = {
    reply: { title: "Add ps-1", tone: "plain", parts: [{ kind: "text", text: "1 step" }], next: [], details },
    buttons: { operationId: "op-1", seal: "d.n", verb: "Add Storage", warning: null, form: null },
  };

  beforeEach(async () => {
    workspace = await newWorkspace();
    const options = { slackApiUrl: workspace.apiUrl, retryConfig: { retries: 0 }, logLevel: LogLevel.ERROR };
    const client = new WebClient(workspace.botToken, options);
    const log = { info: () => undefined, error: () => undefined };
    channels = new SlackChannels(client, log, virtualTime());
  });
  afterEach(() => workspace.stop());
  const channel = () => channels.at(placeOf("C0STORAGE"));

  it("has its details collapsed if Slack takes such a block", async () => {
    const ts = await channel().say(folded);
    expect(typesOf(ts)).toEqual(["header", "rich_text", "container", "actions"]);
  });

  it("otherwise has them in its thread, before its buttons; so has the next message", async () => {
    refusesOnce("chat.postMessage");
    for (const message of [folded, folded]) {
      const ts = await channel().say(message);
      expect(typesOf(ts)).toEqual(["header", "rich_text", "context", "actions"]);
      const inThread = said().filter((each) => each.threadTs === ts);
      expect(JSON.stringify(inThread.map(({ blocks }) => blocks))).toContain("vgcreate --shared");
    }
  });

  it("has lines instead of tasks, also while it is changed", async () => {
    const ts = await channel().say({ reply: { ...folded.reply, parts: [] } });
    refusesOnce("chat.update");
    const tasks = [{ title: "1. Wipe", state: "running" as const, note: "" }];
    const reply: Message["reply"] = {
      title: "Add ps-1: running",
      tone: "plain",
      parts: [{ kind: "tasks", title: "0 of 1 step done", tasks }],
      next: [],
    };
    await channel().revise(ts, { reply }, true);
    expect(typesOf(ts)).toEqual(["header", "rich_text"]);
  });
});

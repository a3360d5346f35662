import { once } from "node:events";
import { createConnection } from "node:net";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { Bot } from "../../src/bot.ts";
import type { Config } from "../../src/config.ts";
import { tutorialLuns as luns } from "../../src/simulator/san/tutorial-san.ts";
import type { PageMessage } from "../../src/workspace/page-protocol.ts";
import type { LocalWorkspace } from "../../src/workspace/server/local-workspace.ts";
import { decisionsIn, textIn } from "../scenario/message-text.ts";
import { Story, until } from "../scenario/story.ts";
import { alice, botInSlack, newWorkspace, postsIn } from "./bot-in-slack.ts";
import { Terminal } from "./terminal.ts";

const hasButtons = (message: PageMessage) => decisionsIn(message).length > 0;

describe("a change from a terminal", () => {
  let workspace: LocalWorkspace;
  let bot: Bot & { directory: string };
  let terminal: Terminal;
  const opens = async (settings: Partial<Config>) => {
    bot = await botInSlack(workspace, settings);
    terminal = await Terminal.at(bot.directory);
  };
  /** Messages of the channel itself, without threads. */
  const posted = () => postsIn(workspace, "C0STORAGE").filter(({ threadTs }) => threadTs === null);
  const posts = (pattern: RegExp) => until(() => posted().find((message) => pattern.test(textIn(message))), 20_000);

  beforeEach(async () => {
    workspace = await newWorkspace();
  });
  afterEach(async () => {
    terminal.goes();
    await bot.stop();
    await workspace.stop();
  });

  it("is posted in the first of CHANNELS: the plan without buttons, then its end, and who typed it", async () => {
    await opens({ operators: [alice], channels: ["C0STORAGE", "C0OUTSIDE"] });
    expect(await terminal.ask(`sharedblock add cluster-1 wwid=${luns.orphan} name=ps-1 wipe=true`)).toMatchObject({
      good: true,
    });
    const [plan, ...more] = posted();
    expect(more).toEqual([]);
    if (plan === undefined) throw new Error("the channel got nothing");
    expect(textIn(plan)).toMatch(/can be confirmed only there[\s\S]*vgcreate[\s\S]*\(in a terminal\)/);
    expect(hasButtons(plan)).toBe(false);

    const typed = luns.orphan.slice(-6);
    const end = await terminal.says({ kind: "confirm", operationId: terminal.asked, typed, secrets: {} });
    expect(end).toMatchObject({ good: true });
    expect(posted().map(({ ts }) => ts)).toEqual([plan.ts]);
    expect(textIn(posted()[0] ?? plan)).toMatch(
      /Add ps-1 to cluster-1: done[\s\S]*Confirmed by +\S+ \(in a terminal\)/,
    );
  });

  it("is cancelled in the channel if the terminal disconnects instead of confirming", async () => {
    await opens({ operators: [alice], channels: ["C0STORAGE"] });
    await terminal.ask("host remove sharedblock-host1");
    terminal.goes();
    expect(await posts(/sharedblock-host1.*cancelled/)).toBeDefined();
    expect(bot.world.operations.latest(1)).toMatchObject([{ state: "cancelled" }]);
  });

  it("does not end the bot if the terminal disconnects while it is answered", async () => {
    await opens({ operators: [alice], channels: ["C0STORAGE"] });
    const socket = createConnection(join(bot.directory, "bot.sock")).pause();
    await once(socket, "connect");
    const words = { kind: "ask", words: "zone list", width: 200, colour: false };
    socket.write(`${JSON.stringify(words)}\n`);
    // Asked later, so that the first answer is there when this one is. An unread answer makes the end of the
    // connection a reset.
    await terminal.ask("lun list cluster-1");
    socket.destroy();
    expect(await terminal.ask("zone list")).toMatchObject({ good: true });
  });

  it("is still not done if the typed line is wrong", async () => {
    await opens({ operators: [alice], channels: ["C0STORAGE"] });
    await terminal.ask(`sharedblock add cluster-1 wwid=${luns.orphan} name=ps-1 wipe=true`);
    const end = await terminal.says({ kind: "confirm", operationId: terminal.asked, typed: "nonono", secrets: {} });
    expect(end).toMatchObject({ good: false });
    expect(bot.world.inventory.current().primaryStorages).toEqual([]);
  });

  it.each([
    ["OPERATORS", { channels: ["C0STORAGE"] }],
    ["CHANNELS", { operators: [alice] }],
  ])("is refused if %s is empty, and the terminal gets the reason; queries are answered", async (missing, settings) => {
    await opens(settings);
    expect(await terminal.ask("zone add ZONE-2")).toMatchObject({ good: false });
    expect(terminal.text).toContain(missing);
    expect(bot.world.inventory.current().zones).toHaveLength(1);
    expect(await terminal.ask("zone list")).toMatchObject({ good: true });
    expect(posted()).toEqual([]);
  });

  it("is refused if the channel can't be reached", async () => {
    await opens({ operators: [alice], channels: ["C0OUTSIDE"] });
    expect(await terminal.ask("zone add ZONE-2")).toMatchObject({ good: false });
    expect(terminal.text).toContain("not_in_channel");
    expect(bot.world.inventory.current().zones).toHaveLength(1);
  });
});

describe("a change from a terminal, in the local workspace", () => {
  it("is on the page, and continues there", async () => {
    const story = await Story.begin();
    const terminal = await Terminal.at(story.directory);
    await terminal.ask("host remove sharedblock-host1");
    const plan = await story.shows("sharedblock-host1", "in a terminal");
    expect(story.messages.map(({ ts }) => ts)).toEqual([plan.ts]);
    const [operation] = story.bot.world.operations.latest(1);
    expect(operation).toMatchObject({ state: "planned", messageId: plan.ts });
    terminal.goes();
    await story.shows("cancelled");
    await story.ends();
  });
});

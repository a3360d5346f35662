import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Bot } from "../../src/bot.ts";
import type { LocalWorkspace } from "../../src/workspace/server/local-workspace.ts";
import { textIn } from "../scenario/message-text.ts";
import { alice, botInSlack, newWorkspace, postsIn } from "./bot-in-slack.ts";
import { type Ended, newDirectory, run } from "./program.ts";

const say = (words: string[], env: Record<string, string>): Promise<Ended> => run("say", words, env);

describe("npm run say without a running bot", () => {
  const tokens = {
    SLACK_BOT_TOKEN: "xoxb-1",
    SLACK_APP_TOKEN: "xapp-1",
    HOSTS: "simulated",
    OPERATORS: alice,
    CHANNELS: "C1",
  };

  it("ends with 0 if it was answered; with 1 if it was refused, not understood or not confirmed", async () => {
    const DATA_DIR = await newDirectory();
    expect(await say(["zone list"], { DATA_DIR })).toMatchObject({
      code: 0,
      stdout: expect.stringContaining("ZONE-1"),
    });
    const refused = await say(["zone add ZONE-1"], { DATA_DIR });
    expect(refused).toMatchObject({ code: 1, stdout: expect.stringContaining("Nothing was changed") });
    const unknown = await say(["zoen list"], { DATA_DIR });
    expect(unknown).toMatchObject({ code: 1, stderr: expect.stringContaining("zone list") });
    const unconfirmed = await say(["host remove sharedblock-host1"], { DATA_DIR });
    expect(unconfirmed).toMatchObject({ code: 1, stderr: expect.stringContaining("Not confirmed") });
    expect(unconfirmed.stdout).toContain("cancelled");
    expect(await readFile(join(DATA_DIR, "inventory.json"), "utf8")).toContain("sharedblock-host1");
  });

  it("confirms with --yes only what destroys nothing", async () => {
    const DATA_DIR = await newDirectory();
    expect(await say(["host remove sharedblock-host1 --yes"], { DATA_DIR })).toMatchObject({ code: 0 });
    expect(await readFile(join(DATA_DIR, "inventory.json"), "utf8")).not.toContain("sharedblock-host1");
    const destroys = "sharedblock add cluster-1 wwid=36b083fe000daf018000015505abbe00a wipe=true";
    const refused = await say([destroys, "--yes"], { DATA_DIR });
    expect(refused).toMatchObject({ code: 1, stdout: "", stderr: expect.stringContaining("--yes is refused") });
  });

  it("changes nothing without a channel, but answers", async () => {
    const DATA_DIR = await newDirectory();
    const asked = await say(["zone list"], { ...tokens, DATA_DIR });
    expect(asked).toMatchObject({ code: 0, stdout: expect.stringContaining("ZONE-1") });
    const changed = await say(["zone add ZONE-2"], { ...tokens, DATA_DIR });
    expect(changed).toMatchObject({ code: 1, stdout: expect.stringContaining("run npm start, then type it again") });
  });
});

describe("npm run say next to a running bot", () => {
  let workspace: LocalWorkspace;
  let bot: Bot & { directory: string };
  beforeAll(async () => {
    workspace = await newWorkspace();
    bot = await botInSlack(workspace, { operators: [alice], channels: ["C0STORAGE"] });
  });
  afterAll(async () => {
    await bot.stop();
    await workspace.stop();
  });

  it("is answered by the bot, which posts only changes in the channel", async () => {
    const DATA_DIR = bot.directory;
    expect(await say(["zone list"], { DATA_DIR })).toMatchObject({ code: 0 });
    expect(await say(["zone add ZONE-2"], { DATA_DIR })).toMatchObject({ code: 0 });
    expect(await say(["host remove sharedblock-host1"], { DATA_DIR })).toMatchObject({ code: 1 });
    expect(bot.world.inventory.current().zones.map(({ name }) => name)).toEqual(["ZONE-1", "ZONE-2"]);
    const posted = postsIn(workspace, "C0STORAGE").map(textIn);
    expect(posted).toHaveLength(2);
    expect(posted).toContainEqual(expect.stringMatching(/Add zone ZONE-2.*done[\s\S]*Asked by +\S+ \(in a terminal\)/));
    expect(posted).toContainEqual(expect.stringMatching(/sharedblock-host1.*cancelled/));
  });
});

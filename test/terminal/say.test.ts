import { readFile, stat } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Bot } from "../../src/bot.ts";
import type { LocalWorkspace } from "../../src/workspace/server/local-workspace.ts";
import { textIn } from "../scenario/message-text.ts";
import { until } from "../scenario/story.ts";
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

describe("npm run say while Slack can't be reached, and the bot can't start", () => {
  it("does a change with --break-glass, and the bot reports it at its next start", async () => {
    const DATA_DIR = await newDirectory();
    const tokens = { SLACK_BOT_TOKEN: "xoxb-1", SLACK_APP_TOKEN: "xapp-1", HOSTS: "simulated" };
    const env = { ...tokens, ADMINS: alice, CHANNELS: "C0STORAGE", SLACK_API_URL: "http://127.0.0.1:9/api/", DATA_DIR };
    expect(await say(["zone add ZONE-2"], env)).toMatchObject({
      code: 1,
      stdout: expect.stringContaining("--break-glass"),
    });
    expect(await say(["--break-glass", "why", "zone add ZONE-2", "--yes"], env)).toMatchObject({ code: 1 });
    const done = await say(["--break-glass", "the array is lost", "zone add ZONE-2"], env);
    expect(done).toMatchObject({
      code: 0,
      stdout: expect.stringMatching(/Add zone ZONE-2.*done/),
      stderr: expect.not.stringContaining("rev-1"),
    });

    const workspace = await newWorkspace();
    const bot = await botInSlack(workspace, { admins: [alice], channels: ["C0STORAGE"], dataDirectory: DATA_DIR });
    try {
      const isNotified = await until(() => bot.world.reviews.all()[0]?.isNotified || undefined, 60_000);
      expect(isNotified).toBe(true);
      const posted = postsIn(workspace, "C0STORAGE").map(textIn);
      expect(posted).toEqual([
        expect.stringMatching(/BREAK-GLASS at a terminal: Add zone ZONE-2: done[\s\S]*the array is lost/),
      ]);
      expect(workspace.messagesIn("D0ALICE01").map(textIn)).toEqual([expect.stringContaining("the array is lost")]);
    } finally {
      await bot.stop();
      await workspace.stop();
    }
  });

  it("refuses --break-glass where no channel of Slack is used", async () => {
    const refused = await say(["--break-glass", "why", "zone add ZONE-2"], { DATA_DIR: await newDirectory() });
    expect(refused).toMatchObject({ code: 1, stdout: expect.stringContaining("type it without --break-glass") });
  });
});

describe("npm run say with audit export", () => {
  it("writes the files into the current folder, or into --folder, and overwrites nothing", async () => {
    const DATA_DIR = await newDirectory();
    const [here, other] = [await newDirectory(), await newDirectory()];
    await say(["zone add ZONE-2"], { DATA_DIR });
    const written = await run("say", ["audit export"], { DATA_DIR }, here);
    expect(written).toMatchObject({ code: 0, stdout: expect.stringContaining(`Written: ${join(here, "audit.csv")}`) });
    const csv = await readFile(join(here, "audit.csv"), "utf8");
    expect(csv).toContain("zone add ZONE-2");
    expect(await readFile(join(here, "audit.jsonl"), "utf8")).toContain("zone add ZONE-2");
    expect((await stat(join(here, "audit.csv"))).mode & 0o777).toBe(0o600);
    const again = await run("say", ["audit export steps=true"], { DATA_DIR }, here);
    expect(again).toMatchObject({ code: 1, stderr: expect.stringContaining("exist already") });
    expect(await readFile(join(here, "audit.csv"), "utf8")).toBe(csv);
    expect(await run("say", ["audit export", "--folder", other], { DATA_DIR }, here)).toMatchObject({ code: 0 });
    expect(await readFile(join(other, "audit.csv"), "utf8")).toContain("zone add ZONE-2");
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
    const folder = await newDirectory();
    expect(await say(["audit export", "--folder", folder], { DATA_DIR })).toMatchObject({ code: 0 });
    expect(await readFile(join(folder, "audit.jsonl"), "utf8")).toContain("zone add ZONE-2");
    expect(await say(["host remove sharedblock-host1"], { DATA_DIR })).toMatchObject({ code: 1 });
    expect(bot.world.inventory.current().zones.map(({ name }) => name)).toEqual(["ZONE-1", "ZONE-2"]);
    const posted = postsIn(workspace, "C0STORAGE").map(textIn);
    expect(posted).toHaveLength(2);
    expect(posted).toContainEqual(expect.stringMatching(/Add zone ZONE-2.*done[\s\S]*Asked by +\S+ \(in a terminal\)/));
    expect(posted).toContainEqual(expect.stringMatching(/sharedblock-host1.*cancelled/));
  });
});

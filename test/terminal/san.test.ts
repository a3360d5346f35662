import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Bot } from "../../src/bot.ts";
import { openTerminalSocket } from "../../src/terminal/socket.ts";
import type { LocalWorkspace } from "../../src/workspace/server/local-workspace.ts";
import { alice, botInSlack, newWorkspace, quiet } from "./bot-in-slack.ts";
import { newDirectory, run } from "./program.ts";
import { Terminal } from "./terminal.ts";

const HOST = "sharedblock-host1";
const WWID = "36f011af000d5c3e70000166e5ab82173";

describe("npm run san", () => {
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
  const stateOf = (device: string) =>
    bot.world.simulated?.san.host(HOST).paths.find((path) => path.device === device)?.state;

  it("breaks the SAN of the running bot; a refusal ends with 1", async () => {
    const env = { DATA_DIR: bot.directory };
    expect(await run("san", ["path-fail", HOST, WWID, "sdc"], env)).toEqual({
      code: 0,
      stdout: `sdc of …b82173 on ${HOST} failed. 2 of 3 paths work.\n`,
      stderr: "",
    });
    expect(stateOf("sdc")).toBe("failed");
    expect(await run("san", ["path-fail", "host9", WWID, "sdc"], env)).toMatchObject({
      code: 1,
      stdout: "",
      stderr: expect.stringMatching(/^NOT_FOUND {2}There is no host "host9"\n•.*\nFix: type one of: sharedblock-host1/),
    });
  });

  it("prints its words, the names, and what is broken, if it gets no words", async () => {
    const terminal = await Terminal.at(bot.directory);
    expect(await terminal.says({ kind: "san", words: `path-fail ${HOST} ${WWID} sdf` })).toMatchObject({ good: true });
    expect(await terminal.says({ kind: "san", words: "" })).toMatchObject({ good: true });
    expect(terminal.text).toContain(`path-restore ${HOST} ${WWID} sdf`);
    expect(await terminal.says({ kind: "san", words: `path-restore ${HOST} ${WWID} sdf` })).toMatchObject({
      good: true,
    });
    expect(stateOf("sdf")).toBe("running");
    terminal.goes();
  });

  it("is refused while a plan waits in the same terminal", async () => {
    const terminal = await Terminal.at(bot.directory);
    await terminal.ask("host remove sharedblock-host3");
    expect(await terminal.says({ kind: "san", words: "" })).toMatchObject({ good: false });
    terminal.goes();
  });

  it("is refused if the hosts are real", async () => {
    const directory = await newDirectory();
    const setting = {
      flow: bot.flow,
      san: null,
      channel: null,
      glass: null,
      isChange: () => true,
      by: "terminal:test",
    };
    const socket = await openTerminalSocket(directory, setting, quiet);
    const terminal = await Terminal.at(directory);
    expect(await terminal.says({ kind: "san", words: `host-down ${HOST}` })).toMatchObject({ good: false });
    expect(terminal.text).toMatch(/HOSTS_ARE_REAL {2}The SAN is not changed\n•.*\nFix: set HOSTS=simulated/);
    terminal.goes();
    await socket.close();
  });

  it("is refused without a running bot", async () => {
    const DATA_DIR = await newDirectory();
    expect(await run("san", ["host-down", HOST], { DATA_DIR })).toMatchObject({
      code: 1,
      stderr: expect.stringMatching(
        /^BOT_STOPPED {2}The SAN is not changed\n•.*\nFix: run npm start, then type it again\n$/,
      ),
    });
  });
});

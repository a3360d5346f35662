import { once } from "node:events";
import { stat } from "node:fs/promises";
import { createConnection, type Socket } from "node:net";
import { userInfo } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { Bot } from "../../src/bot.ts";
import { terminalPerson } from "../../src/terminal/person.ts";
import { openTerminalSocket } from "../../src/terminal/socket.ts";
import type { LocalWorkspace } from "../../src/workspace/server/local-workspace.ts";
import { textIn } from "../scenario/message-text.ts";
import { until } from "../scenario/story.ts";
import { alice, botInSlack, newWorkspace, quiet } from "./bot-in-slack.ts";
import { newDirectory } from "./program.ts";
import { Terminal } from "./terminal.ts";

/** A program that opens the bot's socket and is not `npm run say`. */
class RawClient {
  readonly socket: Socket;
  heard = "";
  closed = false;

  private constructor(socket: Socket) {
    this.socket = socket;
    socket.on("data", (chunk) => {
      this.heard += String(chunk);
    });
    socket.on("close", () => {
      this.closed = true;
    });
    socket.on("error", () => undefined);
  }

  static async at(directory: string): Promise<RawClient> {
    const socket = createConnection(join(directory, "bot.sock"));
    await once(socket, "connect");
    return new RawClient(socket);
  }

  says(said: unknown): void {
    this.socket.write(`${JSON.stringify(said)}\n`);
  }

  hears(pattern: RegExp): Promise<true | undefined> {
    return until(() => (pattern.test(this.heard) ? true : undefined), 30_000);
  }

  isHungUp(): Promise<true | undefined> {
    return until(() => (this.closed ? true : undefined), 30_000);
  }
}

describe("the bot's socket", () => {
  let workspace: LocalWorkspace;
  let bot: Bot & { directory: string };
  let terminal: Terminal;
  let client: RawClient;
  const ask = (words: string) => ({ kind: "ask", words, width: 200, colour: false });
  const confirm = (operationId: string) => ({ kind: "confirm", operationId, typed: null, secrets: {} });
  const state = (id: string) => bot.world.operations.get(id)?.state;

  beforeEach(async () => {
    workspace = await newWorkspace();
    bot = await botInSlack(workspace, { operators: [alice], channels: ["C0STORAGE"] });
    terminal = await Terminal.at(bot.directory);
    client = await RawClient.at(bot.directory);
  });
  afterEach(async () => {
    terminal.goes();
    client.socket.destroy();
    await bot.stop();
    await workspace.stop();
  });

  it("is open to the bot's own user only", async () => {
    expect((await stat(join(bot.directory, "bot.sock"))).mode & 0o777).toBe(0o600);
  });

  it("ignores the name that a terminal sends: the bot knows who asks, and posts it in the channel", async () => {
    client.says({ ...ask("zone add ZONE-2"), by: alice });
    expect(await client.hears(/by is not known here\\nFix: use npm run say of the bot's own version/)).toBe(true);
    expect(bot.world.inventory.current().zones).toHaveLength(1);
    client.says(ask("zone add ZONE-2"));
    expect(await client.hears(/"kind":"end","good":true/)).toBe(true);
    const by = `terminal:${userInfo().username}`;
    expect(bot.world.operations.latest(1)).toMatchObject([{ askedBy: by, confirmedBy: by }]);
    expect(workspace.messagesIn("C0STORAGE").map(textIn)).toContainEqual(
      expect.stringContaining(`${userInfo().username} (in a terminal)`),
    );
  });

  it("confirms and cancels nothing that was asked elsewhere", async () => {
    await terminal.ask("host remove sharedblock-host1");
    const inTerminal = terminal.asked;
    await workspace.say({ person: alice, text: "/zstack host remove sharedblock-host2", threadTs: null });
    const inChannel = await until(
      () => bot.world.operations.latest(9).find(({ askedBy }) => askedBy === alice)?.id,
      30_000,
    );
    for (const id of [inTerminal, inChannel ?? ""]) {
      for (const kind of ["confirm", "cancel"]) {
        client.heard = "";
        client.says(kind === "confirm" ? confirm(id) : { kind, operationId: id });
        expect(await client.hears(new RegExp(`${id} does not wait for an answer here`))).toBe(true);
      }
      expect(state(id)).toBe("planned");
    }
    // Nor does a terminal that has its own plan.
    const end = await terminal.says({ kind: "confirm", operationId: inChannel ?? "", typed: null, secrets: {} });
    expect(end.good).toBe(false);
    expect(state(inChannel ?? "")).toBe("planned");
    expect(await terminal.says({ kind: "confirm", operationId: inTerminal, typed: null, secrets: {} })).toMatchObject({
      good: true,
    });
    expect(workspace.messagesIn("C0STORAGE").map(textIn)).toContainEqual(
      expect.stringMatching(/sharedblock-host1.*: done/),
    );
  });

  it("answers one command at a time, and a plan before the next one", async () => {
    for (let count = 0; count < 20; count++) client.says(ask("lun list cluster-1"));
    const ends = () => client.heard.split('"kind":"end"').length - 1;
    expect(await until(() => (ends() === 20 ? true : undefined), 30_000)).toBe(true);
    expect(client.heard).toContain('"good":true');
    expect(client.heard).toContain("The bot is answering this terminal");
    await terminal.ask("host remove sharedblock-host1");
    const { asked } = terminal;
    expect(await terminal.ask("zone list")).toMatchObject({ good: false });
    expect(terminal.text).toContain(`${asked} waits for an answer here`);
  });

  it.each([
    [confirm("op-1"), /op-1 does not wait for an answer here/],
    [{ kind: "cancel", operationId: "op-1" }, /op-1 does not wait for an answer here/],
    ["text", /the message must be of the type object/],
    [{ kind: "shell", words: "ls" }, /kind must be ask, confirm, cancel or san/],
    [{ ...ask("zone list"), width: -1 }, /width is out of its range/],
    [{ ...ask("zone list"), words: 7 }, /words must be of the type string/],
  ])("answers %j in words, and continues", async (said, words) => {
    client.says(said);
    expect(await client.hears(words)).toBe(true);
    client.socket.write("}{\n");
    expect(await client.hears(/it is not JSON/)).toBe(true);
    expect(await terminal.ask("zone list")).toMatchObject({ good: true });
  });

  it("closes the connection of an endless line, complete or in pieces, and continues", async () => {
    client.socket.write("x".repeat(64 * 1024 + 1));
    expect(await client.hears(/a line of more than 64 kB is not accepted/)).toBe(true);
    expect(await client.isHungUp()).toBe(true);
    const slow = await RawClient.at(bot.directory);
    for (let count = 0; count < 70 && !slow.closed; count++) {
      slow.socket.write("y".repeat(1024));
      await new Promise((resolve) => setImmediate(resolve));
    }
    expect(await slow.hears(/more than 64 kB/)).toBe(true);
    expect(await slow.isHungUp()).toBe(true);
    expect(await terminal.ask("zone list")).toMatchObject({ good: true });
  });

  it("sends the reason to its terminals when it closes, waits for none of them, and cancels their plans", async () => {
    const directory = await newDirectory();
    const by = terminalPerson();
    const terminalSocket = await openTerminalSocket(
      directory,
      { flow: bot.flow, san: null, channel: null, glass: null, isChange: () => true, by },
      quiet,
    );
    const [idle, asks] = await Promise.all([RawClient.at(directory), RawClient.at(directory)]);
    asks.says(ask("host remove sharedblock-host1"));
    expect(await asks.hears(/"kind":"question".*\n.*"kind":"end"/)).toBe(true);
    await terminalSocket.close();
    for (const each of [idle, asks]) {
      expect(await each.isHungUp()).toBe(true);
      expect(each.heard).toContain("The bot stops");
    }
    const [operation] = bot.world.operations.latest(1);
    expect(operation?.state).toBe("cancelled");
  });

  it("takes sixteen terminals, and gives the next one the reason", async () => {
    const more = await Promise.all(Array.from({ length: 14 }, () => RawClient.at(bot.directory)));
    const last = await RawClient.at(bot.directory);
    expect(await last.hears(/16 terminals are connected to the bot already/)).toBe(true);
    expect(await last.isHungUp()).toBe(true);
    for (const { socket } of more) socket.destroy();
    for (let good = false; !good; ) {
      const next = await RawClient.at(bot.directory);
      next.says(ask("zone list"));
      expect(await next.hears(/"kind":"end"/)).toBe(true);
      next.socket.destroy();
      good = next.heard.includes('"good":true');
    }
  });
});

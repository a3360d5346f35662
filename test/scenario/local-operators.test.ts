import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterEach, describe, expect } from "vitest";
import { type Bot, startBot } from "../../src/bot.ts";
import type { Config } from "../../src/config.ts";
import { inMemory } from "../../src/simulator/san/saved-san.ts";
import type { LocalWorkspace } from "../../src/workspace/server/local-workspace.ts";
import { newWorkspace, people, quiet } from "../terminal/bot-in-slack.ts";
import { newDirectory } from "../terminal/program.ts";
import { textIn } from "./message-text.ts";
import { until } from "./story.ts";
import { itSimulated as it } from "./target.ts";

describe("OPERATORS: who may change anything in the local workspace", () => {
  let workspace: LocalWorkspace;
  let bot: Bot;
  const opens = async (kind: Config["hosts"]["kind"], operators: string[]) => {
    const dataDirectory = await newDirectory();
    const privateKeyFile = join(dataDirectory, "key");
    await writeFile(privateKeyFile, await inMemory.key("client"), { mode: 0o600 });
    workspace = await newWorkspace();
    const config = {
      slack: null,
      dataDirectory,
      operators,
      channels: [],
      watch: null,
      port: 0,
      logLevel: "error" as const,
    };
    bot = await startBot({ ...config, hosts: kind === "ssh" ? { kind, privateKeyFile } : { kind } }, workspace, quiet);
  };
  /** Adds a zone of that name, and answers what is said to it. */
  const asks = async (name: string, zone: string): Promise<string | undefined> => {
    const person = people.find((each) => each.name === name)?.id ?? "";
    const { length } = workspace.state().messages;
    await workspace.say({ person, text: `/zstack zone add ${zone}`, threadTs: null });
    return until(() => {
      const text = workspace.state().messages.slice(length).map(textIn).join("\n");
      return /Nothing was changed|: done \(op-/.test(text) ? text : undefined;
    }, 20_000);
  };
  const zones = () => bot.world.inventory.current().zones.map(({ name }) => name);
  afterEach(async () => {
    await bot.stop();
    await workspace.stop();
  });

  it("with real hosts: nobody while ADMINS and OPERATORS are empty, and the refusal names the person's id", async () => {
    await opens("ssh", []);
    expect(await asks("alice", "A")).toMatch(
      /NO_ADMINS[\s\S]*ADMINS and OPERATORS are empty\. Your user id is U0ALICE01\.[\s\S]*Fix: set ADMINS/,
    );
    expect(zones()).toEqual([]);
  });

  it.each(["ssh", "simulated"] as const)("the people in OPERATORS, with hosts of the kind %s", async (kind) => {
    await opens(kind, ["U0BOB0001"]);
    expect(await asks("alice", "A")).toContain("ROLE_MISSING");
    expect(await asks("bob", "B")).toContain(": done (op-1)");
    expect(zones()).toContain("B");
    expect(zones()).not.toContain("A");
  });

  it("with simulated hosts, while nobody is named: alice and bob, but not carol and dave", async () => {
    await opens("simulated", []);
    expect(await asks("alice", "A")).toContain(": done (op-1)");
    expect(await asks("bob", "B")).toContain(": done (op-2)");
    expect(await asks("carol", "C")).toContain("ROLE_MISSING");
    expect(await asks("dave", "D")).toContain("ROLE_MISSING");
    expect(zones()).toEqual(expect.arrayContaining(["A", "B"]));
    expect(zones()).not.toEqual(expect.arrayContaining(["C"]));
    expect(zones()).not.toEqual(expect.arrayContaining(["D"]));
  });
});

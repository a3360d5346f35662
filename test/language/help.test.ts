import { describe, expect, it } from "vitest";
import { commands as allCommands } from "../../src/all-commands.ts";
import { plainLines, wordsOf } from "../../src/core/reply.ts";
import { argumentsOf, usageOf } from "../../src/language/arguments.ts";
import { commandTable, completionsOf } from "../../src/language/command-table.ts";
import { helpReply } from "../../src/language/help.ts";
import { mostUsed, tasks } from "../../src/language/tasks.ts";
import { terminalText } from "../../src/text/plain-text.ts";
import { completionSchema } from "../../src/workspace/page-protocol.ts";
import { commands, examples } from "./example-commands.ts";

const text = (topic: string): string => {
  const reply = helpReply(commands, topic);
  return [reply.title, ...plainLines(reply.parts)].join("\n");
};

const linesOf = (topic: string): string[] =>
  plainLines(helpReply(commands, topic).parts).flatMap((part) => part.split("\n"));

describe("usage", () => {
  it("comes from the schema", () => {
    expect(usageOf(examples.sharedblockAdd)).toBe("sharedblock add CLUSTER wwid=… [name=] [description=] [wipe=true]");
    expect(usageOf(examples.hostAdd)).toBe("host add NAME address=… cluster=… [port=22] [user=root]");
    expect(usageOf(examples.inventory)).toBe("inventory [ZONE-or-CLUSTER]");
    expect(usageOf(examples.hostRescan)).toBe("host rescan HOST-or-CLUSTER");
    expect(usageOf(examples.hostList)).toBe("host list");
  });
});

describe("help", () => {
  it("shows every command on one line under its task, with what it does to the world", () => {
    expect(linesOf("all")).toEqual([
      "LUNs, paths, storages",
      "• lun show CLUSTER WWID One LUN as every host sees it",
      "Add, grow or name a storage",
      expect.stringMatching(/^• sharedblock add CLUSTER wwid=… \[…\] .*\(destroys, asks first\)$/),
      "Hosts",
      "• host list All hosts",
      expect.stringMatching(/^• host add .*\(changes, asks first\)$/),
      expect.stringMatching(/^• host rescan .*\(changes\)$/),
      "Inventory",
      expect.stringMatching(/^• inventory \[ZONE-or-CLUSTER\]/),
      "Help",
      expect.stringMatching(/^• help \[COMMAND\] /),
      expect.stringMatching(/^Type words in CAPITALS/),
    ]);
  });
  it("of a group shows its commands, and then others that have the word", () => {
    const lines = linesOf("host");
    expect(lines.slice(0, 4).map((line) => line.split(" ").slice(0, 3).join(" "))).toEqual([
      "Commands",
      "• host add",
      "• host list",
      "• host rescan",
    ]);
    expect(lines).toContain('Other commands with "host"');
  });
  it("describes each argument of each command", () => {
    const silent = allCommands.flatMap((command) =>
      argumentsOf(command).flatMap(({ key, description }) => (description === "" ? [`${command.name}: ${key}`] : [])),
    );
    expect(silent, "call .describe() on its schema").toEqual([]);
  });
  it("of another word finds it in names, summaries, arguments and examples, names first", () => {
    expect(text("WWID")).toMatch(/2 commands have "wwid"[\s\S]*sharedblock add[\s\S]*lun show/);
    expect(text("rescan")).toContain('1 command has "rescan"');
    expect(text("wipe")).toContain("sharedblock add");
    expect(helpReply(commands, "rescan").next.map(wordsOf)).toEqual(["help host rescan", "help all"]);
  });
  it("of a command shows usage, every argument, examples and the confirmation", () => {
    const shown = text(" Sharedblock  ADD ");
    expect(shown).toContain("sharedblock add CLUSTER wwid=… [name=] [description=] [wipe=true]");
    expect(shown).toContain("• CLUSTER the cluster's name (required)");
    expect(shown).toContain("(default false)");
    expect(shown).toMatch(/• name= .*\(optional\)/);
    expect(shown).toContain(examples.sharedblockAdd.examples[0]);
    expect(shown).toContain("It can destroy data");
    expect(text("host list")).toContain("It only reads");
    expect(text("host rescan")).toContain("It runs at once");
    expect(text("host add")).toContain("clicks the plan's button");
  });
  it("of an unknown command names the nearest one", () => {
    expect(helpReply(commands, "sharedblok add")).toMatchObject({ tone: "warning", next: ["help sharedblock add"] });
    expect(helpReply(commands, "xyzzy").next.map(wordsOf)).toEqual(["help", "help all"]);
  });
  it("explains itself, like any command", async () => {
    const help = commands[0];
    if (help?.kind !== "query") throw new Error("no help");
    // It needs only the definitions and reads no facts.
    const reply = await help.answer({ command: "help" }, Object.create(null));
    expect(reply.title).toBe("Help: help");
  });
});

describe("the lists made from the definitions", () => {
  it("give a markdown table with one row a command, in which no cell breaks the row", () => {
    const lines = commandTable(commands).split("\n");
    expect(lines).toHaveLength(2 + commands.length);
    for (const line of lines) expect(line.match(/(?<!\\)\|/g)).toHaveLength(4);
    expect(lines).toContain("| `lun show CLUSTER WWID` | reads | One LUN as every host sees it |");
  });
  it("give completions in the page's format", () => {
    const completions = completionsOf(commands);
    for (const completion of completions) expect(completionSchema.parse(completion)).toEqual(completion);
    expect(completions.find(({ name }) => name === "sharedblock add")?.keys).toEqual([
      "wwid",
      "name",
      "description",
      "wipe",
    ]);
  });
});

describe("the first screen of help", () => {
  const names = tasks.flatMap(([, each]) => each);
  it("has each command under one task", () => {
    const known = allCommands.map(({ name }) => name).filter((name) => name !== "help");
    const hint = "put the new command under a task in src/language/tasks.ts";
    expect(
      known.filter((name) => !names.includes(name)),
      hint,
    ).toEqual([]);
    expect(
      names.filter((name) => !known.includes(name)),
      "a task names a command that is gone",
    ).toEqual([]);
    expect(new Set(names).size).toBe(names.length);
  });
  it("begins with the ten most used, all on a phone's screen", () => {
    expect(mostUsed.map(([name]) => name).filter((name) => !names.includes(name))).toEqual([]);
    expect(mostUsed).toHaveLength(10);
    const screen = helpReply(allCommands, "");
    const lines = terminalText(screen, 48, false).trimEnd().split("\n");
    expect(lines.slice(2, 13).every((line, index) => index === 0 || line.startsWith("• "))).toBe(true);
    expect(lines.filter((line) => line !== "").length).toBeLessThanOrEqual(36);
  });
});

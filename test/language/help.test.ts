import { describe, expect, it } from "vitest";
import { commands as allCommands } from "../../src/all-commands.ts";
import { plainLines, textOf, wordsOf } from "../../src/core/reply.ts";
import { usageOf } from "../../src/language/arguments.ts";
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
  it("shows every command on one line, grouped, with its effect", () => {
    const [table] = helpReply(commands, "all").parts;
    if (table?.kind !== "table") throw new Error("no table");
    expect(table.rows.map(([usage]) => usage?.split(" ").slice(0, 2).join(" "))).toEqual([
      "help [COMMAND]",
      "host add",
      "host list",
      "host rescan",
      "sharedblock add",
      "lun show",
      "inventory [ZONE-or-CLUSTER]",
    ]);
    expect(table.rows[4]?.[0]).toBe("sharedblock add CLUSTER wwid=… […]");
    expect(table.rows.map((row) => row[2])).toEqual([
      "",
      "changes, asks first",
      "",
      "changes",
      "destroys, asks first",
      "",
      "",
    ]);
  });
  it("of a group shows its commands, and then others with the word", () => {
    const [table, , others] = helpReply(commands, "host").parts;
    expect(table?.kind === "table" ? table.rows.map(([usage]) => usage?.split(" ").slice(0, 2).join(" ")) : []).toEqual(
      ["host add", "host list", "host rescan"],
    );
    expect(others?.kind === "text" ? textOf(others.text) : "").toContain('Others that have "host"');
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
    expect(shown).toContain("Argument=CLUSTER · Needed=required · What it is=the cluster's name");
    expect(shown).toContain("Argument=wipe=true · Needed=false unless given");
    expect(shown).toContain("Argument=name= · Needed=optional");
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
    // It answers from the definitions alone and looks at no facts.
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

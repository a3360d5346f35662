import { z } from "zod";
import { type Command, defineQuery, type Query } from "../core/command.ts";
import type { Part, Reply } from "../core/reply.ts";
import { argumentsOf, shapeOf, shortUsageOf, usageOf } from "./arguments.ts";
import { shortened } from "./bind.ts";
import { nearestNames } from "./nearest.ts";

const helpArguments = z.strictObject({
  command: z.string().default("").describe("the command to explain, or the first word of several"),
});

/** `help [COMMAND]` for a list of commands, and for itself. All words after `help` are its argument. */
export function helpCommand(commands: readonly Command[]): Query<typeof helpArguments> {
  const help = defineQuery({
    name: "help",
    summary: "what can be typed here, or all about one command",
    onlyForAsker: true,
    args: helpArguments,
    positional: ["command"],
    examples: ["help", "help sharedblock add"],
    answer: async ({ command }): Promise<Reply> => helpReply([help, ...commands], command),
  });
  return help;
}

/** Help on one command, on those that begin with a word, or on all (""). */
export function helpReply(commands: readonly Command[], topic: string): Reply {
  const wanted = topic.trim().toLowerCase().split(/\s+/).join(" ");
  const command = commands.find(({ name }) => name === wanted);
  if (command !== undefined) return helpOf(command);
  const group = wanted === "" ? commands : commands.filter(({ name }) => name.startsWith(`${wanted} `));
  if (group.length > 0) return overview(group, wanted);
  const near = nearestNames(
    wanted.split(" ").slice(0, 4),
    commands.map(({ name }) => name),
  );
  return {
    title: `There is no command "${shortened(wanted)}" to explain`,
    tone: "warning",
    parts:
      near.length > 0 ? [{ kind: "text", text: `Did you mean ${near.map((name) => `help ${name}`).join(", ")}?` }] : [],
    next: near.length > 0 ? near.map((name) => `help ${name}`) : ["help"],
  };
}

/** Commands that begin with the same word stand together, in the order of the list. */
export function grouped(commands: readonly Command[]): Command[] {
  const groups = new Map<string, Command[]>();
  for (const command of commands) {
    const first = command.name.split(" ", 1)[0] ?? "";
    const group = groups.get(first);
    if (group === undefined) groups.set(first, [command]);
    else group.push(command);
  }
  return [...groups.values()].flat();
}

/** What a command does to the world, in a word or two; empty for one that only reads. */
export function effectOf(command: Command): string {
  if (command.kind === "query") return "";
  return { reversible: "changes", trust: "changes, asks first", destructive: "destroys, asks first" }[command.risk];
}

const overview = (commands: readonly Command[], group: string): Reply => ({
  title: group === "" ? "What you can type" : `What you can type after ${group}`,
  tone: "plain",
  parts: [
    {
      kind: "table",
      columns: ["Command", "What it does", "Effect"],
      rows: grouped(commands).map((command) => [shortUsageOf(command), command.summary, effectOf(command)]),
    },
    {
      kind: "text",
      text: [
        "Words in CAPITALS are given by place, the others as ",
        { code: "key=value" },
        "; what stands in [brackets] may be left out; […] are options, shown by its help. A value with spaces is quoted: ",
        { code: 'description="rack 4, shelf 2"' },
        ".",
      ],
    },
  ],
  next: [`help ${commands.at(-1)?.name ?? ""}`],
});

function helpOf(command: Command): Reply {
  const rows = argumentsOf(command).map((argument) => {
    const { required, usual, description } = argument;
    const need = required ? "required" : usual === null || usual === "" ? "optional" : `${usual} unless given`;
    return [shapeOf(argument), need, description];
  });
  const table: Part = { kind: "table", columns: ["Argument", "Needed", "What it is"], rows };
  return {
    title: `Help: ${command.name}`,
    tone: "plain",
    parts: [
      { kind: "text", text: `${command.summary}.` },
      { kind: "code", caption: "Usage", lines: [usageOf(command)] },
      ...(rows.length > 0 ? [table] : []),
      { kind: "code", caption: command.examples.length > 1 ? "Examples" : "Example", lines: command.examples },
      { kind: "text", text: askingOf(command) },
    ],
    next: [],
  };
}

function askingOf(command: Command): string {
  if (command.kind === "query") return "It only reads; nothing is changed.";
  switch (command.risk) {
    case "reversible":
      return "It runs at once; what it does can be undone.";
    case "trust":
      return "It first shows what it found and what it would do; nothing runs until someone presses Confirm.";
    case "destructive":
      return "It can destroy data. It first shows every host command and what would be lost; nothing runs until someone presses Confirm, and where data would be destroyed also types what is asked for.";
  }
}

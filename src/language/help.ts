import { z } from "zod";
import { type Command, defineQuery, type Query } from "../core/command.ts";
import { type Inline, linesPart, type NextStep, type Part, type Reply } from "../core/reply.ts";
import { argumentsOf, shapeOf, shortUsageOf, usageOf } from "./arguments.ts";
import { shortened } from "./bind.ts";
import { nearestNames } from "./nearest.ts";
import { foundBy } from "./search.ts";
import { mostUsed, shownByGroup, tasks } from "./tasks.ts";

const helpArguments = z.strictObject({
  command: z.string().default("").describe("the command to explain, a word to search for, or all"),
});

/** The usage of `help [COMMAND]`, for lists and for its own help. All words after `help` are its argument. */
export function helpCommand(commands: readonly Command[]): Query<typeof helpArguments> {
  const help = defineQuery({
    name: "help",
    summary: "what can be typed: by task, by a word, or all about one command",
    onlyForAsker: true,
    args: helpArguments,
    positional: ["command"],
    takesRest: true,
    examples: ["help", "help all", "help sharedblock add", "help wwid"],
    answer: async ({ command }): Promise<Reply> => helpReply([help, ...commands], command),
  });
  return help;
}

/**
 * `all` lists every command; an empty text shows the first screen. Any other text shows help about a command, about the
 * commands of a group, or about commands that contain the words.
 */
export function helpReply(commands: readonly Command[], topic: string): Reply {
  const wanted = topic.trim().toLowerCase().split(/\s+/).join(" ");
  if (wanted === "") return firstScreen(commands);
  if (wanted === "all") return overview(commands, "");
  const command = commands.find(({ name }) => name === wanted);
  if (command !== undefined) return helpOf(command);
  const group = commands.filter(({ name }) => name.startsWith(`${wanted} `));
  const others = foundBy(wanted, commands).filter((each) => !group.includes(each));
  if (group.length > 0) return overview(group, wanted, others);
  if (others.length > 0) return searchReply(wanted, others);
  const near = nearestNames(
    wanted.split(" ").slice(0, 4),
    commands.map(({ name }) => name),
  );
  return {
    title: `Help has nothing about "${shortened(wanted)}"`,
    tone: "warning",
    parts: [{ kind: "text", text: near.length > 0 ? ["Did you mean ", ...codes(near), "?"] : "Try another word." }],
    next: near.length > 0 ? near.map((name) => `help ${name}`) : ["help", allCommands],
  };
}

const allCommands: NextStep = { words: "help all", label: "All Commands" };

const codes = (names: readonly string[]): Inline[] =>
  names.flatMap((name, index): Inline[] => (index === 0 ? [{ code: name }] : [", ", { code: name }]));

/** The most used tasks, on one screen of a phone. */
function firstScreen(commands: readonly Command[]): Reply {
  const named = (name: string) => commands.filter((command) => command.name === name);
  const lines = mostUsed.flatMap(([name, what]) =>
    named(name).map((command): Inline[] => [{ code: neededOf(command) }, ` ${what}`]),
  );
  const groups = tasks.flatMap(([task, names]): Inline[][] => {
    const there = names.flatMap(named).map(({ name }) => name);
    return there.length === 0
      ? []
      : [[{ bold: `${task}: ` }, shownByGroup.includes(task) ? groupsOf(there) : joined(there)]];
  });
  return {
    title: "What you can type",
    tone: "plain",
    parts: [
      ...(lines.length > 0 ? [linesPart("Used most", lines)] : []),
      linesPart("By task", groups),
      {
        kind: "text",
        text: [
          { code: "help COMMAND" },
          " explains one, ",
          { code: "help WORD" },
          " searches, ",
          { code: "help all" },
          " lists all.",
        ],
      },
    ],
    next: [allCommands],
  };
}

/** The required part of the usage: `sharedblock add CLUSTER wwid=…` */
const neededOf = (command: Command): string => shortUsageOf(command).replaceAll(/ \[[^\]]*\]/g, "");

/** `role, channel` */
const groupsOf = (names: readonly string[]): string =>
  [...new Set(names.map((name) => name.split(" ", 1)[0]))].join(", ");

/** The first word of a group is written once: `host list, show, add; iscsi login`. */
function joined(names: readonly string[]): string {
  let group = "";
  return names
    .map((name, index) => {
      const [first = "", ...rest] = name.split(" ");
      const isSame = first === group && rest.length > 0;
      group = first;
      return `${index === 0 ? "" : isSame ? ", " : "; "}${isSame ? rest.join(" ") : name}`;
    })
    .join("");
}

/** If there are more, they are counted. */
const MOST_FOUND = 10;
const MOST_BUTTONS = 3;

function searchReply(wanted: string, found: readonly Command[]): Reply {
  return {
    title: `${found.length} ${found.length === 1 ? "command has" : "commands have"} "${shortened(wanted)}"`,
    tone: "plain",
    parts: foundParts("Found", found),
    next: [...found.slice(0, MOST_BUTTONS).map(({ name }) => `help ${name}`), allCommands],
  };
}

function foundParts(caption: string, found: readonly Command[]): Part[] {
  const more = found.length - MOST_FOUND;
  const lines = found.slice(0, MOST_FOUND).map((command): Inline[] => [{ code: command.name }, ` ${command.summary}`]);
  const rest: Inline[][] = more > 0 ? [[`and ${more} more: add a word, or `, { code: "help all" }]] : [];
  return found.length === 0 ? [] : [linesPart(caption, [...lines, ...rest])];
}

/** Groups the commands by their first word, in the order of the list. */
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

/** The effect of a command in one or two words. Empty if it only reads. `notes only`: only the bot's own notes change. */
export function effectOf(command: Command): string {
  if (command.kind === "query") return "";
  if (command.kind === "action") return "notes only";
  return { reversible: "changes", trust: "changes, asks first", destructive: "destroys, asks first" }[command.risk];
}

function overview(commands: readonly Command[], group: string, others: readonly Command[] = []): Reply {
  const first = commands[0]?.name ?? "";
  return {
    title: group === "" ? "All commands" : `Commands of ${group}`,
    tone: "plain",
    parts: [
      ...(group === "" ? byTask(commands) : [linesPart("Commands", grouped(commands).map(commandLine))]),
      {
        kind: "text",
        text: [
          "Type words in CAPITALS in this order, the others as ",
          { code: "key=value" },
          ". Parts in [brackets] are optional. […] are more options: the help of the command shows them. Quote a value with spaces: ",
          { code: 'description="rack 4, shelf 2"' },
          ".",
        ],
      },
      ...foundParts(`Other commands with "${group}"`, others),
    ],
    next: [group === "" ? { words: "help", label: "Help by Task" } : `help ${first}`],
  };
}

/** A list for each task; what belongs to none is last. */
function byTask(commands: readonly Command[]): Part[] {
  const ofTasks = tasks.map(
    ([task, names]) => [task, names.flatMap((name) => commands.filter((command) => command.name === name))] as const,
  );
  const named = new Set(ofTasks.flatMap(([, each]) => each));
  const lists = [...ofTasks, ["Help", commands.filter((command) => !named.has(command))] as const];
  return lists.flatMap(([task, each]) => (each.length === 0 ? [] : [linesPart(task, each.map(commandLine))]));
}

/** `lun forget CLUSTER WWID` remove from the hosts … (changes, asks first) */
function commandLine(command: Command): Inline[] {
  const effect = effectOf(command);
  return [{ code: shortUsageOf(command) }, ` ${command.summary}${effect === "" ? "" : ` (${effect})`}`];
}

function helpOf(command: Command): Reply {
  const lines = argumentsOf(command).map((argument): Inline[] => {
    const { required, usual, description } = argument;
    const need = required ? "required" : usual === null || usual === "" ? "optional" : `default ${usual}`;
    return [{ code: shapeOf(argument) }, ` ${description} (${need})`];
  });
  return {
    title: `Help: ${command.name}`,
    tone: "plain",
    parts: [
      { kind: "text", text: `${command.summary.slice(0, 1).toUpperCase()}${command.summary.slice(1)}.` },
      { kind: "code", caption: "Usage", lines: [usageOf(command)] },
      ...(lines.length > 0 ? [linesPart(lines.length === 1 ? "Argument" : "Arguments", lines)] : []),
      { kind: "code", caption: command.examples.length > 1 ? "Examples" : "Example", lines: command.examples },
      { kind: "text", text: confirmationText(command) },
    ],
    next: [{ words: "help", label: "More Help" }],
  };
}

function confirmationText(command: Command): string {
  if (command.kind === "query") return "It only reads.";
  if (command.kind === "action") return "It runs at once. It changes only the bot's own notes, and no host.";
  switch (command.risk) {
    case "reversible":
      return "It runs at once. It can be undone.";
    case "trust":
      return "It first shows its plan. Nothing runs before a person clicks the plan's button.";
    case "destructive":
      return "It can destroy data. It first shows its plan: what is lost and every host command. Nothing runs before a person clicks the plan's button and sends its form.";
  }
}

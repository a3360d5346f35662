import type { Command } from "../core/command.ts";
import { type Fix, type OperatorError, Refusal } from "../core/refusal.ts";
import type { Reply } from "../core/reply.ts";
import { nearest } from "../language/nearest.ts";
import { renamed } from "../language/renamed.ts";
import { type MissingArgument, type Understood, understand } from "../language/understand.ts";
import { whyNotAsk } from "./authority.ts";
import { factsFor } from "./facts.ts";
import { namesAreKnown, namesFor } from "./known-names.ts";
import type { World } from "./ports.ts";

interface Typed {
  readonly words: string;
  readonly by: string;
  readonly askedAt: string;
  /** Why nothing can be changed from this place, or null. */
  readonly mayNotChangeHere: OperatorError | null;
}

/** Thrown instead of asking a host. It means: nothing known without a host refuses the command. */
class HostNeeded extends Error {
  override name = "HostNeeded";
}

/**
 * What a line means. A suggested command is not refused for its words, its names or the person who asks. Nothing else
 * that is known without a host refuses it either.
 */
export async function understoodBy(typed: Typed, commands: readonly Command[], world: World): Promise<Understood> {
  const suggested = new Map<string, { readonly command: Command; readonly args: Arguments }>();
  const collectNotes = (command: Command, args: Arguments): boolean => {
    if (!namesAreKnown(command, args, world)) return false;
    suggested.set(keyOf(command, args), { command, args });
    return true;
  };
  const understood = understand(typed.words, commands, collectNotes);
  if (understood.kind !== "misunderstood") return understood;
  if (understood.lacks !== null) {
    const reply = await whichOne(understood.lacks, typed, commands, world);
    return reply === null ? understood : { ...understood, reply };
  }
  if (suggested.size === 0) return understood;
  const good = new Set<string>();
  for (const [key, { command, args }] of suggested) {
    if (await isAcceptable(command, args, typed, world)) good.add(key);
  }
  if (good.size === suggested.size) return understood;
  return understand(typed.words, commands, (command, args) => good.has(keyOf(command, args)));
}

/**
 * A refusal of an unknown name also offers the same command with an existing name that is near. A change still shows its
 * plan.
 */
export async function withNearNames(
  error: unknown,
  typed: Typed,
  commands: readonly Command[],
  world: World,
): Promise<unknown> {
  if (!(error instanceof Refusal) || error.unknown === null) return error;
  const { typed: unknown, existing = [], meant: only } = error.unknown;
  const near = only === undefined ? nearest(unknown, existing) : [only];
  const fixes: Fix[] = [];
  for (const name of near) {
    const line = renamed(typed.words, unknown, name);
    const meant = line === null ? null : understand(line, commands);
    if (line === null || meant?.kind !== "command" || !namesAreKnown(meant.command, meant.args, world)) continue;
    if (!(await isAcceptable(meant.command, meant.args, typed, world))) continue;
    fixes.push({ run: line, ...(fixes.length > 0 && { or: true as const }) });
  }
  return error.with(fixes);
}

/** With more names than this, the person types the rest. */
const MOST_NAMES = 8;

/**
 * A choice of names, if the command lacks only a name and the inventory has some. Nothing is guessed, even if there
 * is only one.
 */
async function whichOne(
  lacks: MissingArgument,
  typed: Typed,
  commands: readonly Command[],
  world: World,
): Promise<Reply | null> {
  const { command, key } = lacks;
  const names = namesFor(command, key, world);
  const lines: string[] = [];
  for (const line of names.slice(0, MOST_NAMES).map(lacks.with)) {
    const meant = understand(line, commands);
    if (meant.kind !== "command" || !namesAreKnown(command, meant.args, world)) continue;
    if (await isAcceptable(command, meant.args, typed, world)) lines.push(line);
  }
  if (lines.length === 0) return null;
  const more = names.length - MOST_NAMES;
  return {
    title: `${command.name}: which ${nounOf(command, key)}?`,
    tone: "plain",
    parts: more > 0 ? [{ kind: "text", text: `${more} more can be typed.` }] : [],
    next: lines,
    isMenu: true,
  };
}

/** `hostOrCluster` → `host or cluster` */
const nounOf = (command: Command, key: string): string =>
  key === "name" || key === "id"
    ? (command.name.split(" ")[0] ?? key)
    : key.replaceAll(/(?=[A-Z])/g, " ").toLowerCase();

type Arguments = Readonly<Record<string, unknown>>;
const keyOf = (command: Command, args: Arguments): string => JSON.stringify([command.name, args]);

async function isAcceptable(command: Command, args: Arguments, typed: Typed, world: World): Promise<boolean> {
  if (command.kind === "query") return true;
  if ((await whyNotAsk({ command, args, by: typed.by }, typed, world)) !== null) return false;
  if (command.kind === "action") return true;
  const askNoHost = async () => {
    throw new HostNeeded();
  };
  try {
    await command.plan(args, { ...factsFor(typed, world, askNoHost), presentedBy: askNoHost });
    return true;
  } catch (error) {
    return error instanceof HostNeeded;
  }
}

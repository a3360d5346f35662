import { createHash } from "node:crypto";
import type { Facts } from "./facts.ts";
import { type ReadCommand, readable, shellLine } from "./host-command.ts";
import type { InventoryChange } from "./inventory-change.ts";
import { type Part, plainLines } from "./reply.ts";
import type { SecretAsked } from "./secret.ts";
import { commandOf, type Step } from "./step.ts";

export type Stage =
  /** Steps on hosts, side by side across hosts and one after another on one host; the next stage waits for all. */
  | {
      readonly kind: "hosts";
      readonly title: string;
      readonly steps: readonly Step[];
      readonly waitingFor?: string;
      /** What is not done on one host stops the steps of that host only; the next stage still waits for all. */
      readonly eachHostAlone?: true;
      /** What comes after does not need it: each host alone. What is not done is reported, and nothing fails. */
      readonly bestEffort?: true;
    }
  /** What is written into the inventory at this point. */
  | { readonly kind: "record"; readonly title: string; readonly changes: readonly InventoryChange[] };

/** How a plan is undone: the command that does it, or what to know if none does. */
type Undo = { readonly command: string } | { readonly none: string };

/** Everything the operator is shown, and nothing that is not shown is run. */
export interface Plan {
  readonly title: string;
  /** What its button says: a verb, in Title Case, such as "Wipe and Add". */
  readonly verb: Capitalize<string>;
  readonly undo: Undo;
  /** What was seen and what would be lost. */
  readonly facts: readonly Part[];
  /** What can't be undone, a sentence each; empty where all can. */
  readonly irreversible: readonly string[];
  readonly stages: readonly Stage[];
  /** What a person types to confirm that data is destroyed; null where nothing is. */
  readonly typedConfirmation: { readonly expected: string; readonly label: string } | null;
  /** What the form of confirmation asks for and steps are given by standard input; nothing where it is left out. */
  readonly secrets?: readonly SecretAsked[];
  /** Names of what two operations must not change at once: `cluster-1`. */
  readonly locks: readonly string[];
  /** Said in the plan, and at the end where all of `after` was done: where backups are. */
  readonly afterwards: readonly { readonly part: Part; readonly after: readonly Step[] }[];
  /** What to show at the end: a new observation; null if the steps say all. Not part of the digest. */
  readonly result: ((facts: Facts) => Promise<PlanResult>) | null;
}

/** What the hosts show after a plan: `shown` is read in one screen, the details by who wants to know more. */
export interface PlanResult {
  readonly shown: readonly Part[];
  readonly details?: readonly Part[];
  /** What to do or see next. */
  readonly next?: readonly string[];
}

/** What every plan says; most have nothing of the rest. */
type PlanParts = Pick<Plan, "title" | "verb" | "undo" | "stages" | "locks"> & Partial<Plan>;

/** A plan, without the stages in which nothing is to be done. */
export const plan = (parts: PlanParts): Plan => ({
  ...{ facts: [], irreversible: [], typedConfirmation: null, afterwards: [], result: null },
  ...parts,
  stages: parts.stages.filter((stage) => (stage.kind === "hosts" ? stage.steps : stage.changes).length > 0),
});

export const stepsOf = (plan: Plan): readonly Step[] =>
  plan.stages.flatMap((stage) => (stage.kind === "hosts" ? stage.steps : []));

export const undoText = (undo: Undo): string =>
  "none" in undo ? `No undo: ${undo.none}` : `Undo: /zstack ${undo.command}`;

/** The plan as lines of text; the digest is made of these, so it covers exactly what is shown. */
export function planLines(plan: Plan): string[] {
  return [
    plan.title,
    ...plainLines(plan.facts),
    ...plan.irreversible,
    undoText(plan.undo),
    ...plan.stages.flatMap((stage) =>
      stage.kind === "record"
        ? stage.changes.map((change) => `${stage.title}: ${JSON.stringify(change)}`)
        : stage.steps.map((step) => stepLine(stage.title, step)),
    ),
    ...(plan.typedConfirmation === null ? [] : [`type ${plan.typedConfirmation.expected} to confirm`]),
    ...(plan.secrets ?? []).map(({ label }) => `fill in ${label} to confirm`),
    ...plainLines(plan.afterwards.map(({ part }) => part)),
  ];
}

function stepLine(stage: string, step: Step): string {
  const { effect, argv, stdin } = commandOf(step);
  const input = stdin === undefined ? "" : ` <<< ${JSON.stringify(stdin)}`;
  const guarded = guardTexts(step)
    .map(({ host, lines }) => ` [first, on ${host}: ${lines.join("; ")}]`)
    .join("");
  const skipIf = "skipIf" in step && step.skipIf ? step.skipIf : null;
  const needless =
    skipIf === null ? "" : ` [unless it holds within ${skipIf.withinMs / 1000} s: ${shellLine(skipIf.condition.argv)}]`;
  return `${stage}: ${step.host.name} (${step.host.address}:${step.host.port}): ${effect}: ${shellLine(argv)}${input}${needless}${guarded} (${step.why})`;
}

/** What a step's guard reads, host by host, in the lines that the digest covers. */
export const guardTexts = (step: Step): { readonly host: string; readonly lines: readonly string[] }[] =>
  ("guard" in step && step.guard ? step.guard : []).map(({ host, commands }) => ({
    host: host.name,
    lines: commands.map(readLine),
  }));

const readLines = new WeakMap<ReadCommand<unknown>, string>();

/** Guards of thousands of steps are made of the same few reads. */
function readLine(read: ReadCommand<unknown>): string {
  const line = readLines.get(read) ?? abridged(readable(read.argv));
  readLines.set(read, line);
  return line;
}

const MOST_OF_A_READ = 400;

/** A read of many places of a disk fills pages: its beginning is shown, and the digest covers the rest by its hash. */
function abridged(line: string): string {
  if (line.length <= MOST_OF_A_READ) return line;
  const hash = createHash("sha256").update(line).digest("hex").slice(0, 16);
  return `${line.slice(0, MOST_OF_A_READ / 2)} … (${line.length} characters, sha256 ${hash})`;
}

export const digestOf = (plan: Plan): string =>
  createHash("sha256")
    .update(JSON.stringify(planLines(plan)))
    .digest("hex");

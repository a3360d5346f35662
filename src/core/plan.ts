import { createHash } from "node:crypto";
import type { Facts } from "./facts.ts";
import { foldedLine } from "./folded-line.ts";
import { type ReadCommand, readable, shellLine } from "./host-command.ts";
import type { Host } from "./inventory.ts";
import type { InventoryChange } from "./inventory-change.ts";
import { type Part, plainLines } from "./reply.ts";
import type { SecretAsked } from "./secret.ts";
import { commandOf, type Step } from "./step.ts";

export type Stage =
  /**
   * Steps on hosts. Hosts work at the same time; the steps of one host run one after another. The next stage waits for
   * all of them.
   */
  | {
      readonly kind: "hosts";
      readonly title: string;
      readonly steps: readonly Step[];
      readonly waitingFor?: string;
      /**
       * If a step fails on one host, only this host's other steps are skipped. The next stage still waits for all
       * hosts.
       */
      readonly eachHostAlone?: true;
      /** No later stage needs it, and each host runs it alone. A failed step is reported and fails nothing else. */
      readonly bestEffort?: true;
    }
  /** The changes of the inventory at this point. */
  | { readonly kind: "record"; readonly title: string; readonly changes: readonly InventoryChange[] };

/** How a plan is undone: a command, or a sentence if there is no such command. */
type Undo = { readonly command: string } | { readonly none: string };

/** All that the operator sees. The bot runs nothing that is not shown. */
export interface Plan {
  readonly title: string;
  /** The label of its button: a verb in Title Case, such as "Wipe and Add". */
  readonly verb: Capitalize<string>;
  readonly undo: Undo;
  /** What was observed and what would be lost. */
  readonly facts: readonly Part[];
  /** What can't be undone, one sentence each. Empty if everything can be undone. */
  readonly irreversible: readonly string[];
  readonly stages: readonly Stage[];
  /** The text that a person types to confirm that data is destroyed. Null if none is. */
  readonly typedConfirmation: { readonly expected: string; readonly label: string } | null;
  /** The secrets that the confirmation form asks for. Steps get them on standard input. */
  readonly secrets?: readonly SecretAsked[];
  /** The hosts that it does not change, because it can't. The result names them. */
  readonly leftOut: readonly Host[];
  /** The names of objects that two operations must not change at the same time: `cluster-1`. */
  readonly locks: readonly string[];
  /** A text for the plan, and for the end if all steps after it were done: where the backups are. */
  readonly afterwards: readonly { readonly part: Part; readonly after: readonly Step[] }[];
  /** Makes a new observation for the end. Null if the steps are enough. Not part of the digest. */
  readonly result: ((facts: Facts) => Promise<PlanResult>) | null;
}

/** What the hosts show after a plan. `shown` fits one screen; the details are for people who want to know more. */
export interface PlanResult {
  readonly shown: readonly Part[];
  readonly details?: readonly Part[];
  /** What to do or see next. */
  readonly next?: readonly string[];
}

/** The fields that every plan has. Most plans have no others. */
type PlanParts = Pick<Plan, "title" | "verb" | "undo" | "stages" | "locks"> & Partial<Plan>;

/** Makes a plan. Stages without steps are dropped. */
export const plan = (parts: PlanParts): Plan => ({
  ...{ facts: [], irreversible: [], typedConfirmation: null, leftOut: [], afterwards: [], result: null },
  ...parts,
  stages: parts.stages.filter((stage) => (stage.kind === "hosts" ? stage.steps : stage.changes).length > 0),
});

export const stepsOf = (plan: Plan): readonly Step[] =>
  plan.stages.flatMap((stage) => (stage.kind === "hosts" ? stage.steps : []));

export const undoText = (undo: Undo): string =>
  "none" in undo ? `No undo: ${undo.none}` : `Undo: /zstack ${undo.command}`;

/** The plan as lines of text. The digest is made from them, so it covers exactly what is shown. */
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
  const guarded = guardReads(step, (read) => readLines(read).digested)
    .map(({ host, lines }) => ` [first, on ${host}: ${lines.join("; ")}]`)
    .join("");
  const skipIf = "skipIf" in step && step.skipIf ? step.skipIf : null;
  const needless =
    skipIf === null ? "" : ` [unless it holds within ${skipIf.withinMs / 1000} s: ${shellLine(skipIf.condition.argv)}]`;
  return `${stage}: ${step.host.name} (${step.host.address}:${step.host.port}): ${effect}: ${shellLine(argv)}${input}${needless}${guarded} (${step.why})`;
}

interface GuardTexts {
  readonly host: string;
  readonly lines: readonly string[];
}

/** The reads of a step's guard, host by host. No read is cut, because a person confirms them. */
export const guardTexts = (step: Step): GuardTexts[] => guardReads(step, (read) => readLines(read).shown);

const guardReads = (step: Step, lineOf: (read: ReadCommand<unknown>) => string): GuardTexts[] =>
  ("guard" in step && step.guard ? step.guard : []).map(({ host, commands }) => ({
    host: host.name,
    lines: commands.map(lineOf),
  }));

interface ReadLines {
  readonly shown: string;
  /** In the digest, a long read is its beginning and its hash, because each step of a stage has the same reads. */
  readonly digested: string;
}

const linesOfReads = new WeakMap<ReadCommand<unknown>, ReadLines>();

/** Thousands of guards use the same few reads, so their lines are cached. */
function readLines(read: ReadCommand<unknown>): ReadLines {
  const lines = linesOfReads.get(read) ?? { shown: foldedLine(read.argv), digested: abridged(readable(read.argv)) };
  linesOfReads.set(read, lines);
  return lines;
}

const MOST_OF_A_READ = 400;

function abridged(line: string): string {
  if (line.length <= MOST_OF_A_READ) return line;
  const hash = createHash("sha256").update(line).digest("hex").slice(0, 16);
  return `${line.slice(0, MOST_OF_A_READ / 2)} … (${line.length} characters, sha256 ${hash})`;
}

export const digestOf = (plan: Plan): string =>
  createHash("sha256")
    .update(JSON.stringify(planLines(plan)))
    .digest("hex");

import { createHash } from "node:crypto";
import { counted } from "../core/counted.ts";
import { readable } from "../core/host-command.ts";
import { phrasesOf } from "../core/inventory-change.ts";
import type { Operation } from "../core/operation.ts";
import { guardTexts, type Plan, type Stage, stepsOf, undoText } from "../core/plan.ts";
import type { Inline, Part, Reply, Text } from "../core/reply.ts";
import type { SecretAsked } from "../core/secret.ts";
import { commandOf, type Step } from "../core/step.ts";

/**
 * The plan on one screen: what will be lost, what was observed, the steps, how to undo them, until when. Its details
 * are the exact commands, files and guards.
 */
export function planReply(plan: Plan, operation: Operation): Reply {
  return {
    title: plan.title,
    tone: plan.irreversible.length > 0 ? "warning" : "plain",
    parts: [
      ...plan.irreversible.map(lossPart),
      ...plan.facts,
      stepsPart(plan.stages),
      ...plan.afterwards.filter(({ after }) => after.length === 0).map(({ part }) => part),
      ...(plan.secrets ?? []).map((secret): Part => ({ kind: "text", text: asksFor(secret) })),
      { kind: "text", text: undoText(plan.undo) },
      { kind: "text", text: ["Confirm before ", { at: operation.expiresAt, shows: "clock" }, "."] },
    ],
    details: {
      title: detailsTitle(plan),
      parts: [
        { kind: "text", text: asked(operation.words, operation.askedBy) },
        ...stageCommands(plan.stages),
        ...plan.afterwards.filter(({ after }) => after.length > 0).map(({ part }) => part),
      ],
    },
    next: [],
    record: [...doneBy("Asked", operation.askedBy, operation.askedAt), ` · ${operation.id}`],
  };
}

/** The first sentence says what is lost. */
function lossPart(sentence: string): Part {
  const end = sentence.indexOf(". ") + 1;
  const text: Inline[] = end === 0 ? [{ bold: sentence }] : [{ bold: sentence.slice(0, end) }, sentence.slice(end)];
  return { kind: "text", tone: "bad", text };
}

const detailsTitle = (plan: Plan): string =>
  stepsOf(plan).some((step) => "guard" in step) ? "Commands, files and guards" : "Commands and files";

const asksFor = ({ label }: SecretAsked): string =>
  `The form asks for: ${label}. It goes to the hosts by standard input. The bot does not keep it.`;

export const askedPart = (words: string, by: string): Part => ({ kind: "text", text: asked(words, by) });

/** One line per stage, with the number of hosts. */
function stepsPart(stages: readonly Stage[]): Part {
  const hosts = stages.map((stage) => (stage.kind === "record" ? null : hostsOf(stage.steps)));
  const single = new Set(hosts.flatMap((names) => (names?.length === 1 ? names : [])));
  const [only = null, ...others] = single;
  const isOnOneHost = only !== null && hosts.every((names) => names === null || names.length === 1);
  // If only one host has steps of its own, the head names it once.
  const head = others.length > 0 || only === null ? "" : isOnOneHost ? ` on ${only}` : `. "1 host" is ${only}.`;
  const lines = stages.map(({ title }, index) => {
    const names = hosts[index] ?? null;
    const where =
      names === null ? "inventory" : names.length === 1 && others.length > 0 ? names[0] : counted(names.length, "host");
    return `\n${index + 1}. ${title} · ${where}`;
  });
  const text: Text = [{ bold: counted(stages.length, "step") }, head, ...lines];
  return { kind: "text", text };
}

const hostsOf = (steps: readonly Step[]): string[] => [...new Set(steps.map(({ host }) => host.name))];

/** The exact commands of a plan's stages, with their files and guards. Nothing is left out. */
function stageCommands(stages: readonly Stage[]): Part[] {
  const shown = new Map<string, number>();
  const names = namesOfLongWords(stages);
  const named = (line: string) => [...names].reduce((text, [word, name]) => text.replaceAll(word, `"$${name}"`), line);
  const definitions = [...names].map(([word, name]) => `${name}=${word}`);
  const commands = stages.map((stage, index): Part => {
    const caption = `${index + 1}. ${stage.title}`;
    if (stage.kind === "record") {
      return { kind: "text", text: [{ bold: caption }, `: ${phrasesOf(stage.changes).join("; ")}`] };
    }
    const guards = guardLines(stage.steps, index, shown).map(named);
    return { kind: "code", caption, lines: [...commandLines(stage.steps, named), ...guards] };
  });
  return definitions.length === 0
    ? commands
    : [{ kind: "code", caption: "Long texts in the commands", lines: definitions }, ...commands];
}

/** A longer word of a command is in the details once, even if it repeats: LVM's settings have 600 characters. */
const LONG_WORD = 200;

const guardCommands = (step: Step): (readonly string[])[] =>
  ("guard" in step && step.guard ? step.guard : []).flatMap(({ commands }) => commands.map(({ argv }) => argv));

/** The long words that repeat, as a shell reads them, each with the name of a variable. */
function namesOfLongWords(stages: readonly Stage[]): Map<string, string> {
  const steps = stages.flatMap((stage) => (stage.kind === "record" ? [] : stage.steps));
  const commands = new Set(steps.flatMap((step) => [commandOf(step).argv, ...guardCommands(step)]));
  const counts = new Map<string, number>();
  for (const word of [...commands].flat()) {
    if (word.length >= LONG_WORD) counts.set(word, (counts.get(word) ?? 0) + 1);
  }
  const repeated = [...counts].filter(([, count]) => count > 1);
  return new Map(repeated.map(([word], index) => [readable([word]), `TEXT_${index + 1}`]));
}

/** Commands of the same hosts are together. Commands of one host come first. */
function commandLines(steps: readonly Step[], named: (line: string) => string): string[] {
  return grouped(steps.map((step) => ({ host: step.host.name, text: commandText(step, named) }))).flatMap(
    ({ hosts, texts }) => [`# on ${hosts}`, ...texts.flatMap((text) => text.split("\n"))],
  );
}

/** Lines of the same hosts are together. */
function grouped(
  all: readonly { readonly host: string; readonly text: string }[],
): { hosts: string; texts: string[] }[] {
  const hostsOf = new Map<string, string[]>();
  for (const { host, text } of all) {
    const hosts = hostsOf.get(text) ?? [];
    if (!hosts.includes(host)) hostsOf.set(text, [...hosts, host]);
  }
  const textsOf = new Map<string, string[]>();
  for (const [text, hosts] of hostsOf) {
    const key = hosts.join(", ");
    textsOf.set(key, [...(textsOf.get(key) ?? []), text]);
  }
  return [...textsOf]
    .map(([hosts, texts]) => ({ hosts, texts }))
    .sort((left, right) => left.hosts.split(",").length - right.hosts.split(",").length);
}

/** Ready to paste into a shell. Text for standard input follows as a here-document. */
function commandText(step: Step, named: (line: string) => string): string {
  const { argv, stdin } = commandOf(step);
  const line = (input: string) => `${named(readable(argv))}${input}  # ${step.why}${skippedIf(step)}`;
  if (stdin === undefined) return line("");
  return `${line(" <<'END'")}\n${shownInput(stdin).replace(/\n$/, "")}\nEND`;
}

/** Of the root helper nobody reads 700 lines here: its digest is that of the file in deploy/. */
const LONGEST_INPUT = 16 * 1024;

function shownInput(stdin: string): string {
  if (stdin.length <= LONGEST_INPUT) return stdin;
  const lines = stdin.split("\n");
  const digest = createHash("sha256").update(stdin).digest("hex");
  return [...lines.slice(0, 3), `… ${lines.length - 1} lines, SHA-256 ${digest}`].join("\n");
}

function skippedIf(step: Step): string {
  const skipIf = "skipIf" in step && step.skipIf ? step.skipIf : null;
  if (skipIf === null) return "";
  const within = skipIf.withinMs === 0 ? "" : ` within ${skipIf.withinMs / 1000} s`;
  return `; skipped if this is true${within}: ${readable(skipIf.condition.argv)}`;
}

/**
 * The guards directly before a step that destroys. A guard that the same hosts had in an earlier stage is only
 * counted.
 */
function guardLines(steps: readonly Step[], index: number, shown: Map<string, number>): string[] {
  const reads = steps.flatMap((step) =>
    guardTexts(step).flatMap(({ host, lines }) => lines.map((text) => ({ host, text }))),
  );
  return grouped(reads).flatMap(({ hosts, texts }) => {
    const before = texts.map((text) => shown.get(`${hosts} ${text}`)).filter((stage) => stage !== undefined);
    const fresh = texts.filter((text) => !shown.has(`${hosts} ${text}`));
    for (const text of fresh) shown.set(`${hosts} ${text}`, index + 1);
    const steps = [...new Set(before)].map((stage) => `step ${stage}`).join(", ");
    const again = before.length === 0 ? "" : `: ${counted(before.length, "read")} of ${steps}`;
    return [`# guard, directly before, on ${hosts}${again}`, ...fresh.map((text) => `#   ${text}`)];
  });
}

const asked = (words: string, by: string): Inline[] => ["Asked by ", { person: by }, ": ", { code: words }];

/** `Cancelled by @alice, 20:31` */
export const doneBy = (what: string, by: string | null, at: string | null): Inline[] => [
  what,
  ...(by === null ? [] : [" by ", { person: by }]),
  ...(at === null ? [] : [", ", { at, shows: "clock" as const }]),
];

const secondOf = ({ second }: Operation): Inline[] => {
  const given = second?.given ?? null;
  if (given === null) return [];
  return doneBy(given.kind === "approved" ? "Approved" : "BREAK-GLASS", given.by, given.at);
};

/**
 * The line under a message once its buttons are gone: who did what, and when. `what`: the result of a plan that
 * nobody confirmed.
 */
export function recordOf(operation: Operation, what: readonly Inline[] = []): Inline[] {
  const { confirmedBy, confirmedAt, words, askedBy } = operation;
  const confirmed = confirmedBy === null ? [] : doneBy("Confirmed", confirmedBy, confirmedAt);
  const all = [secondOf(operation), confirmed, what, asked(words, askedBy)].filter(({ length }) => length > 0);
  return all.flatMap((each, index) => (index === 0 ? each : [" · ", ...each]));
}

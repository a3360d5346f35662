import { readable } from "../core/host-command.ts";
import { phrasesOf } from "../core/inventory-change.ts";
import { guardTexts, type Stage } from "../core/plan.ts";
import type { Part } from "../core/reply.ts";
import { commandOf, type Step } from "../core/step.ts";

/** The exact commands of a plan's stages, with their files and guards. Nothing is left out. */
export function stageCommands(stages: readonly Stage[]): Part[] {
  const shown = new Map<string, number>();
  return stages.map((stage, index): Part => {
    const caption = `${index + 1}. ${stage.title}`;
    if (stage.kind === "record") {
      return { kind: "text", text: [{ bold: caption }, `: ${phrasesOf(stage.changes).join("; ")}`] };
    }
    return { kind: "code", caption, lines: [...commandLines(stage.steps), ...guardLines(stage.steps, index, shown)] };
  });
}

/** Commands of the same hosts are together. Commands of one host come first. */
function commandLines(steps: readonly Step[]): string[] {
  return grouped(steps.map((step) => ({ host: step.host.name, text: commandText(step) }))).flatMap(
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
function commandText(step: Step): string {
  const { argv, stdin } = commandOf(step);
  const line = (input: string) => `${readable(argv)}${input}  # ${step.why}${skippedIf(step)}`;
  if (stdin === undefined) return line("");
  return `${line(" <<'END'")}\n${stdin.replace(/\n$/, "")}\nEND`;
}

function skippedIf(step: Step): string {
  const skipIf = "skipIf" in step && step.skipIf ? step.skipIf : null;
  if (skipIf === null) return "";
  return `; skipped if this is true within ${skipIf.withinMs / 1000} s: ${readable(skipIf.holds.argv)}`;
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
    const counted = before.length === 0 ? "" : `: ${before.length} reads of ${[...new Set(before)].join(", ")}`;
    return [`# guard, directly before, on ${hosts}${counted}`, ...fresh.map((text) => `#   ${text}`)];
  });
}

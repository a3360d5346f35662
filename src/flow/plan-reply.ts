import { shellLine } from "../core/host-command.ts";
import { phrasesOf } from "../core/inventory-change.ts";
import type { Operation } from "../core/operation.ts";
import { commandOf, type Plan, type Stage, type Step } from "../core/plan.ts";
import type { Part, Reply } from "../core/reply.ts";
import type { SecretAsked } from "../core/secret.ts";

/** The plan as it is shown: what was seen, what would be lost, the exact commands, what can't be undone. */
export function planReply(plan: Plan, operation: Operation): Reply {
  return {
    title: plan.title,
    tone: plan.irreversible.length > 0 ? "warning" : "plain",
    parts: [
      askedPart(operation.words, operation.askedBy),
      ...plan.facts,
      // Before the commands: whatever a message has no room for is cut from its end.
      ...plan.irreversible.map((sentence): Part => ({ kind: "text", text: sentence, tone: "bad" })),
      ...plan.stages.map(stagePart),
      ...plan.afterwards.map(({ part }) => part),
      ...(plan.secrets ?? []).map((secret): Part => ({ kind: "text", text: asksFor(secret) })),
      {
        kind: "text",
        text: [
          "Nothing has been changed yet. This plan lapses at ",
          { at: operation.expiresAt },
          "; ",
          { code: `/zstack operation show ${operation.id}` },
          " has every text and guard of it.",
        ],
      },
    ],
    next: [],
  };
}

const asksFor = ({ label }: SecretAsked): string =>
  `Confirm asks for: ${label}. It goes to the hosts by standard input and is kept nowhere else.`;

export const askedPart = (words: string, by: string): Part => ({
  kind: "text",
  text: [{ person: by }, " asked for ", { code: words }],
});

function stagePart(stage: Stage, index: number): Part {
  const caption = `${index + 1}. ${stage.title}`;
  if (stage.kind === "record") {
    return { kind: "text", text: [{ bold: caption }, `: ${phrasesOf(stage.changes).join("; ")}`] };
  }
  return { kind: "code", caption, lines: commandLines(stage.steps) };
}

/** Commands that the same hosts run stand together, what only one host runs first. */
function commandLines(steps: readonly Step[]): string[] {
  const hostsOf = new Map<string, string[]>();
  for (const step of steps) {
    const text = commandText(step);
    hostsOf.set(text, [...(hostsOf.get(text) ?? []), step.host.name]);
  }
  const textsOf = new Map<string, string[]>();
  for (const [text, hosts] of hostsOf) {
    const key = hosts.join(", ");
    textsOf.set(key, [...(textsOf.get(key) ?? []), text]);
  }
  return [...textsOf]
    .sort(([left], [right]) => left.split(",").length - right.split(",").length)
    .flatMap(([hosts, texts]) => [`# on ${hosts}`, ...texts.flatMap((text) => text.split("\n"))]);
}

/** Longer texts for standard input are only counted here; `operation show` has them whole. */
const MOST_LINES = 3;

/** As it could be pasted into a shell; text for standard input follows as a here-document. */
function commandText(step: Step): string {
  const { argv, stdin } = commandOf(step);
  const line = `${readable(argv)}  # ${step.why}`;
  if (stdin === undefined) return line;
  const lines = stdin.replace(/\n$/, "").split("\n");
  if (lines.length > MOST_LINES) return `${line} (a text of ${lines.length} lines)`;
  return `${readable(argv)} <<'END'  # ${step.why}\n${lines.join("\n")}\nEND`;
}

/** Quotes only where a shell needs it, so that people can read it; what is run is quoted throughout. */
export const readable = (argv: readonly string[]): string =>
  argv.map((word) => (/^[A-Za-z0-9@%+=:,./_-]+$/.test(word) ? word : shellLine([word]))).join(" ");

import type { Operation } from "../core/operation.ts";
import { type Plan, type Stage, stepsOf, undoText } from "../core/plan.ts";
import type { Inline, Part, Reply, Text } from "../core/reply.ts";
import type { SecretAsked } from "../core/secret.ts";
import type { Step } from "../core/step.ts";
import { stageCommands } from "./plan-commands.ts";
import { asked, doneBy } from "./record.ts";

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
  const head = others.length > 0 || only === null ? "" : isOnOneHost ? ` on ${only}` : `; 1 host: ${only}`;
  const lines = stages.map(({ title }, index) => {
    const names = hosts[index] ?? null;
    const where =
      names === null ? "inventory" : names.length === 1 && others.length > 0 ? names[0] : countedHosts(names);
    return `\n${index + 1}. ${title} · ${where}`;
  });
  const text: Text = [{ bold: stages.length === 1 ? "1 step" : `${stages.length} steps` }, head, ...lines];
  return { kind: "text", text };
}

const hostsOf = (steps: readonly Step[]): string[] => [...new Set(steps.map(({ host }) => host.name))];
const countedHosts = ({ length }: readonly string[]): string => (length === 1 ? "1 host" : `${length} hosts`);

import { counted } from "./counted.ts";
import { durationText } from "./duration.ts";
import type { Facts } from "./facts.ts";
import { readable } from "./host-command.ts";
import {
  type AuditEntry,
  type AuditEvent,
  type LoggedRun,
  type Operation,
  type OutcomeRecord,
  runsIn,
} from "./operation.ts";
import { breakGlassParts, decisionFields, decisionsIn, type PlanDecision } from "./plan-decisions.ts";
import { Refusal, reason } from "./refusal.ts";
import type { Inline, Part, Reply, Text } from "./reply.ts";

type EventOf<K extends AuditEvent["kind"]> = Extract<AuditEvent, { kind: K }>;
interface Logged<K extends AuditEvent["kind"]> {
  readonly at: string;
  readonly by: string;
  readonly event: EventOf<K>;
}

/** All that the log has of one operation, also if the bot keeps nothing else of it. */
export async function auditShowReply({ id }: { readonly id: string }, facts: Facts): Promise<Reply> {
  const [entries, kept] = await Promise.all([facts.audit.of(id), facts.operation(id)]);
  if (entries.length === 0) {
    const why = reason("NOT_FOUND", "no entry of the audit log is about it", "type an id of the list");
    throw new Refusal(`Operation ${id} does not exist`, why, { next: ["audit list"] });
  }
  const planned = firstOf("planned", entries);
  const confirmed = firstOf("confirmed", entries);
  const ended = firstOf("ended", entries);
  const decisions = decisionsIn(entries);
  const runs = runsIn(entries);
  const records = entries.flatMap(({ event }) => (event.kind === "recording" ? event.changes : []));
  const state = ended?.event.state ?? kept?.state ?? "not ended";
  return {
    title: `${id}: ${kept?.title ?? planned?.event.words ?? "words not kept"}: ${state}`,
    tone: state === "done" ? "good" : "plain",
    parts: [
      ...breakGlassParts(decisions),
      { kind: "fields", fields: fieldsOf({ planned, confirmed, ended, decisions }, kept) },
      ...planParts({ planned, confirmed }, kept),
      ...(runs.length === 0
        ? []
        : [{ kind: "code", caption: "Host commands, times in UTC", lines: runs.flatMap(runLines) } satisfies Part]),
      ...(records.length === 0
        ? []
        : [
            {
              kind: "code",
              caption: "Changes of the inventory",
              lines: records.map((each) => JSON.stringify(each)),
            } satisfies Part,
          ]),
    ],
    next: [`audit export operation=${id} steps=true`],
  };
}

function firstOf<K extends AuditEvent["kind"]>(kind: K, entries: readonly AuditEntry[]): Logged<K> | null {
  for (const { at, by, event } of entries) {
    if (isOf(event, kind)) return { at, by, event };
  }
  return null;
}
const isOf = <K extends AuditEvent["kind"]>(event: AuditEvent, kind: K): event is EventOf<K> => event.kind === kind;

interface Shown {
  readonly planned: Logged<"planned"> | null;
  readonly confirmed: Logged<"confirmed"> | null;
  readonly ended: Logged<"ended"> | null;
  readonly decisions: readonly PlanDecision[];
}

function fieldsOf(
  { planned, confirmed, ended, decisions }: Shown,
  kept: Operation | null,
): (readonly [string, Text])[] {
  const words = planned?.event.words ?? kept?.words ?? null;
  const digest = planned?.event.digest ?? confirmed?.event.digest ?? null;
  return [
    ["words", words === null ? "not kept" : [{ code: words }]],
    ["asked by", planned === null ? "not kept" : personAt(planned)],
    ...decisionFields(decisions),
    ["confirmed by", confirmed === null ? "nobody" : personAt(confirmed)],
    ...(confirmed?.event.link === undefined ? [] : [["message", confirmed.event.link] as const]),
    ...(planned?.event.risk === undefined ? [] : [["risk", planned.event.risk] as const]),
    ["ended", ended === null ? "not yet" : [{ at: ended.at }]],
    ["result", ended?.event.result ?? "none yet"],
    ...(digest === null ? [] : [["digest of the plan", [{ code: digest.slice(0, 12) }]] as const]),
  ];
}

const personAt = ({ by, at }: { readonly by: string; readonly at: string }): Inline[] => [
  { person: by, isQuiet: true },
  " at ",
  { at },
];

/** The plan that people saw. A click counts only if the plan of the click has the same digest. */
function planParts({ planned, confirmed }: Pick<Shown, "planned" | "confirmed">, kept: Operation | null): Part[] {
  const lines = planned?.event.plan ?? kept?.shown ?? [];
  if (lines.length === 0) return [{ kind: "text", text: "The log of that version has no text of the plan." }];
  const left = planned?.event.planLeftOut ?? 0;
  const more = left === 0 ? [] : [`[${counted(left, "line")} left out: the plan was longer than the log keeps]`];
  return [
    { kind: "code", caption: confirmed === null ? "The plan" : "The plan as confirmed", lines: [...lines, ...more] },
  ];
}

/** When and where, the command, its result, and what it printed. */
function runLines({ began: { host, argv }, at, outcome, endedAt }: LoggedRun): string[] {
  const took = endedAt === null ? "" : `, ${durationText(Date.parse(endedAt) - Date.parse(at))}`;
  return [
    `${at.slice(11, 23)} ${host}: ${readable(argv)}`,
    `  ${resultText(outcome)}${took}`,
    ...printedLines(outcome).map((line) => `  | ${line}`),
  ];
}

function resultText(outcome: OutcomeRecord | null): string {
  if (outcome === null) return "running or unknown";
  if ("reason" in outcome) return `${outcome.kind}: ${outcome.reason}`;
  return outcome.exitCode === null ? "not run: done already" : `${outcome.kind}, exit code ${outcome.exitCode}`;
}

/** The log keeps more of an error than is shown here. */
const MOST_LINES = 10;

function printedLines(outcome: OutcomeRecord | null): readonly string[] {
  if (outcome?.kind === "done") return outcome.output ?? [];
  if (outcome?.kind !== "failed") return [];
  const lines = outcome.stderr.trim().split("\n");
  const left = lines.length - MOST_LINES;
  return left <= 0 ? lines : [...lines.slice(0, MOST_LINES), `[${counted(left, "line")} left out]`];
}

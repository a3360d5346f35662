import type { Evidence } from "../evidence.ts";
import { LATE_MS } from "../trust-story.ts";
import { AccessRecord } from "./access-record.ts";
import { destroys } from "./destruction.ts";
import { type LoggedOperation, logged, loggedOperations, riskOf } from "./logged-operations.ts";
import { commandKey, isTerminal, programsIn } from "./seen.ts";

/** How long a plan can be confirmed, and how late the log may have what was in time. The clock jumps further. */
const PLAN_LIFE_MS = 10 * 60_000;
const LOGGED_LATE_MS = (LATE_MS - PLAN_LIFE_MS) / 2;

/**
 * Nothing ran without a confirmed plan that its policy allowed at that time. If the policy asked for a second person,
 * the log has an approval of this plan by an approver who neither asked for it nor confirmed it, or a break-glass with
 * its review. A program that destroys belongs to such an operation.
 */
export function unapprovedChanges(evidence: Evidence): string[] {
  const access = new AccessRecord(evidence);
  const operations = loggedOperations(evidence);
  const begun = operations.filter(({ first }) => first !== null);
  return [
    ...begun.flatMap((operation) => {
      const why = whyNotAllowed(operation, access, evidence);
      return why === null ? [] : [`${operation.id} (${operation.planned.event.words}) ran, and ${why}`];
    }),
    ...destroyedByNone(evidence),
  ];
}

function whyNotAllowed(operation: LoggedOperation, access: AccessRecord, evidence: Evidence): string | null {
  const { planned, confirmed, first, checked, where } = operation;
  if (first === null || checked === null) return null;
  if (confirmed === null || confirmed.end > first.begin) return "nobody had confirmed it";
  if (confirmed.event.digest !== planned.event.digest) return "another plan was confirmed";
  if (confirmed.atMs - planned.atMs > PLAN_LIFE_MS + LOGGED_LATE_MS) return "it was confirmed after it had expired";
  if (!access.askedApprover(riskOf(operation), where, planned.by, checked)) return null;
  const whyNot = [
    ...operation.brokenGlass.map((glass) => whyNoBreakGlass(operation, glass, access, evidence)),
    ...operation.approved.map((approval) => whyNoApproval(operation, approval, confirmed.by, access, evidence)),
  ];
  if (whyNot.includes(null)) return null;
  return whyNot.length === 0 ? "its policy asked for a second person, and the log has none" : whyNot.join("; ");
}

type Approval = LoggedOperation["approved"][number];

function whyNoApproval(
  operation: LoggedOperation,
  approval: Approval,
  confirmer: string,
  access: AccessRecord,
  evidence: Evidence,
): string | null {
  const { planned, first, checked, where } = operation;
  const { by, begin, event, end, atMs } = approval;
  if (first === null || checked === null || end > first.begin) return `${by} approved it after it began`;
  if (event.digest !== planned.event.digest) return `${by} approved another plan`;
  if (by === planned.by) return `${by} approved it, who asked for it`;
  if (by === confirmer) return `${by} approved it, who confirmed it`;
  if (isTerminal(by)) return `${by} approved it, and a terminal is no person`;
  if (atMs - planned.atMs > PLAN_LIFE_MS + LOGGED_LATE_MS) return `${by} approved it after it had expired`;
  const asked = askedOf(new RegExp(`^approve (op-)?${operation.id.slice(3)}$`), by, begin, evidence);
  if (asked === null) return `${by} approved it, and the log has no words of theirs`;
  if (!access.had(by, "approver", where, { from: asked, to: begin }, { fresh: true }))
    return `${by} approved it, who was no approver`;
  if (!access.had(by, "approver", where, checked, { fresh: true }))
    return `${by} approved it, who was no approver any more when it ran`;
  return null;
}

function whyNoBreakGlass(
  operation: LoggedOperation,
  { by, event, begin, end }: LoggedOperation["brokenGlass"][number],
  access: AccessRecord,
  { kept }: Evidence,
): string | null {
  const { id, planned, first, where } = operation;
  if (first === null || end > first.begin) return `${by} broke the glass after it began`;
  if (event.digest !== planned.event.digest) return `${by} broke the glass of another plan`;
  if (!access.had(by, "operator", where, { from: planned.end, to: begin }, { fresh: true }))
    return `${by} broke the glass, who was no operator`;
  const before = kept.reviews.filter(({ from }) => from <= first.begin).at(-1)?.content.reviews ?? [];
  const review = before.find(({ operationId }) => operationId === id);
  if (review === undefined) return `${by} broke the glass, and no review was open before it began`;
  const latest = kept.reviews.at(-1)?.content.reviews ?? [];
  const last = latest.find((each) => each.id === review.id);
  return last === undefined ? `the review of its break-glass is gone` : null;
}

/** Where the entry with the person's words ends, the latest before a position; null: there is none. */
function askedOf(words: RegExp, by: string, before: number, evidence: Evidence): number | null {
  const asked = logged(
    evidence,
    "asked",
    (entry) => entry.by === by && entry.event.kind === "asked" && words.test(entry.event.words),
  );
  return asked.filter(({ end }) => end <= before).at(-1)?.end ?? null;
}

/** Programs that destroy, by the hosts' own log, that no operation began. */
function destroyedByNone(evidence: Evidence): string[] {
  const operations = new Set(loggedOperations(evidence).map(({ id }) => id));
  const used = new Set<number>();
  const began = logged(evidence, "began", ({ operationId }) => operationId !== null && operations.has(operationId));
  return programsIn(evidence.events).flatMap(({ seq, host, argv, real, auditBytes }) => {
    if (real === null || !destroys(argv)) return [];
    const key = commandKey(host, argv);
    const step = began.find(
      ({ event, end }) => !used.has(end) && end <= auditBytes && commandKey(event.host, event.argv) === key,
    );
    if (step === undefined) return [`${key} (${seq}) ran, and it is of no operation of the log`];
    used.add(step.end);
    return [];
  });
}

import type { AuditEntry, AuditEvent, Operation } from "./operation.ts";
import type { Part, Text } from "./reply.ts";

/** What a person decided about a plan in the place of its second person. */
export interface PlanDecision {
  readonly kind: "approved" | "rejected" | "break-glass";
  readonly by: string;
  /** ISO 8601. */
  readonly at: string;
  /** Why it was rejected, or why nobody approved it. null: it was approved. */
  readonly reason: string | null;
}

/** The oldest first, in any order of the entries. Two people may have decided in the same moment. */
export const decisionsIn = (entries: readonly AuditEntry[]): readonly PlanDecision[] =>
  entries
    .toSorted((one, other) => one.id - other.id)
    .flatMap(({ at, by, event }) => {
      const decided = decisionOf(event);
      return decided === null ? [] : [{ ...decided, at, by }];
    });

function decisionOf(event: AuditEvent): Pick<PlanDecision, "kind" | "reason"> | null {
  switch (event.kind) {
    case "approved":
      return { kind: event.kind, reason: null };
    case "rejected":
    case "break-glass":
      return { kind: event.kind, reason: event.reason };
    default:
      return null;
  }
}

/** What the operation itself keeps: the decision that counted. A rejected one is only in the audit log. */
export const decisionsOf = ({ second }: Operation): readonly PlanDecision[] =>
  second === null || second.given === null ? [] : [second.given];

const labels: Readonly<Record<PlanDecision["kind"], string>> = {
  approved: "approved by",
  rejected: "rejected by",
  "break-glass": "BREAK-GLASS by",
};

export const decisionLabel = ({ kind }: PlanDecision): string => labels[kind];

/** Who decided, when and why. */
export const decisionFields = (decisions: readonly PlanDecision[]): (readonly [string, Text])[] =>
  decisions.map((decision) => [
    decisionLabel(decision),
    [
      { person: decision.by, isQuiet: true },
      " at ",
      { at: decision.at },
      ...(decision.reason === null ? [] : [`: ${decision.reason}`]),
    ],
  ]);

/** Above all else that is shown of an operation. Empty if nobody did without an approver. */
export const breakGlassParts = (decisions: readonly PlanDecision[]): Part[] =>
  decisions.some(({ kind }) => kind === "break-glass")
    ? [{ kind: "text", tone: "bad", text: [{ bold: "BREAK-GLASS" }, ": no second person approved it."] }]
    : [];

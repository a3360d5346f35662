import type { Role } from "../../../src/core/role.ts";
import type { Evidence } from "../evidence.ts";
import { AccessRecord, type Where } from "./access-record.ts";
import { type Logged, logged, loggedOperations, riskOf } from "./logged-operations.ts";

/** What needs which role, of what is done at once. */
const needs: readonly (readonly [words: RegExp, role: Role])[] = [
  [/^(role (grant|revoke)|policy (set|unset)|review close)\b/, "admin"],
  [/^(approve|reject)\b/, "approver"],
  [/^(freeze|unfreeze|operation stop|break-glass)\b/, "operator"],
];

/**
 * People without the role changed nothing: an operation that began was confirmed by an operator of its clusters, and
 * what was done at once was done by a person with its role.
 */
export function doneWithoutRole(evidence: Evidence): string[] {
  const access = new AccessRecord(evidence);
  const begun = loggedOperations(evidence).flatMap((operation) => {
    const { id, confirmed, checked, where } = operation;
    if (confirmed === null || checked === null) return [];
    const { by } = confirmed;
    const fresh = riskOf(operation) === "destructive";
    return access.had(by, "operator", where, checked, { fresh })
      ? []
      : [`${id} began, and ${by}, who confirmed it, was no operator`];
  });
  return [...begun, ...actedWithoutRole(access, evidence)];
}

function actedWithoutRole(access: AccessRecord, evidence: Evidence): string[] {
  return logged(evidence, "acted").flatMap((acted) => {
    const { by, event, begin } = acted;
    const [, role] = needs.find(([words]) => words.test(event.words)) ?? [];
    if (role === undefined || /^refused/.test(event.result)) return [];
    const from = askedBefore(acted, evidence);
    if (from === null) return [`${by} did "${event.words}", and the log has no words before it`];
    const where = whereOf(event.words, role, evidence);
    return access.had(by, role, where, { from, to: begin })
      ? []
      : [`${by} did "${event.words}", and was not ${role} then`];
  });
}

/** Where its words end in the log. null: they are not there. */
function askedBefore({ by, event, begin }: Logged<"acted">, evidence: Evidence): number | null {
  const asked = logged(
    evidence,
    "asked",
    (entry) => entry.by === by && entry.event.kind === "asked" && entry.event.words === event.words,
  );
  return asked.filter(({ end }) => end <= begin).at(-1)?.end ?? null;
}

/** Decisions about an operation need the role on its clusters; the rest on the cluster that the words name, or on all. */
function whereOf(words: string, role: Role, { inventoryBefore }: Evidence): Where {
  if (role === "approver" || /^(operation|break-glass)/.test(words)) return "any";
  const named = inventoryBefore.clusters.filter(
    ({ name }) => words.startsWith(`freeze ${name}`) || words === `unfreeze ${name}`,
  );
  return named.length > 0 ? named.map(({ name }) => name) : "all";
}

/**
 * What the bot's files say about who may do what came of words in the log, which were there before. So came each
 * approval, each break-glass, each freeze and the end of each.
 */
export function actsNotLogged(evidence: Evidence): string[] {
  const { kept } = evidence;
  const asked = logged(evidence, "asked");
  const used = new Set<number>();
  /** Whether the log has such words before this position, which explain nothing else. */
  const isAsked = (words: RegExp, before: number, by: string | null) => {
    const found = asked.find(
      (each) =>
        !used.has(each.end) && each.end <= before && words.test(each.event.words) && (by === null || each.by === by),
    );
    if (found !== undefined) used.add(found.end);
    return found !== undefined;
  };
  const problems: string[] = [];
  const each = <C>(
    list: readonly { readonly from: number; readonly content: C }[],
    check: (before: C, after: C, from: number) => void,
  ) => {
    for (const [index, { content, from }] of list.entries()) {
      const previous = list[index - 1];
      if (previous !== undefined) check(previous.content, content, from);
    }
  };
  each(kept.roles, ({ grants: before }, { grants: after }, from) => {
    for (const grant of added(before, after))
      if (
        !isAsked(/^role grant /, from, grant.by) &&
        !before.some(({ who, role }) => who === grant.who && role === grant.role)
      )
        problems.push(`${grant.role} of ${grant.who} was granted by ${grant.by}, and the log has no words before it`);
    for (const grant of added(after, before)) {
      if (after.some(({ who, role }) => who === grant.who && role === grant.role)) continue;
      if (!isAsked(/^role revoke /, from, null))
        problems.push(`${grant.role} of ${grant.who} was revoked, and the log has no words before it`);
    }
  });
  each(kept.policies, ({ rules: before }, { rules: after }, from) => {
    for (const rule of added(before, after))
      if (!isAsked(/^policy set /, from, rule.by))
        problems.push(`the policy of ${rule.risk} was set by ${rule.by}, and the log has no words before it`);
    for (const rule of added(after, before)) {
      if (after.some(({ risk, cluster }) => risk === rule.risk && cluster === rule.cluster)) continue;
      if (!isAsked(/^policy unset /, from, null))
        problems.push(`the policy of ${rule.risk} was unset, and the log has no words before it`);
    }
  });
  each(kept.freezes, ({ freezes: before }, { freezes: after }, from) => {
    for (const freeze of added(before, after))
      if (!isAsked(/^freeze /, from, freeze.by))
        problems.push(`${freeze.cluster ?? "all"} was frozen by ${freeze.by}, and the log has no words before it`);
    // The bot forgets those that ended, and a person's new freeze replaces the old one.
    const gone = added(after, before).filter(
      ({ until, cluster, by }) =>
        until === null && !after.some((other) => other.cluster === cluster && other.by === by),
    );
    if (gone.length > 0 && !isAsked(/^unfreeze /, from, null))
      problems.push(`the freeze of ${gone[0]?.cluster ?? "all"} ended, and the log has no words before it`);
  });
  each(kept.reviews, ({ reviews: before }, { reviews: after }, from) => {
    // The review of a break-glass at a terminal is on disk before its words. No story has one.
    for (const review of after.filter(({ id }) => !before.some((other) => other.id === id)))
      if (review.operationId !== null && !hasDecision("break-glass", review.operationId, review.by, from, evidence))
        problems.push(`${review.id} was opened, and the log has no break-glass before it`);
    for (const { id, closed } of after) {
      const was = before.find((other) => other.id === id)?.closed ?? null;
      if (closed === null || was !== null || closed.by === "bot") continue;
      if (!isAsked(/^review close /, from, closed.by))
        problems.push(`${id} was closed, and the log has no words before it`);
    }
  });
  each(kept.decisions, ({ given: before }, { given: after }, from) => {
    for (const { id, kind, by } of added(before, after))
      if (!hasDecision(kind, id, by, from, evidence))
        problems.push(`${id} was decided by ${by} (${kind}), and the log has no such entry before it`);
  });
  return problems;
}

/** What is in `after` and was not in `before`. */
const added = <T>(before: readonly T[], after: readonly T[]): T[] => {
  const known = new Set(before.map((each) => JSON.stringify(each)));
  return after.filter((each) => !known.has(JSON.stringify(each)));
};

const hasDecision = (
  kind: "approved" | "break-glass",
  operationId: string,
  by: string,
  before: number,
  evidence: Evidence,
): boolean =>
  logged(evidence, kind, (entry) => entry.operationId === operationId && entry.by === by).some(
    ({ end }) => end <= before,
  );

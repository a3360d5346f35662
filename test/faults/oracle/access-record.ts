import type { Freezes } from "../../../src/core/freeze.ts";
import type { Risk, SetRule } from "../../../src/core/policy.ts";
import type { Grant, Role } from "../../../src/core/role.ts";
import { alice, bob, group, terminal } from "../cast.ts";
import type { Evidence } from "../evidence.ts";

/** From one position in the audit log to another, in bytes. */
export interface Span {
  readonly from: number;
  readonly to: number;
}
/** Where a role is needed. `any`: on one cluster at least. */
export type Where = "any" | "all" | readonly string[];

interface Version<T> {
  readonly from: number;
  /** From here on the version before it is surely over. */
  readonly surely: number;
  readonly value: T;
}

const has: Readonly<Record<Role, readonly Role[]>> = {
  viewer: ["viewer"],
  operator: ["operator"],
  approver: ["approver"],
  admin: ["operator", "approver", "admin"],
};

/**
 * Who could do what at a position of the audit log, by the files of the data folder and the times at which the bot
 * replaced them. While a change is being written, what was before it and what came after it both count.
 */
export class AccessRecord {
  readonly #cast: Evidence["cast"];
  readonly #grants: readonly Version<readonly Grant[]>[];
  readonly #rules: readonly Version<readonly SetRule[]>[];
  readonly #freezes: readonly Version<Freezes["freezes"]>[];
  readonly #group: readonly Version<readonly string[]>[];

  constructor({ cast, kept, audit, auditFrom, events }: Evidence) {
    this.#cast = cast;
    const acted = (words: RegExp) =>
      audit.flatMap(({ entry: { event }, end }) =>
        end > auditFrom && event.kind === "acted" && words.test(event.words) ? [end] : [],
      );
    const versions = <C, T>(list: readonly { from: number; content: C }[], words: RegExp, of: (content: C) => T) => {
      const over = [...acted(words), ...kept.starts];
      return list.map(({ from, content }) => ({
        ...{ from, value: of(content) },
        surely: Math.min(...over.filter((end) => end > from), Number.POSITIVE_INFINITY),
      }));
    };
    this.#grants = versions(kept.roles, /^role /, ({ grants }) => grants);
    this.#rules = versions(kept.policies, /^policy /, ({ rules }) => rules);
    this.#freezes = versions(kept.freezes, /^(un)?freeze /, ({ freezes }) => freezes);
    const changes = events.flatMap((event) =>
      event.kind === "group" ? [{ from: event.auditBytes, surely: event.auditBytes, value: event.users }] : [],
    );
    this.#group = [{ from: 0, surely: 0, value: [bob, "U0DAVE001"] }, ...changes];
  }

  /**
   * Whether the person had the role at one time of the span. `fresh`: the bot had to ask who is in the user group. Else
   * it may know it from before.
   */
  had(person: string, role: Role, where: Where, span: Span, { fresh = false } = {}): boolean {
    if (person === terminal || (this.#cast === "roles" && person === alice)) return true;
    if (this.#cast === "operators" && [alice, bob].includes(person) && role === "operator") return true;
    if (role === "viewer") return true;
    const groups = between(this.#group, fresh ? span : { from: 0, to: span.to });
    return between(this.#grants, span).some((grants) =>
      groups.some((members) => covers(grants.filter(of(person, members)), role, where)),
    );
  }

  /** Whether a person other than `asker` had the role at each time of the span. */
  hadOther(asker: string, role: Role, where: Where, span: Span): boolean {
    if (this.#cast === "roles" && asker !== alice) return true;
    const groups = between(this.#group, { from: 0, to: span.to });
    return between(this.#grants, span).every((grants) =>
      groups.every((members) =>
        [...members, ...grants.map(({ who }) => who)].some(
          (person) => person !== asker && person !== group && covers(grants.filter(of(person, members)), role, where),
        ),
      ),
    );
  }

  /** Whether the rules asked for a second person at each time of the span. */
  askedApprover(risk: Risk, clusters: Where, asker: string, span: Span): boolean {
    const places = Array.isArray(clusters) && clusters.length > 0 ? clusters : [null];
    return between(this.#rules, span).every((rules) =>
      places.some((place) => {
        const rule =
          rules.find((each) => each.risk === risk && each.cluster === place) ??
          rules.find((each) => each.risk === risk && each.cluster === null);
        if (rule !== undefined) return rule.approver === "always";
        return risk === "destructive" && this.hadOther(asker, "approver", clusters, span);
      }),
    );
  }

  /** The freezes that were in force at each time of the span, and those that began in it and were in force at its end. */
  frozen(
    clusters: readonly string[],
    span: Span,
    atMs: number,
  ): { readonly through: Freezes["freezes"]; readonly begun: Freezes["freezes"] } {
    const isOf = ({ cluster, until }: Freezes["freezes"][number]) =>
      (cluster === null || clusters.includes(cluster)) && (until === null || Date.parse(until) > atMs);
    const all = between(this.#freezes, span);
    const atEnd = between(this.#freezes, { from: span.to, to: span.to });
    const inAll = (lists: typeof all) =>
      (lists[0] ?? []).filter(isOf).filter((each) => lists.every((list) => list.some((other) => isSame(each, other))));
    const through = inAll(all);
    const begun = inAll(atEnd).filter((each) => !through.some((other) => isSame(each, other)));
    return { through, begun };
  }
}

const isSame = (one: Freezes["freezes"][number], other: Freezes["freezes"][number]): boolean =>
  one.cluster === other.cluster && one.by === other.by && one.at === other.at;

const of =
  (person: string, members: readonly string[]) =>
  ({ who }: Grant): boolean =>
    who === person || (who === group && members.includes(person));

function covers(grants: readonly Grant[], role: Role, where: Where): boolean {
  const fitting = grants.filter((grant) => has[grant.role].includes(role));
  if (fitting.some(({ clusters }) => clusters === "all")) return true;
  if (where === "all") return false;
  if (where === "any") return fitting.length > 0;
  return where.every((cluster) => fitting.some(({ clusters }) => clusters.includes(cluster)));
}

/** What held at some time of the span. */
function between<T>(versions: readonly Version<T>[], { from, to }: Span): T[] {
  return versions.flatMap(({ value, ...version }, index) => {
    const next = versions[index + 1];
    return version.from <= to && (next === undefined || next.surely > from) ? [value] : [];
  });
}

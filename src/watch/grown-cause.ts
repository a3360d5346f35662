import type { Scope, ScopeKind } from "../core/cause-scope.ts";

/**
 * What several causes of one kind may be together. A path that fails, then another one of the same LUN: nobody repairs
 * them apart, though a third one works.
 */
const grows: Readonly<Partial<Record<ScopeKind, readonly ScopeKind[]>>> = {
  path: ["LUN on a host", "adapter", "link", "LUN at a port"],
  "LUN on a host": ["LUN", "host"],
  adapter: ["port", "host", "array"],
  link: ["adapter", "port", "array"],
  "LUN at a port": ["LUN", "port"],
  LUN: ["array"],
  port: ["array"],
  host: ["storage", "array", "bot", "cluster"],
};

/** Hosts, arrays and networks have parts that fail apart from each other, unless they fail at one time. */
const ofManyThings: readonly ScopeKind[] = ["host", "array", "bot", "cluster"];
/** The first word of such a scope, if it is one thing all the same: one service, one clock. */
const oneThing = ["unit", "read", "clock", "map"];

/** So long after the first one a host is observed at least once, in milliseconds, or is known to be silent. */
const ONE_TIME_MS = 60_000;
export const isOneTime = (firstMs: number, laterMs: number): boolean => laterMs - firstMs <= ONE_TIME_MS;

export interface Grown {
  readonly scope: Scope;
  /** Only what began at one time has one cause. */
  readonly isAtOneTime: boolean;
}

/** What a cause may be a part of, if other parts of it fail too. `common`: all that its elements are parts of. */
export const grownInto = ({ kind }: Scope, common: readonly Scope[]): Grown[] =>
  common
    .filter((whole) => grows[kind]?.includes(whole.kind))
    .map((whole) => ({
      scope: { kind: "several", id: `${kind}/${whole.kind}/${whole.id}` },
      isAtOneTime: ofManyThings.includes(whole.kind) && !oneThing.includes(whole.id.split(" ")[0] ?? ""),
    }));

/** Of which parts such a cause is made, and of what. null: the scope is another one. */
export function partsIn({
  kind,
  id,
}: Scope): { readonly part: string; readonly whole: string; readonly id: string } | null {
  if (kind !== "several") return null;
  const [part = "", whole = "", ...rest] = id.split("/");
  return { part, whole, id: rest.join("/").replace(/ since -?\d+$/, "") };
}

import type { Scope, ScopeKind } from "../core/cause-scope.ts";

/** What several causes of one kind are together. A LUN that one host loses, then another one, has one cause. */
const oneThing: Readonly<Partial<Record<ScopeKind, readonly ScopeKind[]>>> = {
  path: ["LUN on a host", "LUN at a port"],
  "LUN on a host": ["LUN"],
  adapter: ["port"],
  link: ["port"],
  "LUN at a port": ["LUN"],
  host: ["storage"],
};
/** The same, of things that fail apart from each other too. Only many at one time have one cause. */
const manyThings: typeof oneThing = {
  path: ["adapter", "link"],
  "LUN on a host": ["host"],
  adapter: ["host", "array"],
  link: ["adapter", "array"],
  "LUN at a port": ["port"],
  LUN: ["array"],
  port: ["array"],
  host: ["array", "bot", "cluster"],
};
/** The first word of a scope that is one thing, though it is of many hosts or LUNs: one service, one clock. */
const ONE_THING = /^(?:unit|read|map) |^clock$/;

type Together = "smaller" | "larger" | "differing" | "new";
/**
 * `together smaller 0x5000`: LUNs of this array that became smaller. `differing`: their paths show different sizes. `new`:
 * they appeared.
 */
const TOGETHER = /^together (smaller|larger|differing|new) /;
export const togetherIn = (array: string, how: Together): Scope => ({
  kind: "array",
  id: `together ${how} ${array}`,
});
/** Whether it is no cause by itself: only what several of its parts show at one time is one. */
export const isOfSeveralOnly = ({ kind, id }: Scope): boolean => kind === "array" && TOGETHER.test(id);

const SEVERAL = 2;
/** Two may fail at one time by chance. */
const MANY = 3;
/** So long after the first one each host is observed at least once, or is known to be silent. In milliseconds. */
const ONE_TIME_MS = 60_000;
export const isOneTime = (firstMs: number, laterMs: number): boolean => laterMs - firstMs <= ONE_TIME_MS;

export interface Grown {
  readonly scope: Scope;
  /** Only what began at one time has one cause. */
  readonly isAtOneTime: boolean;
  /** So many parts must fail at least. */
  readonly least: number;
}

/** What a cause may be a part of, if other parts of it fail too. `common`: all that its elements are parts of. */
export const grownInto = ({ kind }: Scope, common: readonly Scope[]): Grown[] =>
  common.flatMap((whole): Grown[] => {
    // No LUN appears or changes its size by chance. Some hosts see it later: a LUN is a part of it as one host shows it.
    if (isOfSeveralOnly(whole))
      return [{ scope: { kind: "several", id: `LUN/array/${whole.id}` }, isAtOneTime: true, least: SEVERAL }];
    const scope: Scope = { kind: "several", id: `${kind}/${whole.kind}/${whole.id}` };
    const isMany = manyThings[kind]?.includes(whole.kind) ?? false;
    if (oneThing[kind]?.includes(whole.kind) || (isMany && ONE_THING.test(whole.id)))
      return [{ scope, isAtOneTime: false, least: SEVERAL }];
    return isMany ? [{ scope, isAtOneTime: true, least: MANY }] : [];
  });

/** What LUNs of one array show together. null: the scope is another one. */
export function togetherAs(scope: Scope): { readonly how: string; readonly array: string } | null {
  const id = partsIn(scope)?.id ?? "";
  const [, how] = TOGETHER.exec(id) ?? [];
  return how === undefined ? null : { how, array: id.replace(TOGETHER, "") };
}

/** Of which parts such a cause is made, and of what. null: the scope is another one. */
export function partsIn({
  kind,
  id,
}: Scope): { readonly part: string; readonly whole: string; readonly id: string } | null {
  if (kind !== "several") return null;
  const [part = "", whole = "", ...rest] = id.split("/");
  return { part, whole, id: rest.join("/").replace(/ since -?\d+$/, "") };
}

import { type Scope, scopes } from "../core/cause-scope.ts";
import { type Finding, type Severity, worst } from "../core/finding.ts";
import { runToEnd, SliceLimit, type Slices } from "../core/parts.ts";
import { type Grown, grownInto, isOfSeveralOnly, isOneTime, partsIn } from "./grown-cause.ts";

/** Something that works or not, and everything that it is a part of. */
export interface Element {
  /** The findings that it shows; none if it works. */
  readonly findings: readonly Finding[];
  readonly scopes: readonly [Scope, ...Scope[]];
  /**
   * Keys of the findings that its own findings follow from: a degraded map follows from its failed paths. These may have
   * several causes, and no scope of all of them that contains nothing that works.
   */
  readonly follows?: readonly string[];
}

/** A finding, and when it was first seen, in milliseconds since the epoch. */
interface Found extends Finding {
  readonly sinceMs: number;
}
export interface FailingElement extends Element {
  readonly findings: readonly Found[];
  /** The keys of its scopes. Thousands of elements may fail: each key is made once for an observation. */
  readonly keys: readonly string[];
}

/** What the observations say of things that work. */
export interface Evidence {
  /** Whether anything in the scope worked when it was observed last, at this time or later. */
  worksSince(scope: Scope, sinceMs: number): boolean;
}

/** The smallest thing that explains some findings, and nothing that works. */
export interface Cause {
  readonly scope: Scope;
  /** First those of its elements, then those that follow from them. */
  readonly findings: readonly Found[];
  /** How many of `findings` follow from others. */
  readonly following: number;
  /** What follows from its findings and from those of a later cause, which has it. */
  readonly shared: readonly Found[];
  readonly severity: Severity;
  /** What shows the findings: all of the scope, or the scope would not be the cause. */
  readonly elements: readonly FailingElement[];
  /** What may be the cause instead: all that the elements have in common, if nothing in it was seen to work since. */
  readonly doubts: readonly Scope[];
  /**
   * Whether something larger may be the cause: what worked in it has not been observed since the findings began. The next
   * observations decide it.
   */
  readonly isDoubtful: boolean;
  /** Of one that grew from several: these. Something between them works. Others have none. */
  readonly parts?: readonly Cause[];
}

interface Candidate<T> {
  readonly key: string;
  readonly scope: Scope;
  /** What it explains. */
  readonly items: T[];
  /** If it explains less, it is none. */
  readonly least: number;
}

export const keyOf = ({ kind, id }: Scope): string => `${kind} ${id}`;
const rankOf = (scope: Scope): number => scopes.findIndex((kind) => kind === (partsIn(scope)?.whole ?? scope.kind));

/** So many elements are compared in a few milliseconds, each with its scopes. */
const ELEMENTS = 1_000;

export const causesOf = (failing: readonly FailingElement[], evidence: Evidence): Cause[] =>
  runToEnd(causesInSlices(failing, evidence));

/**
 * Each finding is in exactly one cause. What follows from several causes is in the one that began last: until then it was
 * not so bad. What works in a scope rules it out, if it was observed since the first finding in
 * it: an older observation says nothing about a fault that began later. Of several scopes, the one that explains the
 * most counts; of equal ones, the smallest. What fails in several parts of one thing is one cause too, though the thing
 * works in other parts. The cost grows with what fails.
 */
export function* causesInSlices(failing: readonly FailingElement[], evidence: Evidence): Slices<Cause[]> {
  const slice = new SliceLimit(ELEMENTS);
  const there = new Set<string>();
  for (const { follows, findings } of failing) if (!follows) for (const { key } of findings) there.add(key);
  yield* turn(slice, failing.length);
  const own: FailingElement[] = [];
  const following: FailingElement[] = [];
  for (const element of failing) (element.follows?.some((key) => there.has(key)) ? following : own).push(element);
  yield* turn(slice, failing.length);
  const causes = yield* withGrown(yield* causesOfOwn(own, evidence, slice), slice);
  return yield* withFollowing(causes, following, slice);
}

function* turn(slice: SliceLimit, elements: number): Slices<void> {
  if (slice.isOver(elements)) yield;
}

/** Each cause with what follows from its findings. */
function* withFollowing(
  causes: readonly Cause[],
  following: readonly FailingElement[],
  slice: SliceLimit,
): Slices<Cause[]> {
  if (following.length === 0) return [...causes];
  const byKey = new Map<string, { readonly cause: Cause; readonly sinceMs: number }>();
  for (const cause of causes) {
    for (const { key, sinceMs } of cause.findings) byKey.set(key, { cause, sinceMs });
    yield* turn(slice, cause.findings.length);
  }
  const startMs = new Map<Cause, number>(causes.map((cause) => [cause, firstSeenMs(cause.elements)]));
  const own = new Map<Cause, Found[]>();
  const shared = new Map<Cause, Found[]>();
  const add = (to: Map<Cause, Found[]>, cause: Cause, findings: readonly Found[]) => {
    const before = to.get(cause);
    if (before === undefined) to.set(cause, [...findings]);
    else before.push(...findings);
  };
  for (const { follows = [], findings } of following) {
    const known = follows.flatMap((key) => byKey.get(key) ?? []);
    const of = [...new Set(known.map(({ cause }) => cause))];
    // A map is as it is since its latest path failed.
    const sinceMs = Math.max(...known.map((each) => each.sinceMs));
    const now = findings.map((each) => (each.sinceMs >= sinceMs ? each : { ...each, sinceMs }));
    const latestMs = Math.max(...of.map((cause) => startMs.get(cause) ?? 0));
    const latest = of.filter((cause) => startMs.get(cause) === latestMs);
    // Of several that began at one time, the same one in each round.
    const [owner] = latest.length === 1 ? latest : latest.sort((a, b) => (keyOf(a.scope) < keyOf(b.scope) ? -1 : 1));
    for (const cause of of) add(cause === owner ? own : shared, cause, now);
    yield* turn(slice, follows.length);
  }
  return causes.map((cause) => {
    const more = own.get(cause) ?? [];
    const findings = [...cause.findings, ...more];
    const severity = worst([cause.severity, ...more.map((each) => each.severity)]);
    return { ...cause, findings, severity, following: more.length, shared: shared.get(cause) ?? [] };
  });
}

function* causesOfOwn(failing: readonly FailingElement[], evidence: Evidence, slice: SliceLimit): Slices<Cause[]> {
  const candidates = yield* candidatesOf(failing, evidence, slice);
  const causes: Cause[] = [];
  for (const { scope, items } of yield* largestFirst(candidates, slice))
    causes.push(yield* causeOf(scope, items, evidence, slice));
  return causes;
}

/** The candidates that explain each item once: first the one that explains the most; of equal ones, the smallest. */
function* largestFirst<T>(candidates: readonly Candidate<T>[], slice: SliceLimit): Slices<readonly Candidate<T>[]> {
  const explained = new Set<T>();
  const isOpen = (item: T) => !explained.has(item);
  const chosen: Candidate<T>[] = [];
  const bySize: Candidate<T>[][] = [];
  const enter = (candidate: Candidate<T>, size: number): void => {
    if (size < candidate.least) return;
    const same = bySize[size] ?? [];
    bySize[size] = same;
    same.push(candidate);
  };
  for (const candidate of candidates) enter(candidate, candidate.items.length);
  // What a larger candidate has explained leaves the smaller ones, so that one may come back with a smaller size.
  for (let size = bySize.length - 1; size > 0; size--) {
    const left: Candidate<T>[] = [];
    for (const candidate of bySize[size] ?? []) {
      yield* turn(slice, size);
      if (candidate.items.every(isOpen)) {
        left.push(candidate);
        continue;
      }
      const rest = candidate.items.filter(isOpen);
      enter({ ...candidate, items: rest }, rest.length);
    }
    for (const candidate of left.sort(bySmallest)) {
      yield* turn(slice, size);
      const rest = candidate.items.filter(isOpen);
      if (rest.length < size) {
        enter({ ...candidate, items: rest }, rest.length);
        continue;
      }
      for (const item of rest) explained.add(item);
      chosen.push({ ...candidate, items: rest });
    }
  }
  return chosen;
}

function* candidatesOf(
  failing: readonly FailingElement[],
  evidence: Evidence,
  slice: SliceLimit,
): Slices<Candidate<FailingElement>[]> {
  const candidates = new Map<string, Candidate<FailingElement>>();
  for (const element of failing) {
    yield* turn(slice, 1);
    for (const [index, scope] of element.scopes.entries()) {
      if (isOfSeveralOnly(scope)) continue;
      const key = element.keys[index] ?? "";
      const candidate = candidates.get(key);
      if (candidate === undefined) candidates.set(key, { key, scope, items: [element], least: 1 });
      else candidate.items.push(element);
    }
  }
  const possible: Candidate<FailingElement>[] = [];
  for (const each of candidates.values()) {
    yield* turn(slice, Math.ceil(each.items.length / 4));
    if (!evidence.worksSince(each.scope, firstSeenMs(each.items))) possible.push(each);
  }
  return possible;
}

/** Causes of one kind that are parts of one thing, as one LUN that several hosts have lost, are one cause. */
function* withGrown(causes: Cause[], slice: SliceLimit): Slices<Cause[]> {
  if (causes.length < 2) return causes;
  const groups = new Map<string, { readonly grown: Grown; readonly items: Cause[] }>();
  for (const cause of causes) {
    for (const grown of grownInto(cause.scope, yield* commonScopes(cause.elements, slice))) {
      const group = groups.get(keyOf(grown.scope));
      if (group === undefined) groups.set(keyOf(grown.scope), { grown, items: [cause] });
      else group.items.push(cause);
    }
  }
  const candidates = [...groups].flatMap(([key, { grown, items }]) =>
    grown.isAtOneTime ? atOneTime(grown, items) : [{ ...grown, key, items }],
  );
  const chosen = yield* largestFirst(candidates, slice);
  const parts = new Set(chosen.flatMap(({ items }) => items));
  const grown = chosen.map(({ scope, items }): Cause => {
    const [findings, elements] = [items.flatMap((each) => each.findings), items.flatMap((each) => each.elements)];
    const doubts = items.flatMap((each) => each.doubts);
    const severity = worst(items.map((each) => each.severity));
    const isDoubtful = items.some((each) => each.isDoubtful);
    return { scope, findings, following: 0, shared: [], severity, elements, doubts, isDoubtful, parts: items };
  });
  return [...grown, ...causes.filter((cause) => !parts.has(cause))].sort(
    (a, b) => b.elements.length - a.elements.length || bySmallest(named(a), named(b)),
  );
}

const named = ({ scope }: Cause) => ({ scope, key: keyOf(scope) });

/** Those that began at one time, for each time. */
function atOneTime({ scope, least }: Grown, causes: readonly Cause[]): Candidate<Cause>[] {
  const candidates: (Candidate<Cause> & { readonly sinceMs: number })[] = [];
  const inOrder = causes.map((cause) => ({ cause, sinceMs: firstSeenMs(cause.elements) }));
  for (const { cause, sinceMs } of inOrder.sort((a, b) => a.sinceMs - b.sinceMs)) {
    const last = candidates.at(-1);
    if (last !== undefined && isOneTime(last.sinceMs, sinceMs)) last.items.push(cause);
    else {
      const own = { ...scope, id: `${scope.id} since ${sinceMs}` };
      candidates.push({ key: keyOf(own), scope: own, items: [cause], least, sinceMs });
    }
  }
  return candidates;
}

export function firstSeenMs(elements: readonly FailingElement[]): number {
  let firstMs = Number.POSITIVE_INFINITY;
  for (const { findings } of elements) for (const { sinceMs } of findings) firstMs = Math.min(firstMs, sinceMs);
  return firstMs;
}

type Named = Pick<Candidate<unknown>, "scope" | "key">;
const bySmallest = (a: Named, b: Named): number => rankOf(a.scope) - rankOf(b.scope) || (a.key < b.key ? -1 : 1);

function* causeOf(
  scope: Scope,
  elements: readonly FailingElement[],
  evidence: Evidence,
  slice: SliceLimit,
): Slices<Cause> {
  const byKey = new Map<string, Found>();
  for (const element of elements) for (const finding of element.findings) byKey.set(finding.key, finding);
  const findings = [...byKey.values()];
  yield* turn(slice, elements.length);
  const severity = worst(findings.map((each) => each.severity));
  const sinceMs = firstSeenMs(elements);
  const common = yield* commonScopes(elements, slice);
  const doubts = common.filter(
    (each) => evidence.worksSince(each, Number.NEGATIVE_INFINITY) && !evidence.worksSince(each, sinceMs),
  );
  return { scope, findings, following: 0, shared: [], severity, elements, doubts, isDoubtful: doubts.length > 0 };
}

function* commonScopes(elements: readonly FailingElement[], slice: SliceLimit): Slices<Scope[]> {
  const [first] = elements;
  let common = new Map((first?.keys ?? []).map((key, index) => [key, first?.scopes[index]]));
  for (const { keys } of elements) {
    yield* turn(slice, 1);
    if (keys.filter((key) => common.has(key)).length < common.size)
      common = new Map([...common].filter(([key]) => keys.includes(key)));
  }
  return [...common.values()].filter((scope) => scope !== undefined);
}

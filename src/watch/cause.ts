import { type Scope, scopes } from "../core/cause-scope.ts";
import { type Finding, type Severity, worst } from "../core/finding.ts";
import { runToEnd, SliceLimit, type Slices } from "../core/parts.ts";

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
}

interface Candidate {
  readonly key: string;
  readonly scope: Scope;
  readonly failing: FailingElement[];
}

export const keyOf = ({ kind, id }: Scope): string => `${kind} ${id}`;
const rankOf = ({ kind }: Scope): number => scopes.indexOf(kind);

/** So many elements are compared in a few milliseconds, each with its scopes. */
const ELEMENTS = 1_000;

export const causesOf = (failing: readonly FailingElement[], evidence: Evidence): Cause[] =>
  runToEnd(causesInSlices(failing, evidence));

/**
 * Each finding is in exactly one cause. What follows from several causes is in the one that began last: until then it was
 * not so bad. What works in a scope rules it out, if it was observed since the first finding in
 * it: an older observation says nothing about a fault that began later. Of several scopes, the one that explains the
 * most counts; of equal ones, the smallest. The cost grows with what fails.
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
  const causes = yield* causesOfOwn(own, evidence, slice);
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
  const explained = new Set<FailingElement>();
  const isOpen = (element: FailingElement) => !explained.has(element);
  const causes: Cause[] = [];
  const bySize: Candidate[][] = [];
  const enter = (candidate: Candidate, size: number): void => {
    const same = bySize[size] ?? [];
    bySize[size] = same;
    same.push(candidate);
  };
  for (const candidate of yield* candidatesOf(failing, evidence, slice)) enter(candidate, candidate.failing.length);
  // What a larger cause has explained leaves the smaller ones, so that a candidate may come back with a smaller size.
  for (let size = bySize.length - 1; size > 0; size--) {
    const left: Candidate[] = [];
    for (const candidate of bySize[size] ?? []) {
      yield* turn(slice, size);
      if (candidate.failing.every(isOpen)) {
        left.push(candidate);
        continue;
      }
      const rest = candidate.failing.filter(isOpen);
      enter({ ...candidate, failing: rest }, rest.length);
    }
    for (const candidate of left.sort(bySmallest)) {
      const { scope, failing: all } = candidate;
      yield* turn(slice, size);
      const rest = all.filter(isOpen);
      if (rest.length < size) {
        enter({ ...candidate, failing: rest }, rest.length);
        continue;
      }
      for (const element of rest) explained.add(element);
      causes.push(yield* causeOf(scope, rest, evidence, slice));
    }
  }
  return causes;
}

function* candidatesOf(failing: readonly FailingElement[], evidence: Evidence, slice: SliceLimit): Slices<Candidate[]> {
  const candidates = new Map<string, Candidate>();
  for (const element of failing) {
    yield* turn(slice, 1);
    for (const [index, scope] of element.scopes.entries()) {
      const key = element.keys[index] ?? "";
      const candidate = candidates.get(key);
      if (candidate === undefined) candidates.set(key, { key, scope, failing: [element] });
      else candidate.failing.push(element);
    }
  }
  const possible: Candidate[] = [];
  for (const each of candidates.values()) {
    yield* turn(slice, Math.ceil(each.failing.length / 4));
    if (!evidence.worksSince(each.scope, firstSeenMs(each.failing))) possible.push(each);
  }
  return possible;
}

export function firstSeenMs(elements: readonly FailingElement[]): number {
  let firstMs = Number.POSITIVE_INFINITY;
  for (const { findings } of elements) for (const { sinceMs } of findings) firstMs = Math.min(firstMs, sinceMs);
  return firstMs;
}

const bySmallest = (a: Candidate, b: Candidate): number =>
  rankOf(a.scope) - rankOf(b.scope) || (a.key < b.key ? -1 : 1);

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

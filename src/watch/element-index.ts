import type { Scope } from "../core/cause-scope.ts";
import type { Finding } from "../core/finding.ts";
import { type Element, type Evidence, type FailingElement, keyOf } from "./cause.ts";

type Elements = ReadonlyMap<string, Element>;
const none: Elements = new Map();

/** By owner: how many of its elements work in a scope. */
type Witnesses = Map<string, number>;

/** One scope, of all elements that are a part of it. */
interface Place {
  readonly scope: Scope;
  /** So many elements are a part of it. */
  uses: number;
  /** Most scopes have one owner: these are counted without a map of their own. null: nothing in it works. */
  working: readonly [owner: string, count: number] | Witnesses | null;
}

/**
 * The elements of all owners, a host or a storage each, and who shows that something works in each scope. The cost of one
 * owner's observation depends on that owner only, and is nearly nothing if nothing changed. A scope of many elements is
 * kept once.
 */
export class ElementIndex implements Evidence {
  readonly #owners = new Map<string, Elements>();
  /** When each owner was asked last, and when it answered. */
  readonly #observed = new Map<string, { readonly sentMs: number; readonly atMs: number }>();
  /** By the kind and the id of the scope. */
  readonly #places = new Map<Scope["kind"], Map<string, Place>>();
  /** By owner, and by the name of the element. */
  readonly #failing = new Map<string, ReadonlyMap<string, FailingElement>>();
  readonly #earlier: ReadonlyMap<string, number>;

  /** `since`: when each finding was first seen, in milliseconds, by an earlier process. It counts at the first observation. */
  constructor(since: ReadonlyMap<string, number> = new Map()) {
    this.#earlier = since;
  }

  of(owner: string): Elements {
    return this.#owners.get(owner) ?? none;
  }

  /**
   * Takes the place of what the owner had. What is equal is the same object as before. A finding that it had keeps the time
   * at which it was first seen. `sentMs`: when the owner was asked. A slow host's answer may be older than it seems: what
   * works in it is known to have worked then, not later. What fails and what works in one answer was read at one time.
   */
  set(owner: string, given: Elements, atMs: number, sentMs = atMs): void {
    const before = this.of(owner);
    const isFirst = !this.#observed.has(owner);
    this.#observed.set(owner, { sentMs, atMs });
    const fresh = [...given].filter(([name, element]) => !isSame(before.get(name), element));
    if (fresh.length === 0 && given.size === before.size) {
      this.#owners.set(owner, before);
      return;
    }
    const entered = new Map(fresh.map(([name, element]) => [name, this.#entered(owner, element)]));
    const elements = new Map<string, Element>();
    for (const name of given.keys()) {
      const element = entered.get(name) ?? before.get(name);
      if (element !== undefined) elements.set(name, element);
    }
    for (const [name, element] of before) if (elements.get(name) !== element) this.#left(owner, element);
    this.#owners.set(owner, elements);
    this.#setFailing(owner, elements, before, isFirst, atMs);
  }

  /** The clock was set: what was observed keeps its age. */
  shift(byMs: number): void {
    for (const [owner, { sentMs, atMs }] of this.#observed)
      this.#observed.set(owner, { sentMs: sentMs + byMs, atMs: atMs + byMs });
    for (const [owner, failing] of this.#failing)
      this.#failing.set(owner, new Map([...failing].map(([name, each]) => [name, shifted(each, byMs)])));
  }

  owners(): IterableIterator<string> {
    return this.#observed.keys();
  }

  /** For an owner that left the inventory. */
  remove(owner: string): void {
    this.set(owner, none, 0);
    this.#owners.delete(owner);
    this.#observed.delete(owner);
  }

  get isFailing(): boolean {
    return this.#failing.size > 0;
  }

  failing(): FailingElement[] {
    return [...this.#failing.values()].flatMap((elements) => [...elements.values()]);
  }

  failingKeys(): ReadonlySet<string> {
    return new Set(this.failing().flatMap(({ findings }) => findings.map(({ key }) => key)));
  }

  worksSince(scope: Scope, sinceMs: number): boolean {
    const working = this.#places.get(scope.kind)?.get(scope.id)?.working ?? null;
    if (working === null) return false;
    if (!(working instanceof Map)) return this.#isSince(working[0], sinceMs);
    for (const owner of working.keys()) if (this.#isSince(owner, sinceMs)) return true;
    return false;
  }

  /** Who showed that something works in the scope. */
  witnesses(scope: Scope): string[] {
    const working = this.#places.get(scope.kind)?.get(scope.id)?.working ?? null;
    if (working === null) return [];
    return working instanceof Map ? [...working.keys()] : [working[0]];
  }

  /** How many scopes are kept. */
  get size(): number {
    return [...this.#places.values()].reduce((sum, { size }) => sum + size, 0);
  }

  #isSince(owner: string, sinceMs: number): boolean {
    const observed = this.#observed.get(owner);
    if (observed === undefined) return false;
    // A finding has the time of the answer that showed it first: that answer is evidence of what else it shows.
    return observed.sentMs >= sinceMs || (observed.atMs === sinceMs && this.#failing.has(owner));
  }

  /** With the scopes that are kept already. */
  #entered(owner: string, { findings, scopes: [first, ...others], ...rest }: Element): Element {
    const enter = (scope: Scope): Scope => {
      const places = this.#places.get(scope.kind) ?? new Map<string, Place>();
      this.#places.set(scope.kind, places);
      const place = places.get(scope.id) ?? { scope: copied(scope), uses: 0, working: null };
      if (place.uses === 0) places.set(place.scope.id, place);
      place.uses += 1;
      if (findings.length === 0) count(place, owner, 1);
      return place.scope;
    };
    return { ...rest, findings, scopes: [enter(first), ...others.map(enter)] };
  }

  #left(owner: string, { findings, scopes }: Element): void {
    for (const scope of scopes) {
      const place = this.#places.get(scope.kind)?.get(scope.id);
      if (place === undefined) continue;
      place.uses -= 1;
      if (findings.length === 0) count(place, owner, -1);
      if (place.uses === 0) this.#places.get(scope.kind)?.delete(scope.id);
    }
  }

  #setFailing(owner: string, elements: Elements, before: Elements, isFirst: boolean, atMs: number): void {
    const had = this.#failing.get(owner) ?? new Map<string, FailingElement>();
    const since = isFirst
      ? this.#earlier
      : new Map([...had.values()].flatMap(({ findings }) => findings.map(({ key, sinceMs }) => [key, sinceMs])));
    const failing = new Map<string, FailingElement>();
    for (const [name, element] of elements) {
      if (element.findings.length === 0) continue;
      const kept = before.get(name) === element ? had.get(name) : undefined;
      failing.set(name, kept ?? this.#failingFrom(element, since, atMs));
    }
    if (failing.size > 0) this.#failing.set(owner, failing);
    else this.#failing.delete(owner);
  }

  #failingFrom(
    { findings, scopes, follows }: Element,
    since: ReadonlyMap<string, number>,
    atMs: number,
  ): FailingElement {
    return {
      scopes,
      ...(follows && { follows }),
      keys: scopes.map(keyOf),
      findings: findings.map((each) => ({ ...each, sinceMs: since.get(each.key) ?? atMs })),
    };
  }
}

/** A copy of one piece: a text that is made of pieces keeps each of them. */
const copied = ({ kind, id }: Scope): Scope => ({ kind, id: structuredClone(id) });

function count(place: Place, owner: string, by: 1 | -1): void {
  const { working } = place;
  if (working === null) place.working = [owner, by];
  else if (working instanceof Map) {
    const sum = (working.get(owner) ?? 0) + by;
    if (sum > 0) working.set(owner, sum);
    else working.delete(owner);
    if (working.size === 0) place.working = null;
  } else {
    const [of, before] = working;
    if (of !== owner) place.working = new Map([working, [owner, by]]);
    else place.working = before + by > 0 ? [owner, before + by] : null;
  }
}

function isSame(before: Element | undefined, now: Element): boolean {
  if (before === now) return true;
  return (
    before !== undefined &&
    before.findings.length === now.findings.length &&
    before.scopes.length === now.scopes.length &&
    now.scopes.every(({ kind, id }, at) => before.scopes[at]?.kind === kind && before.scopes[at]?.id === id) &&
    now.findings.every((finding, at) => isSameFinding(before.findings[at], finding)) &&
    (before.follows ?? []).join() === (now.follows ?? []).join()
  );
}

function isSameFinding(before: Finding | undefined, now: Finding): boolean {
  if (before === undefined) return false;
  const names = Object.keys(now) as (keyof Finding)[];
  return names.length === Object.keys(before).length && names.every((name) => before[name] === now[name]);
}

const shifted = (element: FailingElement, byMs: number): FailingElement => ({
  ...element,
  findings: element.findings.map((each) => ({ ...each, sinceMs: each.sinceMs + byMs })),
});

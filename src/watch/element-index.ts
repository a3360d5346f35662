import type { Scope } from "../core/cause-scope.ts";
import { type Element, type Evidence, type FailingElement, keyOf } from "./cause.ts";
import { withKeptElements } from "./kept-objects.ts";

type Elements = ReadonlyMap<string, Element>;
const none: Elements = new Map();

/** By owner: how many of its elements work in a scope. */
type Witnesses = Map<string, number>;

/**
 * The elements of all owners, a host or a storage each, and who shows that something works in each scope. The cost of one
 * owner's observation depends on that owner only.
 */
export class ElementIndex implements Evidence {
  readonly #owners = new Map<string, Elements>();
  readonly #observedMs = new Map<string, number>();
  /** By the key of the scope. Most scopes have one owner: these are counted without a map of their own. */
  readonly #working = new Map<string, readonly [owner: string, count: number] | Witnesses>();
  readonly #failing = new Map<string, readonly FailingElement[]>();

  of(owner: string): Elements {
    return this.#owners.get(owner) ?? none;
  }

  /** Takes the place of what the owner had. A finding that it had keeps the time at which it was first seen. */
  set(owner: string, given: Elements, atMs: number): void {
    const before = this.of(owner);
    const elements = withKeptElements(before, given);
    const since = new Map(
      (this.#failing.get(owner) ?? []).flatMap(({ findings }) => findings.map(({ key, sinceMs }) => [key, sinceMs])),
    );
    this.#count(owner, before, -1, elements);
    this.#owners.set(owner, elements);
    this.#observedMs.set(owner, atMs);
    this.#count(owner, elements, 1, before);
    const failing = [...elements.values()].flatMap(({ findings, scopes, follows }): FailingElement[] =>
      findings.length === 0
        ? []
        : [
            {
              scopes,
              ...(follows && { follows }),
              keys: scopes.map(keyOf),
              findings: findings.map((each) => ({ ...each, sinceMs: since.get(each.key) ?? atMs })),
            },
          ],
    );
    if (failing.length > 0) this.#failing.set(owner, failing);
    else this.#failing.delete(owner);
  }

  /** For an owner that left the inventory. */
  remove(owner: string): void {
    this.set(owner, none, 0);
    this.#owners.delete(owner);
    this.#observedMs.delete(owner);
  }

  get isFailing(): boolean {
    return this.#failing.size > 0;
  }

  failing(): FailingElement[] {
    return [...this.#failing.values()].flat();
  }

  worksSince(scope: Scope, sinceMs: number): boolean {
    const working = this.#working.get(keyOf(scope));
    if (working === undefined) return false;
    if (!(working instanceof Map)) return this.#isSince(working[0], sinceMs);
    for (const owner of working.keys()) if (this.#isSince(owner, sinceMs)) return true;
    return false;
  }

  /** Who showed that something works in the scope. */
  witnesses(scope: Scope): string[] {
    const working = this.#working.get(keyOf(scope));
    if (working === undefined) return [];
    return working instanceof Map ? [...working.keys()] : [working[0]];
  }

  #isSince(owner: string, sinceMs: number): boolean {
    return (this.#observedMs.get(owner) ?? Number.NEGATIVE_INFINITY) >= sinceMs;
  }

  /** `others`: what is kept in them is not counted. */
  #count(owner: string, elements: Elements, by: 1 | -1, others: Elements): void {
    for (const [name, element] of elements) {
      const { findings, scopes } = element;
      if (findings.length > 0 || others.get(name) === element) continue;
      for (const scope of scopes) this.#countIn(keyOf(scope), owner, by);
    }
  }

  #countIn(key: string, owner: string, by: 1 | -1): void {
    const before = this.#working.get(key);
    if (before === undefined) this.#working.set(key, [owner, by]);
    else if (before instanceof Map) {
      const count = (before.get(owner) ?? 0) + by;
      if (count > 0) before.set(owner, count);
      else before.delete(owner);
      if (before.size === 0) this.#working.delete(key);
    } else {
      const [of, count] = before;
      if (of !== owner) this.#working.set(key, new Map([before, [owner, by]]));
      else if (count + by > 0) this.#working.set(key, [owner, count + by]);
      else this.#working.delete(key);
    }
  }
}

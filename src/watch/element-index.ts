import type { Scope } from "../core/cause-scope.ts";
import { type Element, keyOf } from "./cause.ts";

type Elements = ReadonlyMap<string, Element>;
const none: Elements = new Map();

/**
 * The elements of all owners, a host or a storage each, and how many work in each scope. The cost of one
 * owner's observation depends on that owner only.
 */
export class ElementIndex {
  readonly #owners = new Map<string, Elements>();
  /** By the key of the scope. */
  readonly #working = new Map<string, number>();
  readonly #failing = new Map<string, readonly Element[]>();

  of(owner: string): Elements {
    return this.#owners.get(owner) ?? none;
  }

  /** Takes the place of what the owner had. */
  set(owner: string, elements: Elements): void {
    this.#count(this.of(owner), -1);
    this.#owners.set(owner, elements);
    this.#count(elements, 1);
    const failing = [...elements.values()].filter(({ findings }) => findings.length > 0);
    if (failing.length > 0) this.#failing.set(owner, failing);
    else this.#failing.delete(owner);
  }

  /** For an owner that left the inventory. */
  remove(owner: string): void {
    this.set(owner, none);
    this.#owners.delete(owner);
  }

  failing(): Element[] {
    return [...this.#failing.values()].flat();
  }

  /** Whether anything in the scope works. */
  works(scope: Scope): boolean {
    return (this.#working.get(keyOf(scope)) ?? 0) > 0;
  }

  #count(elements: Elements, by: 1 | -1): void {
    for (const { findings, scopes } of elements.values()) {
      if (findings.length > 0) continue;
      for (const scope of scopes) {
        const key = keyOf(scope);
        const count = (this.#working.get(key) ?? 0) + by;
        if (count === 0) this.#working.delete(key);
        else this.#working.set(key, count);
      }
    }
  }
}

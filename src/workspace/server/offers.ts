import type { Option } from "./menu-rules.ts";

const KEPT = 1_000;

/** The options that the menus of one view have offered: a person can choose no other. */
export class Offers {
  readonly #offered = new Map<string, Option>();

  add(blockId: string, actionId: string, options: readonly Option[]): void {
    for (const option of options) this.#offered.set(keyOf(blockId, actionId, option.value), option);
    for (const key of [...this.#offered.keys()].slice(0, -KEPT)) this.#offered.delete(key);
  }

  find(blockId: string, actionId: string, value: string): Option | null {
    return this.#offered.get(keyOf(blockId, actionId, value)) ?? null;
  }
}

const keyOf = (...parts: string[]): string => JSON.stringify(parts);

interface Release {
  readonly operationId: string;
  readonly atMs: number;
}
/** No caller asks for earlier releases, in milliseconds. */
const REMEMBERED_MS = 600_000;

/** Which operation has locked which name. In memory: after a restart nothing runs, so nothing is locked. */
export class Locks {
  readonly #holders = new Map<string, string>();
  /** By name, the latest last. */
  readonly #released = new Map<string, readonly Release[]>();

  /** Locks all names or none. Returns the operation that has locked one of them already, or null. */
  take(names: readonly string[], operationId: string): string | null {
    const holder = names.map((name) => this.#holders.get(name)).find((each) => each !== undefined);
    if (holder !== undefined) return holder;
    for (const name of names) this.#holders.set(name, operationId);
    return null;
  }

  /** The operations that have locked one of these names. */
  holdersOf(names: readonly string[]): string[] {
    return [...new Set(names.flatMap((name) => this.#holders.get(name) ?? []))];
  }

  heldBy(operationId: string): ReadonlySet<string> {
    return new Set([...this.#holders].flatMap(([name, holder]) => (holder === operationId ? [name] : [])));
  }

  release(operationId: string): void {
    for (const [name, holder] of this.#holders) {
      if (holder !== operationId) continue;
      this.#holders.delete(name);
      const atMs = Date.now();
      const earlier = (this.#released.get(name) ?? []).filter((release) => atMs - release.atMs <= REMEMBERED_MS);
      this.#released.set(name, [...earlier, { operationId, atMs }]);
    }
  }

  /** The operations that have locked one of these names, or released it within this time. */
  changing(names: readonly string[], withinMs: number): readonly string[] {
    const nowMs = Date.now();
    const found = names.flatMap((name) => [
      ...[this.#holders.get(name)].filter((holder) => holder !== undefined),
      ...(this.#released.get(name) ?? []).flatMap((each) => (nowMs - each.atMs <= withinMs ? [each.operationId] : [])),
    ]);
    return [...new Set(found)];
  }
}

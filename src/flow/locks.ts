/** Which operation has locked which name. In memory: after a restart nothing runs, so nothing is locked. */
export class Locks {
  readonly #holders = new Map<string, string>();
  readonly #released = new Map<string, { readonly operationId: string; readonly atMs: number }>();

  /** Locks all names or none. Returns the operation that has locked one of them already, or null. */
  take(names: readonly string[], operationId: string): string | null {
    const holder = names.map((name) => this.#holders.get(name)).find((each) => each !== undefined);
    if (holder !== undefined) return holder;
    for (const name of names) this.#holders.set(name, operationId);
    return null;
  }

  release(operationId: string): void {
    for (const [name, holder] of this.#holders) {
      if (holder !== operationId) continue;
      this.#holders.delete(name);
      this.#released.set(name, { operationId, atMs: Date.now() });
    }
  }

  /** The operation that has locked one of these names, or released it within this time. null: there is none. */
  changing(names: readonly string[], withinMs: number): string | null {
    for (const name of names) {
      const released = this.#released.get(name);
      const holder = this.#holders.get(name);
      if (holder !== undefined) return holder;
      if (released !== undefined && Date.now() - released.atMs <= withinMs) return released.operationId;
    }
    return null;
  }
}

/** Which operation has locked which name. In memory: after a restart nothing runs, so nothing is locked. */
export class Locks {
  readonly #holders = new Map<string, string>();

  /** Locks all names or none. Returns the operation that has locked one of them already, or null. */
  take(names: readonly string[], operationId: string): string | null {
    const holder = names.map((name) => this.#holders.get(name)).find((each) => each !== undefined);
    if (holder !== undefined) return holder;
    for (const name of names) this.#holders.set(name, operationId);
    return null;
  }

  release(operationId: string): void {
    for (const [name, holder] of this.#holders) if (holder === operationId) this.#holders.delete(name);
  }
}

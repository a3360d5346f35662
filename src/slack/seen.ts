const KEPT = 2_000;

/** Ids of what was taken in already. Slack delivers at least once, and people click twice. */
export class Seen {
  readonly #ids = new Set<string>();

  /** Whether this id is new; from now on it is not. Decided at once, so that it can come before any await. */
  isNew(id: string): boolean {
    if (this.#ids.has(id)) return false;
    this.#ids.add(id);
    if (this.#ids.size > KEPT) {
      const [oldest] = this.#ids;
      if (oldest !== undefined) this.#ids.delete(oldest);
    }
    return true;
  }
}

import type { PageEvent } from "../page-protocol.ts";

export type NewsListener = (event: PageEvent) => void;

/** Tells whoever looks at the workspace what happens in it. */
export class PageNews {
  readonly #listeners = new Set<NewsListener>();

  /** Returns how to stop listening. */
  subscribe(listener: NewsListener): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  tell(event: PageEvent): void {
    for (const listener of this.#listeners) listener(event);
  }
}

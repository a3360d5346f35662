import type { PageEvent } from "../page-protocol.ts";

type PageEventListener = (event: PageEvent) => void;

/** Sends the events of the workspace to its open pages. */
export class PageEvents {
  readonly #listeners = new Set<PageEventListener>();

  /** Returns a function that ends the subscription. */
  subscribe(listener: PageEventListener): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  emit(event: PageEvent): void {
    for (const listener of this.#listeners) listener(event);
  }
}

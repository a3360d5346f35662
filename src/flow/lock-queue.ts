import { Locks } from "./locks.ts";

interface Waiting {
  readonly operationId: string;
  readonly names: readonly string[];
  readonly granted: () => void;
  /** Called when its place in the queue is another one. */
  readonly moved: () => void;
}

/**
 * Operation locks with a queue: first come, first served. An operation never overtakes an earlier one that waits for one
 * of its names, so none waits without end. Operations without a common name do not wait for each other. In memory.
 */
export class LockQueue {
  readonly #locks = new Locks();
  #waiting: Waiting[] = [];
  #isClosed = false;

  /** Locks all names or none. false: another operation has one of them, or waits for it. */
  take(names: readonly string[], operationId: string): boolean {
    return this.ahead(names, operationId).length === 0 && this.#locks.take(names, operationId) === null;
  }

  /** Calls `granted` once all names are locked, which is never at once. */
  wait(waiting: Waiting): void {
    this.#waiting.push(waiting);
  }

  leave(operationId: string): void {
    if (!this.#waiting.some((each) => each.operationId === operationId)) return;
    this.#waiting = this.#waiting.filter((each) => each.operationId !== operationId);
    this.#grant();
  }

  release(operationId: string): void {
    this.#locks.release(operationId);
    this.#grant();
  }

  /** The operations that this one waits for: those that have a name, then those that wait for one, in their order. */
  ahead(names: readonly string[], operationId: string): string[] {
    const end = this.#waiting.findIndex((each) => each.operationId === operationId);
    const earlier = end < 0 ? this.#waiting : this.#waiting.slice(0, end);
    const waiting = earlier.filter((each) => haveCommon(each.names, names)).map((each) => each.operationId);
    return [...this.#locks.holdersOf(names).filter((holder) => holder !== operationId), ...waiting];
  }

  heldBy(operationId: string): ReadonlySet<string> {
    return this.#locks.heldBy(operationId);
  }

  /** As `Locks.changing`: an operation that waits changes nothing. */
  changing(names: readonly string[], withinMs: number): readonly string[] {
    return this.#locks.changing(names, withinMs);
  }

  /** From then on nothing that waits is granted. */
  close(): void {
    this.#isClosed = true;
  }

  #grant(): void {
    if (this.#isClosed) return;
    for (const waiting of [...this.#waiting]) {
      const { names, operationId } = waiting;
      if (this.ahead(names, operationId).length > 0 || this.#locks.take(names, operationId) !== null) continue;
      this.#waiting = this.#waiting.filter((each) => each !== waiting);
      waiting.granted();
    }
    for (const { moved } of this.#waiting) moved();
  }
}

const haveCommon = (some: readonly string[], others: readonly string[]): boolean =>
  some.some((name) => others.includes(name));

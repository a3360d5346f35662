/** Confirmed plans go before people's questions, and these before the watch. */
export type Urgency = "operation" | "query" | "watch";

/** Waiting tasks: those of operations first, then queries, then the watch; each in order of arrival. */
export interface Queue {
  /** Rejects with `QueueTimeout` if the turn did not come in time: the task has not begun and never will. */
  run<T>(task: () => Promise<T>, waitLimitMs: number, urgency: Urgency): Promise<T>;
  /** Waiting queries count as operations from now on: an operation waits for the same result. */
  hurry(): void;
}

/** The number of tasks that may run at once. Queries never take all slots, so that an operation gets one. */
export interface Places {
  readonly all: number;
  /** Of these; the watch takes from them too. */
  readonly queries: number;
  /** Of those; absent: as many. */
  readonly watch?: number;
}

export class QueueTimeout extends Error {
  override name = "QueueTimeout";
  constructor(waitedMs: number) {
    super(`other commands kept the host busy for ${Math.round(waitedMs / 1000)} s`);
  }
}

interface Turn {
  urgency: Urgency;
  begin(): void;
}

/** A number of slots, and the tasks that wait for one. */
class Gate {
  readonly #places: Places;
  readonly #running: Record<Urgency, number> = { operation: 0, query: 0, watch: 0 };
  readonly #waiting: Record<Urgency, Set<Turn>> = { operation: new Set(), query: new Set(), watch: new Set() };

  constructor(places: Places) {
    this.#places = places;
  }

  enter(turn: Turn): void {
    this.#waiting[turn.urgency].add(turn);
    this.#beginWhatMay();
  }

  /** For a turn that did not begin. */
  giveUp(turn: Turn): void {
    this.#waiting[turn.urgency].delete(turn);
  }

  leave(urgency: Urgency): void {
    this.#running[urgency]--;
    this.#beginWhatMay();
  }

  hurry(turns: Iterable<Turn>): void {
    for (const turn of turns) {
      if (this.#waiting.query.delete(turn) || this.#waiting.watch.delete(turn)) this.#waiting.operation.add(turn);
      turn.urgency = "operation";
    }
    this.#beginWhatMay();
  }

  #beginWhatMay(): void {
    for (let next = this.#next(); next !== null; next = this.#next()) {
      this.#waiting[next.urgency].delete(next);
      this.#running[next.urgency]++;
      next.begin();
    }
  }

  #next(): Turn | null {
    const { operation, query, watch } = this.#running;
    const { all, queries } = this.#places;
    if (operation + query + watch >= all) return null;
    const [first] = this.#waiting.operation;
    if (first !== undefined) return first;
    if (query + watch >= queries) return null;
    const [asked] = this.#waiting.query;
    if (asked !== undefined) return asked;
    const [watching] = this.#waiting.watch;
    return watching !== undefined && watch < (this.#places.watch ?? queries) ? watching : null;
  }
}

/**
 * Makes queues with their own slots, and common slots over all of them. Bottleneck could do this, but it needs about 5
 * ms of timers for each task, and starts tasks with a common limit one by one. 100 hosts would wait 300 ms for their
 * turn; the whole exchange takes 60 ms on kept connections.
 */
export function createQueues(each: Places, all: Places): () => Queue {
  const common = new Gate(all);
  return () => {
    const own = new Gate(each);
    /** Has no slot of either gate yet. */
    const waiting = new Set<Turn>();
    return {
      run: async (task, waitLimitMs, urgency) => {
        const enter = (gate: Gate, turnUrgency: Urgency, limitMs: number) =>
          new Promise<Urgency>((resolve, reject) => {
            const turn: Turn = {
              urgency: turnUrgency,
              begin() {
                clearTimeout(timer);
                waiting.delete(turn);
                resolve(turn.urgency);
              },
            };
            const timer = setTimeout(() => {
              waiting.delete(turn);
              gate.giveUp(turn);
              reject(new QueueTimeout(waitLimitMs));
            }, limitMs);
            waiting.add(turn);
            gate.enter(turn);
          });
        const beganAt = performance.now();
        const ownUrgency = await enter(own, urgency, waitLimitMs);
        try {
          const leftMs = Math.max(0, waitLimitMs - (performance.now() - beganAt));
          const commonUrgency = await enter(common, ownUrgency, leftMs);
          try {
            return await task();
          } finally {
            common.leave(commonUrgency);
          }
        } finally {
          own.leave(ownUrgency);
        }
      },
      hurry: () => {
        for (const gate of [own, common]) gate.hurry(waiting);
      },
    };
  };
}

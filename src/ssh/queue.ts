import Bottleneck from "bottleneck";

/** Tasks that wait for their turn, the first come first. The only file that knows what makes them wait. */
export interface Queue {
  /** Rejects with `WaitedTooLong` where the turn did not come in time: the task was not begun and never will be. */
  run<T>(task: () => Promise<T>, waitLimitMs: number): Promise<T>;
}

export class WaitedTooLong extends Error {
  override name = "WaitedTooLong";
}

/** Makes queues of `each` tasks at once, and `all` at once over all of them. */
export function createQueues(each: number, all: number): () => Queue {
  const shared = new Bottleneck({ maxConcurrent: all });
  return () => {
    const own = new Bottleneck({ maxConcurrent: each });
    own.chain(shared);
    return { run: (task, waitLimitMs) => inTurn(own, task, waitLimitMs) };
  };
}

// Bottleneck's own `expiration` frees the place while the task goes on, so it must not be used for changes.
function inTurn<T>(limiter: Bottleneck, task: () => Promise<T>, waitLimitMs: number): Promise<T> {
  return new Promise((resolve, reject) => {
    let gaveUp = false;
    const timer = setTimeout(() => {
      gaveUp = true;
      reject(new WaitedTooLong());
    }, waitLimitMs);
    void limiter.schedule(async () => {
      if (gaveUp) return;
      clearTimeout(timer);
      await task().then(resolve, reject);
    });
  });
}

/** Tasks that wait for their turn, the first come first. */
export interface Queue {
  /** Rejects with `WaitedTooLong` where the turn did not come in time: the task was not begun and never will be. */
  run<T>(task: () => Promise<T>, waitLimitMs: number): Promise<T>;
}

export class WaitedTooLong extends Error {
  override name = "WaitedTooLong";
}

interface Waiting {
  readonly own: { running: number };
  begin(): void;
}

/**
 * Makes queues of `each` tasks at once, and `all` at once over all of them. Bottleneck could do this, but it spends about
 * 5 ms of timers on each task and takes those that share a limit one by one: 100 hosts would wait 300 ms for their turn,
 * where the whole exchange takes 60 on kept connections.
 */
export function createQueues(each: number, all: number): () => Queue {
  const waiting: Waiting[] = [];
  let running = 0;

  function beginWhatMay(): void {
    for (let index = 0; running < all; ) {
      const next = waiting[index];
      if (next === undefined) return;
      if (next.own.running >= each) index++;
      else {
        waiting.splice(index, 1);
        next.begin();
      }
    }
  }

  return () => {
    const own = { running: 0 };
    const count = (by: 1 | -1) => {
      own.running += by;
      running += by;
    };
    return {
      run: (task, waitLimitMs) =>
        new Promise((resolve, reject) => {
          const timer = setTimeout(() => {
            waiting.splice(waiting.indexOf(turn), 1);
            reject(new WaitedTooLong());
          }, waitLimitMs);
          const turn: Waiting = {
            own,
            async begin() {
              clearTimeout(timer);
              count(+1);
              await task().then(resolve, reject);
              count(-1);
              beginWhatMay();
            },
          };
          waiting.push(turn);
          beginWhatMay();
        }),
    };
  };
}

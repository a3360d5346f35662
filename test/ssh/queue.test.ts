import { setTimeout as sleep } from "node:timers/promises";
import { describe, expect, it } from "vitest";
import { createQueues, QueueTimeout } from "../../src/ssh/queue.ts";

describe("queues", () => {
  it("hold each its own limit and together a common one", async () => {
    const newQueue = createQueues({ all: 2, queries: 2 }, { all: 5, queries: 5 });
    const running = new Map<number, number>();
    let busiest = 0;
    let busiestOfOne = 0;
    const task = (queue: number) => async () => {
      running.set(queue, (running.get(queue) ?? 0) + 1);
      busiestOfOne = Math.max(busiestOfOne, running.get(queue) ?? 0);
      busiest = Math.max(
        busiest,
        [...running.values()].reduce((sum, each) => sum + each),
      );
      await sleep(20);
      running.set(queue, (running.get(queue) ?? 0) - 1);
      return queue;
    };
    const queues = Array.from({ length: 6 }, newQueue);
    const results = await Promise.all(
      queues.flatMap((queue, index) => [1, 2, 3, 4].map(() => queue.run(task(index), 60_000, "query"))),
    );
    expect(results).toEqual([0, 1, 2, 3, 4, 5].flatMap((index) => [index, index, index, index]));
    expect([busiestOfOne, busiest]).toEqual([2, 5]);
  });

  it("stop waiting after the limit and then never begin the task", async () => {
    const queue = createQueues({ all: 1, queries: 1 }, { all: 10, queries: 10 })();
    const begun: string[] = [];
    const slow = queue.run(async () => sleep(200), 1_000, "query");
    await expect(queue.run(async () => void begun.push("late"), 20, "query")).rejects.toThrow(QueueTimeout);
    await slow;
    await queue.run(async () => void begun.push("next"), 1_000, "query");
    expect(begun).toEqual(["next"]);
  });

  it("pass a task's failure on and continue", async () => {
    const queue = createQueues({ all: 1, queries: 1 }, { all: 10, queries: 10 })();
    await expect(queue.run(() => Promise.reject(new Error("lost")), 1_000, "query")).rejects.toThrow("lost");
    expect(await queue.run(async () => 7, 1_000, "query")).toBe(7);
  });

  /** Tasks that end when the test says so. */
  function held() {
    const begun: string[] = [];
    const ends = new Map<string, () => void>();
    const task = (name: string) => () => {
      begun.push(name);
      return new Promise<void>((resolve) => ends.set(name, resolve));
    };
    const end = async (name: string) => {
      ends.get(name)?.();
      await sleep(0);
    };
    return { begun, task, end };
  }

  it("leave places to operations, however many queries wait, for each host and for all together", async () => {
    const newQueue = createQueues({ all: 2, queries: 1 }, { all: 4, queries: 3 });
    const { begun, task, end } = held();
    const queues = Array.from({ length: 5 }, newQueue);
    const waits = queues.map((queue, index) => queue.run(task(`query ${index}`), 60_000, "query"));
    await sleep(0);
    expect(begun).toEqual(["query 0", "query 1", "query 2"]);
    const again = queues[0]?.run(task("query again"), 60_000, "query");
    const operation = queues[0]?.run(task("operation"), 60_000, "operation");
    await sleep(0);
    expect(begun.slice(3)).toEqual(["operation"]);
    for (const name of ["operation", "query 0", "query 1", "query 2", "query 3", "query 4", "query again"])
      await end(name);
    await Promise.all([...waits, again, operation]);
  });

  it("begin what an operation needs before all queries that wait longer", async () => {
    const newQueue = createQueues({ all: 2, queries: 1 }, { all: 1, queries: 1 });
    const { begun, task, end } = held();
    const [one, other] = [newQueue(), newQueue()];
    const first = one.run(task("first"), 60_000, "query");
    const queries = Array.from({ length: 250 }, (_, index) => one.run(task(`query ${index}`), 60_000, "query"));
    const elsewhere = other.run(task("elsewhere"), 60_000, "query");
    const operation = one.run(task("operation"), 60_000, "operation");
    await sleep(0);
    await end("first");
    expect(begun).toEqual(["first", "operation"]);
    for (const name of ["operation", ...queries.map((_, index) => `query ${index}`)]) await end(name);
    await end("elsewhere");
    for (const [index] of queries.entries()) await end(`query ${index}`);
    await Promise.all([first, ...queries, elsewhere, operation]);
  });

  it("begin a query first for which an operation waits", async () => {
    const newQueue = createQueues({ all: 1, queries: 1 }, { all: 1, queries: 1 });
    const { begun, task, end } = held();
    const [one, other] = [newQueue(), newQueue()];
    const runs = [
      one.run(task("first"), 60_000, "query"),
      one.run(task("second"), 60_000, "query"),
      other.run(task("needed"), 60_000, "query"),
    ];
    await sleep(0);
    other.hurry();
    await end("first");
    expect(begun).toEqual(["first", "needed"]);
    await end("needed");
    await end("second");
    await Promise.all(runs);
  });
});

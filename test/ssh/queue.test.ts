import { setTimeout as sleep } from "node:timers/promises";
import { describe, expect, it } from "vitest";
import { createQueues, WaitedTooLong } from "../../src/ssh/queue.ts";

describe("queues", () => {
  it("hold each its own limit and together a common one", async () => {
    const newQueue = createQueues(2, 5);
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
      queues.flatMap((queue, index) => [1, 2, 3, 4].map(() => queue.run(task(index), 5_000))),
    );
    expect(results).toEqual([0, 1, 2, 3, 4, 5].flatMap((index) => [index, index, index, index]));
    expect([busiestOfOne, busiest]).toEqual([2, 5]);
  });

  it("give up waiting after a while and then never begin the task", async () => {
    const queue = createQueues(1, 10)();
    const begun: string[] = [];
    const slow = queue.run(async () => sleep(200), 1_000);
    await expect(queue.run(async () => void begun.push("late"), 20)).rejects.toThrow(WaitedTooLong);
    await slow;
    await queue.run(async () => void begun.push("next"), 1_000);
    expect(begun).toEqual(["next"]);
  });

  it("pass a task's failure on and go on", async () => {
    const queue = createQueues(1, 10)();
    await expect(queue.run(() => Promise.reject(new Error("lost")), 1_000)).rejects.toThrow("lost");
    expect(await queue.run(async () => 7, 1_000)).toBe(7);
  });
});

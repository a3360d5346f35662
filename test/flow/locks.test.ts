import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { Locks } from "../../src/flow/locks.ts";

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

it("an operation that changes a host is found, though another one ended on its cluster just before", () => {
  const locks = new Locks();
  locks.take(["hosts of cluster-1"], "op-2");
  locks.release("op-2");
  vi.advanceTimersByTime(10_000);
  locks.take(["scan of host1"], "op-3");
  expect(locks.changing(["hosts of cluster-1", "scan of host1"], 30_000)).toEqual(["op-2", "op-3"]);
});

it("an operation that ended just before is found, though the next one has its name already", () => {
  const locks = new Locks();
  for (const id of ["op-1", "op-2", "op-3"]) {
    locks.take(["ps-1"], id);
    if (id !== "op-3") locks.release(id);
    vi.advanceTimersByTime(10_000);
  }
  expect(locks.changing(["ps-1"], 25_000)).toEqual(["op-3", "op-2"]);
  expect(locks.changing(["ps-1"], 60_000)).toEqual(["op-3", "op-1", "op-2"]);
  expect(locks.changing(["ps-2"], 60_000)).toEqual([]);
});

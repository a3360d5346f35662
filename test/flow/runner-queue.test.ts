import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { ConfirmedPlan } from "../../src/core/confirmed-plan.ts";
import { type Operation, operationSchema } from "../../src/core/operation.ts";
import { plan } from "../../src/core/plan.ts";
import { Refusal } from "../../src/core/refusal.ts";
import { wordsOf } from "../../src/core/reply.ts";
import { Endings } from "../../src/flow/endings.ts";
import type { Conversation, World } from "../../src/flow/ports.ts";
import { LeftQueue, Runner } from "../../src/flow/runner.ts";
import { planned } from "../store/samples.ts";

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

/** A runner of operations without steps. Each has a plan that is made when the test says so. */
class Running {
  readonly titles: string[] = [];
  readonly states = new Map<string, Operation["state"]>();
  readonly #world = {
    audit: { head: () => ({ id: 1, hash: "0".repeat(64) }), position: () => 0, append: async () => undefined },
    operations: {
      get: (id: string) => ({ state: this.states.get(id) ?? "confirmed" }),
      change: async (id: string, from: readonly string[], patch: Partial<Operation>) => {
        if (!from.includes(this.states.get(id) ?? "confirmed")) return null;
        if (patch.state !== undefined) this.states.set(id, patch.state);
        return { ...this.#operation(id), ...patch };
      },
    },
    freezes: { current: () => ({ freezes: [], schedules: [], damaged: null }) },
    clock: { now: () => new Date(), sleep: async () => undefined },
    log: { error: () => undefined, info: () => undefined },
    isStopping: () => false,
  } as unknown as World;
  readonly #conversation = {
    place: planned.place,
    revise: async (_: string, { reply }: { reply: { title: string } }) => this.titles.push(reply.title),
  } as unknown as Conversation;
  readonly runner = new Runner(this.#world, new Endings(this.#world));

  #operation(id: string): Operation {
    return operationSchema.parse({ ...planned, id, nonce: null, state: "confirmed", messageId: id, title: "Add" });
  }

  /** `made`: resolves when its plan is made again. */
  begins(id: string, locks: readonly string[], made: Promise<unknown> = Promise.resolve()): Promise<unknown> {
    const confirmed = async () => {
      await made;
      const empty = plan({ title: "Add", verb: "Add", undo: { none: "none" }, stages: [], locks });
      return { plan: ConfirmedPlan.withoutClick(empty, "U1"), clusters: [] };
    };
    const conversation = this.#conversation;
    return this.runner
      .run({ operation: this.#operation(id), messageId: id, conversation, locks, confirmed })
      .catch((error: unknown) => error);
  }
}

const never = new Promise(() => undefined);

it("an operation that waits for 10 min is refused, and names the one that has the locks", async () => {
  const all = new Running();
  void all.begins("op-1", ["cluster-1"], never);
  const second = all.begins("op-2", ["cluster-1"]);
  await vi.advanceTimersByTimeAsync(599_000);
  expect(all.titles).toEqual(["Add: waiting for op-1 (op-2)"]);
  await vi.advanceTimersByTimeAsync(1_000);
  const refused = await second;
  expect(refused).toBeInstanceOf(Refusal);
  expect(String(refused)).toMatch(/BUSY: "Add" can't begin: op-1 changed the same objects for 10 min/);
  // It is not in the queue any more.
  void all.begins("op-3", ["cluster-1"]);
  await vi.advanceTimersByTimeAsync(0);
  expect(all.titles.at(-1)).toBe("Add: waiting for op-1 (op-3)");
});

it("those that wait are shown with what is ahead of them, until when they wait, and a button to leave", async () => {
  const all = new Running();
  void all.begins("op-1", ["cluster-1"], never);
  void all.begins("op-2", ["cluster-1"]);
  void all.begins("op-3", ["cluster-1"]);
  void all.begins("op-4", ["cluster-2"], never);
  await vi.advanceTimersByTimeAsync(0);
  const until = new Date(Date.now() + 600_000).toISOString();
  const shown = () => all.runner.now().map(({ id, waits, stops }) => [id, waits, stops.map(wordsOf)]);
  expect(shown()).toEqual([
    ["op-1", null, []],
    ["op-2", { ahead: ["op-1"], until }, ["operation stop op-2"]],
    ["op-3", { ahead: ["op-1", "op-2"], until }, ["operation stop op-3"]],
    ["op-4", null, []],
  ]);
  await all.runner.stop("op-2", "U2");
  await vi.advanceTimersByTimeAsync(0);
  expect(shown()[1]).toEqual(["op-3", { ahead: ["op-1"], until }, ["operation stop op-3"]]);
});

it("of those that wait only ten may be ahead", async () => {
  const all = new Running();
  for (let number = 1; number <= 11; number++) void all.begins(`op-${number}`, ["cluster-1"], never);
  expect(String(await all.begins("op-12", ["cluster-1"]))).toMatch(/11 operations wait for the same objects/);
  expect(await all.begins("op-13", ["cluster-2"])).toBeUndefined();
});

it("a stopped one leaves the queue, and the one behind it takes its place", async () => {
  const all = new Running();
  void all.begins("op-1", ["cluster-1"], never);
  const second = all.begins("op-2", ["cluster-1"]);
  void all.begins("op-3", ["cluster-1"]);
  expect(await all.runner.stop("op-2", "U2")).toBe("left the queue");
  expect(await second).toMatchObject({ name: "LeftQueue", by: "U2" });
  expect(all.titles.at(-1)).toBe("Add: waiting for op-1 (op-3)");
});

it("a stop before the first step, while the plan is made again, lets no step begin", async () => {
  const all = new Running();
  let make: () => void = () => undefined;
  const first = all.begins("op-1", [], new Promise<void>((resolve) => (make = resolve)));
  expect(await all.runner.stop("op-1", "U2")).toBe("stopping");
  make();
  expect(await first).toBeInstanceOf(LeftQueue);
  expect(all.states.get("op-1")).toBeUndefined();
  await expect(all.runner.stop("op-1", "U2")).rejects.toThrow(/can't be stopped/);
});

it("one that has not begun yet is not taken for one that has ended: its stop is sent again", async () => {
  const all = new Running();
  await expect(all.runner.stop("op-1", "U2")).rejects.toMatchObject({
    error: { code: "WRONG_STATE", reasons: ["op-1 has not begun yet"], fixes: ["stop it again in a moment"] },
  });
  all.states.set("op-1", "done");
  await expect(all.runner.stop("op-1", "U2")).rejects.toMatchObject({ error: { code: "PLAN_ENDED" } });
});

it("nothing that waits begins after the bot began to stop", async () => {
  const all = new Running();
  let make: () => void = () => undefined;
  const first = all.begins("op-1", ["cluster-1"], new Promise<void>((resolve) => (make = resolve)));
  let isOver = false;
  void all.begins("op-2", ["cluster-1"]).finally(() => {
    isOver = true;
  });
  all.runner.close();
  make();
  await first;
  await vi.advanceTimersByTimeAsync(10_000);
  expect(isOver).toBe(false);
  expect(all.states.get("op-2")).toBeUndefined();
});

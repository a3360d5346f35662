import fc from "fast-check";
import { expect, it } from "vitest";
import { LockQueue } from "../../src/flow/lock-queue.ts";
import { runsOf } from "../scenario/rows.ts";

/** Operations that ask for names, and what became of them. */
class Asked {
  readonly queue = new LockQueue();
  readonly locked: string[] = [];
  readonly moves: string[] = [];

  asks(operationId: string, ...names: string[]): void {
    if (this.queue.take(names, operationId)) this.locked.push(operationId);
    else
      this.queue.wait({
        ...{ operationId, names },
        granted: () => void this.locked.push(operationId),
        moved: () => void this.moves.push(`${operationId} after ${this.queue.ahead(names, operationId).join(",")}`),
      });
  }
}

it("the first that waits is the first that runs", () => {
  const asked = new Asked();
  for (const id of ["op-1", "op-2", "op-3"]) asked.asks(id, "cluster-1");
  expect(asked.locked).toEqual(["op-1"]);
  expect(asked.queue.ahead(["cluster-1"], "op-3")).toEqual(["op-1", "op-2"]);
  asked.queue.release("op-1");
  expect(asked.locked).toEqual(["op-1", "op-2"]);
  expect(asked.moves).toEqual(["op-3 after op-2"]);
  asked.queue.release("op-2");
  expect(asked.locked).toEqual(["op-1", "op-2", "op-3"]);
});

it("operations of two clusters do not wait for each other", () => {
  const asked = new Asked();
  asked.asks("op-1", "cluster-1");
  asked.asks("op-2", "cluster-1");
  asked.asks("op-3", "cluster-2");
  expect(asked.locked).toEqual(["op-1", "op-3"]);
});

it("no later operation overtakes one that waits for two names, so it does not wait without end", () => {
  const asked = new Asked();
  asked.asks("op-1", "cluster-1");
  asked.asks("op-2", "cluster-1", "cluster-2");
  asked.asks("op-3", "cluster-2");
  expect(asked.locked).toEqual(["op-1"]);
  asked.queue.release("op-1");
  expect(asked.locked).toEqual(["op-1", "op-2"]);
  asked.queue.release("op-2");
  expect(asked.locked).toEqual(["op-1", "op-2", "op-3"]);
});

it("one that leaves the queue lets those behind it go", () => {
  const asked = new Asked();
  asked.asks("op-1", "cluster-1");
  asked.asks("op-2", "cluster-1", "cluster-2");
  asked.asks("op-3", "cluster-2");
  asked.queue.leave("op-2");
  expect(asked.locked).toEqual(["op-1", "op-3"]);
  asked.queue.release("op-1");
  expect(asked.locked).toEqual(["op-1", "op-3"]);
});

it("two operations never have the same name, each has its turn, and those with a common name keep their order", () => {
  const names = fc.uniqueArray(fc.constantFrom("a", "b", "c"), { minLength: 1, maxLength: 3 });
  const acts = fc.array(fc.oneof(names, fc.nat(5), fc.record({ leaves: fc.nat(5) })), { maxLength: 40 });
  fc.assert(
    fc.property(acts, (all) => {
      const asked = new Asked();
      const namesOf = new Map<string, readonly string[]>();
      const over = new Set<string>();
      const running = () => asked.locked.filter((id) => !over.has(id));
      const waiting = () => [...namesOf.keys()].filter((id) => !over.has(id) && !asked.locked.includes(id));
      const end = (id: string | undefined) => {
        if (id === undefined) return;
        over.add(id);
        asked.queue.release(id);
      };
      const isSound = () => {
        const held = running().flatMap((id) => namesOf.get(id) ?? []);
        expect(new Set(held).size).toBe(held.length);
      };
      for (const act of all) {
        if (Array.isArray(act)) {
          const id = `op-${namesOf.size + 1}`;
          namesOf.set(id, act);
          asked.asks(id, ...act);
        } else if (typeof act === "number") end(running()[act]);
        else {
          const id = waiting()[act.leaves];
          if (id !== undefined) {
            over.add(id);
            asked.queue.leave(id);
          }
        }
        isSound();
      }
      while (running().length > 0) {
        end(running()[0]);
        isSound();
      }
      expect(waiting()).toEqual([]);
      const order = asked.locked.map((id) => Number(id.slice(3)));
      for (const [at, id] of order.entries())
        for (const later of order.slice(at + 1))
          if (later < id) {
            const common = namesOf.get(`op-${id}`)?.filter((name) => namesOf.get(`op-${later}`)?.includes(name));
            expect(common, `op-${id} overtook op-${later}`).toEqual([]);
          }
    }),
    { numRuns: runsOf(500) },
  );
});

import { expect, it } from "vitest";
import { operationSchema } from "../../src/core/operation.ts";
import { Undelivered } from "../../src/core/undelivered.ts";
import { Endings } from "../../src/flow/endings.ts";
import type { World } from "../../src/flow/ports.ts";
import { planned } from "../store/samples.ts";

it("at most 100 ends are told again and again, and each of these is told once its place takes it", async () => {
  let takes = false;
  const told: string[] = [];
  let sleepers: (() => void)[] = [];
  const place = {
    place: "C1",
    say: async () => {
      if (!takes) throw new Undelivered("C1", "is_archived", null);
    },
  };
  const world = {
    audit: { head: () => ({ id: 1, hash: "0".repeat(64) }), position: () => 0 },
    operations: { change: async (id: string) => told.push(id) },
    conversations: { at: () => place, withPerson: () => null, home: () => null },
    clock: { now: () => new Date(0), sleep: () => new Promise<void>((wake) => sleepers.push(wake)) },
    log: { error: () => undefined, info: () => undefined },
    isStopping: () => false,
  };
  const endings = new Endings(world as unknown as World);
  const reply = { title: "Done", tone: "good" as const, parts: [], next: [] };
  const operationOf = (number: number) =>
    operationSchema.parse({ ...planned, id: `op-${number}`, nonce: "0".repeat(32), state: "done" });
  const tell = (number: number) => endings.tell(endings.asWritten(operationOf(number)), reply);
  for (let number = 1; number <= 130; number++) await tell(number);
  expect(sleepers).toHaveLength(100);

  takes = true;
  const asleep = sleepers;
  sleepers = [];
  for (const wake of asleep) wake();
  while (told.length < 100) await new Promise((resolve) => setImmediate(resolve));
  expect(told.toSorted()).toEqual(Array.from({ length: 100 }, (_, index) => `op-${index + 1}`).toSorted());

  // Room again: the next one is tried again.
  takes = false;
  await new Promise((resolve) => setImmediate(resolve));
  await tell(131);
  expect(sleepers).toHaveLength(1);
  endings.stop();
});

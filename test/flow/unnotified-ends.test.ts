import { expect, it } from "vitest";
import { operationSchema } from "../../src/core/operation.ts";
import { Undelivered } from "../../src/core/undelivered.ts";
import { Endings } from "../../src/flow/endings.ts";
import { Expiry } from "../../src/flow/expiry.ts";
import type { World } from "../../src/flow/ports.ts";
import { recover } from "../../src/flow/recover.ts";
import { planned } from "../store/samples.ts";

it("at most 100 ends are tried again at the same time; the others wait for their turn, not for a restart", async () => {
  let takesOnly = (_number: number) => false;
  const notified: string[] = [];
  let sleepers: (() => void)[] = [];
  const place = {
    place: "C1",
    find: async () => null,
    say: async ({ reply }: { reply: { title: string } }) => {
      if (!takesOnly(Number(reply.title))) throw new Undelivered("C1", "is_archived", null);
    },
  };
  const world = {
    audit: { head: () => ({ id: 1, hash: "0".repeat(64) }), position: () => 0 },
    operations: { change: async (id: string, _: unknown, patch: object) => "notified" in patch && notified.push(id) },
    conversations: { at: () => place, withPerson: () => null, home: () => null },
    clock: { now: () => new Date(0), sleep: () => new Promise<void>((wake) => sleepers.push(wake)) },
    log: { error: () => undefined, info: () => undefined },
    isStopping: () => false,
  };
  const endings = new Endings(world as unknown as World);
  const replyOf = (number: number) => ({ title: String(number), tone: "good" as const, parts: [], next: [] });
  const operationOf = (number: number) =>
    operationSchema.parse({ ...planned, id: `op-${number}`, nonce: "0".repeat(32), state: "done" });
  const notify = (number: number) => endings.notify(endings.asWritten(operationOf(number)), replyOf(number));
  for (let number = 1; number <= 130; number++) await notify(number);
  expect(sleepers).toHaveLength(100);

  const turns = async (most: number) => {
    for (let turn = 0; turn < most && notified.length < 130; turn++) {
      const asleep = sleepers;
      sleepers = [];
      for (const wake of asleep) wake();
      for (let each = 0; each < 20; each++) await new Promise((resolve) => setImmediate(resolve));
      expect(sleepers.length).toBeLessThanOrEqual(100);
    }
  };
  // The first hundred are never taken. Those that wait must have their turn anyway.
  takesOnly = (number) => number > 100;
  await turns(12);
  const numbers = () => notified.map((id) => Number(id.slice(3))).toSorted((one, other) => one - other);
  expect(numbers()).toEqual(Array.from({ length: 30 }, (_, index) => index + 101));
  takesOnly = () => true;
  await turns(20);
  expect(numbers()).toEqual(Array.from({ length: 130 }, (_, index) => index + 1));
  endings.stop();
  for (const wake of sleepers) wake();
});

it("an end that is only in the log after a restart is reported, and written once the disk has space", async () => {
  let hasRoom = false;
  const said: string[] = [];
  const patches: object[] = [];
  let sleepers: (() => void)[] = [];
  const operation = operationSchema.parse({ ...planned, id: "op-1", nonce: "0".repeat(32), state: "running" });
  const ended = { operationId: "op-1", event: { kind: "ended", state: "done", result: "all steps done in 4 s" } };
  const appended: unknown[] = [];
  const world = {
    audit: {
      head: () => ({ id: 1, hash: "0".repeat(64) }),
      position: () => 0,
      between: async () => [ended],
      append: async (...entry: unknown[]) => appended.push(entry),
    },
    operations: {
      latest: () => [operation],
      change: async (_id: string, _from: unknown, patch: object) => {
        if (!hasRoom) throw new Error("ENOSPC");
        patches.push(patch);
      },
    },
    conversations: {
      at: () => ({
        place: "C1",
        find: async () => null,
        say: async (message: unknown) => said.push(JSON.stringify(message)),
      }),
      withPerson: () => null,
      home: () => null,
    },
    clock: { now: () => new Date(0), sleep: () => new Promise<void>((wake) => sleepers.push(wake)) },
    log: { error: () => undefined, info: () => undefined },
    isStopping: () => false,
  } as unknown as World;
  const endings = new Endings(world);
  await recover(world, new Expiry(world, endings), endings);
  for (let each = 0; each < 20; each++) await new Promise((resolve) => setImmediate(resolve));
  expect(said).toHaveLength(1);
  expect(said[0]).toMatch(/: done \(op-1\).*ENOSPC/);

  hasRoom = true;
  const asleep = sleepers;
  sleepers = [];
  for (const wake of asleep) wake();
  for (let each = 0; each < 20; each++) await new Promise((resolve) => setImmediate(resolve));
  expect(patches).toMatchObject([{ state: "done" }, { notified: true }]);
  expect(appended).toEqual([]);
  endings.stop();
});

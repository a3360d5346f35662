import { expect, it } from "vitest";
import { ConfirmedPlan } from "../../src/core/confirmed-plan.ts";
import { operationSchema } from "../../src/core/operation.ts";
import type { PlanResult } from "../../src/core/plan.ts";
import { Endings } from "../../src/flow/endings.ts";
import type { Conversation, World } from "../../src/flow/ports.ts";
import { Runner } from "../../src/flow/runner.ts";
import { planned } from "../store/samples.ts";

it("an operation has one end in the log, even if a bug stops the report of that end", async () => {
  const events: unknown[] = [];
  const notified: string[] = [];
  const operation = operationSchema.parse({ ...planned, id: "op-1", nonce: "0".repeat(32), state: "confirmed" });
  const world = {
    audit: {
      head: () => ({ id: 1, hash: "0".repeat(64) }),
      position: () => 0,
      append: async (_by: string, _id: string, event: unknown) => events.push(event),
    },
    operations: { change: async (_id: string, _from: unknown, patch: object) => ({ ...operation, ...patch }) },
    inventory: { current: () => ({ zones: [], clusters: [], hosts: [], primaryStorages: [], lastSanlockHostId: 0 }) },
    clock: { now: () => new Date(0), sleep: async () => undefined },
    log: { error: () => undefined, info: () => undefined },
    isStopping: () => false,
    freezes: { current: () => ({ freezes: [], schedules: [], damaged: null }) },
    watch: () => null,
  } as unknown as World;
  const conversation = {
    place: "C1",
    revise: async (_id: string, message: unknown, last: boolean) => last && notified.push(JSON.stringify(message)),
  } as unknown as Conversation;
  // A bug: no parts.
  const result = async () => null as unknown as PlanResult;
  const plan = {
    ...{
      title: "Add ps-1",
      verb: "Run It" as const,
      undo: { none: "It is a test." },
      facts: [],
      irreversible: [],
      stages: [],
      typedConfirmation: null,
      leftOut: [],
      locks: [],
    },
    ...{ afterwards: [], result },
  };
  const confirmed = ConfirmedPlan.withoutClick(plan, "U1");
  const endings = new Endings(world);
  await new Runner(world, endings).run({
    ...{ operation, messageId: "1.1", conversation, locks: [] },
    confirmed: async () => ({ plan: confirmed, clusters: [] }),
  });
  expect(events).toMatchObject([{ kind: "ended", state: "done" }]);
  expect(notified).toHaveLength(1);
  expect(notified[0]).toMatch(/: done \(op-1\).*bug/);
  endings.stop();
});

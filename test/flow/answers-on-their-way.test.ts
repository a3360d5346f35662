import { expect, it } from "vitest";
import { emptyInventory } from "../../src/core/inventory.ts";
import { createFlow } from "../../src/flow/flow.ts";
import type { Conversation, World } from "../../src/flow/ports.ts";

it("a person has a limited number of answers that are being sent, also without a host; others get theirs", async () => {
  const said: string[] = [];
  let release = (): void => undefined;
  const slack = new Promise<void>((resolve) => {
    release = resolve;
  });
  const logged: string[] = [];
  const world = {
    log: { info: (message: string) => logged.push(message), error: () => undefined },
    operations: { get: () => null, latest: () => [] },
    clock: { now: () => new Date(0) },
    inventory: { current: () => emptyInventory },
    permission: { whyNot: async () => null },
    isStopping: () => false,
  } as unknown as World;
  const conversation = (by: string) =>
    ({
      sendEphemeral: async () => {
        said.push(by);
        await slack;
      },
    }) as unknown as Conversation;
  const flow = createFlow([], world);
  const asked = Array.from({ length: 1_000 }, () => flow.ask("no such words", "U1", conversation("U1")));
  asked.push(flow.ask("", "U2", conversation("U2")));
  await new Promise((resolve) => setImmediate(resolve));
  expect(said.filter((by) => by === "U1")).toHaveLength(20);
  expect(said.filter((by) => by === "U2")).toHaveLength(1);
  expect(logged).toHaveLength(980);
  release();
  await Promise.all(asked);
  await flow.ask("no such words", "U1", conversation("U1"));
  expect(said.filter((by) => by === "U1")).toHaveLength(21);
});

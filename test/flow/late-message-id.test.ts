import { expect, it } from "vitest";
import { type Operation, operationSchema, sealOf } from "../../src/core/operation.ts";
import { Confirmation } from "../../src/flow/confirm.ts";
import { Endings } from "../../src/flow/endings.ts";
import { Expiry } from "../../src/flow/expiry.ts";
import type { Conversation, World } from "../../src/flow/ports.ts";
import { Runner } from "../../src/flow/runner.ts";
import { planned } from "../store/samples.ts";
import { everybodyMay } from "../support/permission.ts";

/** A bot with one operation in its file, without the id of its message. */
function botWith(patch: Partial<Operation>) {
  let kept = operationSchema.parse({ ...planned, id: "op-1", nonce: "0".repeat(32), messageId: null, ...patch });
  const said: string[] = [];
  const revised: string[] = [];
  const conversation = {
    place: kept.place,
    mayNotChangeHere: null,
    say: async (message: unknown) => said.push(JSON.stringify(message)),
    find: async () => null,
    revise: async (id: string, message: unknown) => revised.push(`${id} ${JSON.stringify(message)}`),
    sendEphemeral: async () => undefined,
    linkTo: () => null,
  } as unknown as Conversation;
  const world = {
    audit: { head: () => ({ id: 1, hash: "0".repeat(64) }), position: () => 0, append: async () => undefined },
    operations: {
      get: () => kept,
      change: async (_id: string, from: readonly string[], change: Partial<Operation>) => {
        if (!from.includes(kept.state)) return null;
        kept = { ...kept, ...change };
        return kept;
      },
    },
    conversations: { at: () => conversation, withPerson: () => null, home: () => null },
    clock: { now: () => new Date(), sleep: async () => undefined },
    log: { error: () => undefined, info: () => undefined },
    permission: everybodyMay,
    isStopping: () => false,
  } as unknown as World;
  return { world, endings: new Endings(world), conversation, said, revised, kept: () => kept };
}
const settled = async (isOver: () => boolean) => {
  while (!isOver()) await new Promise((resolve) => setTimeout(resolve, 1));
};

it("a plan ends in its message, even if the message's id could not be written", async () => {
  const bot = botWith({});
  const expiry = new Expiry(bot.world, bot.endings);
  expiry.expireLater({ ...bot.kept(), messageId: "1.1", expiresAt: new Date(0).toISOString() });
  await settled(() => bot.kept().notified);
  expect(bot.said).toEqual([]);
  expect(bot.revised).toHaveLength(1);
  expect(bot.revised[0]).toMatch(/^1\.1 .*: expired \(op-1\)/);
  expect(bot.revised[0]).not.toContain("buttons");
});

it.each(["confirm", "cancel"] as const)(
  "a click to %s a plan that ended without its message's id ends the message",
  async (kind) => {
    const finishedAt = new Date(0).toISOString();
    const bot = botWith({ state: "expired", result: "nobody confirmed it in time", finishedAt, notified: true });
    const clicked = { operationId: "op-1", seal: sealOf(bot.kept()) ?? "", messageId: "1.1" };
    const confirmation = new Confirmation([], bot.world, new Runner(bot.world, bot.endings), bot.endings);
    if (kind === "cancel") await confirmation.cancel(clicked, "U1", bot.conversation);
    else
      await confirmation.confirm({ ...clicked, by: "U1", typed: null, secrets: new Map() } as never, bot.conversation);
    await settled(() => bot.kept().messageId === "1.1");
    expect(bot.revised).toHaveLength(1);
    expect(bot.revised[0]).toMatch(/^1\.1 .*: expired \(op-1\)/);
  },
);

import { afterEach, beforeEach, expect, it, vi } from "vitest";
import type { Operation } from "../../src/core/operation.ts";
import { plainLines } from "../../src/core/reply.ts";
import { CoveredFindings } from "../../src/flow/covered-findings.ts";
import { type Channel, messageNow } from "../../src/flow/ports.ts";
import { finding } from "../watch/sample-findings.ts";

let lines: string[];
let covered: CoveredFindings;
beforeEach(() => {
  vi.useFakeTimers();
  lines = [];
  const thread: Channel = {
    place: "C1",
    say: async (message) => {
      lines.push(`say ${plainLines(messageNow(message).reply.parts).join("\n")}`);
      return "1.2";
    },
    revise: async (id, { reply }) => void lines.push(`revise ${id} ${plainLines(reply.parts).join("\n")}`),
    find: async () => null,
  };
  covered = new CoveredFindings({
    operations: { get: () => ({ place: "C1", messageId: "1.1" }) as Operation },
    conversations: { inThread: () => thread },
    clock: { now: () => new Date() },
    log: { info: () => undefined, error: () => undefined },
    lastsMs: () => 5_000,
  });
});
afterEach(() => {
  covered.stop();
  vi.useRealTimers();
});

/** Rounds, one a second. */
async function rounds(count: number, ...keys: readonly string[]): Promise<void> {
  for (let round = 0; round < count; round++) {
    for (const key of keys) covered.note("op-7", finding(key));
    await vi.advanceTimersByTimeAsync(1_000);
  }
}

it("what an operation causes is one line in its thread, which is kept current", async () => {
  await rounds(20, "a", "b");
  expect(lines).toEqual(["say a: path failed, and 1 more"]);
  await rounds(20, "a", "b", "c");
  expect(lines).toEqual(["say a: path failed, and 1 more", "revise 1.2 a: path failed, and 2 more"]);
});

it("what passes within its time is no line", async () => {
  await rounds(4, "a");
  await vi.advanceTimersByTimeAsync(60_000);
  expect(lines).toEqual([]);
});

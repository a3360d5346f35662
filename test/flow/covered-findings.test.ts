import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { plainLines } from "../../src/core/reply.ts";
import { CoveredFindings } from "../../src/flow/covered-findings.ts";
import { type Channel, messageNow } from "../../src/flow/ports.ts";
import { finding } from "../watch/sample-findings.ts";

let lines: string[];
let covered: CoveredFindings;
/** The id of a message that an earlier process posted; null: there is none. */
let earlier: string | null;
let isSlackAway: boolean;
/** Of the operation. */
let messageId: string | null;
const START_MS = Date.parse("2026-11-29T10:00:00.000Z");
const by = {
  ...{ id: "op-7", why: "op-7 causes this" },
  thread: () =>
    messageId === null ? null : { place: "C1", messageId, key: "effects", since: "2026-11-29T10:00:00.000Z" },
};
const begin = () =>
  new CoveredFindings({
    conversations: {
      inThread: (): Channel => ({
        place: "C1",
        say: async (message) => {
          if (isSlackAway) throw new Error("Slack is away");
          lines.push(`say ${plainLines(messageNow(message).reply.parts).join("\n")}`);
          return "1.2";
        },
        revise: async (id, { reply }) => void lines.push(`revise ${id} ${plainLines(reply.parts).join("\n")}`),
        find: async () => earlier,
      }),
    },
    clock: { now: () => new Date() },
    log: { info: () => undefined, error: () => undefined },
    lastsMs: () => 5_000,
  });
beforeEach(() => {
  vi.useFakeTimers({ now: START_MS });
  [lines, earlier, isSlackAway, messageId, covered] = [[], null, false, "1.1", begin()];
});
afterEach(() => {
  covered.stop();
  vi.useRealTimers();
});

/** Rounds, one a second. Whether people can read of all of it after the last one. */
async function rounds(count: number, keys: readonly string[], sinceMs = START_MS): Promise<boolean> {
  let areRead = false;
  for (let round = 0; round < count; round++) {
    areRead = keys.map((key) => covered.note(by, finding(key), sinceMs)).every(Boolean);
    await vi.advanceTimersByTimeAsync(1_000);
  }
  return areRead;
}

it("what an operation causes is one line in its thread, which is kept current", async () => {
  await rounds(20, ["a", "b"]);
  expect(lines).toEqual(["say a: path failed, and 1 more"]);
  await rounds(20, ["a", "b", "c"]);
  expect(lines).toEqual(["say a: path failed, and 1 more", "revise 1.2 a: path failed, and 2 more"]);
});

it("what passes within its time is no line", async () => {
  await rounds(4, ["a"]);
  await vi.advanceTimersByTimeAsync(60_000);
  await rounds(4, ["a"], Date.now());
  expect(lines).toEqual([]);
});

it("what an operation causes is read once its line is posted, also after Slack was away", async () => {
  isSlackAway = true;
  expect(await rounds(60, ["a"])).toBe(false);
  expect(covered.operationOf(finding("a"), START_MS)).toBe("op-7");
  isSlackAway = false;
  expect(await rounds(40, ["a"])).toBe(true);
  expect(lines).toEqual(["say a: path failed"]);
});

it("a line waits for the operation's message, an hour at most", async () => {
  messageId = null;
  expect(await rounds(60, ["a"])).toBe(false);
  messageId = "1.1";
  expect(await rounds(40, ["a"])).toBe(true);
  expect(lines).toEqual(["say a: path failed"]);
  messageId = null;
  await rounds(10, ["b"]);
  for (let minute = 0; minute < 61; minute++) {
    await rounds(1, ["b"]);
    await vi.advanceTimersByTimeAsync(59_000);
  }
  expect(await rounds(1, ["b"])).toBe(true);
  expect(lines).toHaveLength(1);
});

it("a line that was posted before a restart is kept current, and not posted again", async () => {
  earlier = "1.9";
  await rounds(20, ["a"]);
  expect(lines).toEqual(["revise 1.9 a: path failed"]);
});

it("a fact that begins again later is not of the operation that caused it before", async () => {
  await rounds(20, ["a"]);
  expect(covered.operationOf(finding("a"), START_MS + 60_000)).toBeNull();
});

import { describe, expect, it } from "vitest";
import { runInSlices } from "../../src/core/parts.ts";
import type { Part, Reply } from "../../src/core/reply.ts";
import { makingFileText, makingTexts, messageOf } from "../../src/slack/blocks.ts";
import { makingTerminalText } from "../../src/text/plain-text.ts";
import { LONGEST_MS, longestSlice } from "../longest-slice.ts";

/** An answer with more rows leaves them out and counts them. */
const ROWS = 5_000;

const replyOf = (...parts: Part[]): Reply => ({ title: "LUNs", tone: "plain", parts, next: [], asked: "lun list c" });
const table = (columns: number, cell: string): Part => ({
  kind: "table",
  columns: Array.from({ length: columns }, (_, column) => `column ${column}`),
  rows: Array.from({ length: ROWS }, (_, row) => Array.from({ length: columns }, () => `${cell}${row}`)),
});
const lines = (line: string): string[] => Array.from({ length: ROWS }, (_, index) => `${line} ${index}`);

const replies: [string, Reply][] = [
  ["a table of 6 columns", replyOf(table(6, "36b083fe000daf018"))],
  ["a table of 20 columns in Chinese", replyOf(table(20, "共享存储卷"))],
  ["two tables with long cells", replyOf(table(6, "é".repeat(100)), table(6, "x".repeat(100)))],
  ["three tables of which two are lines", replyOf(table(3, "a"), table(3, "b"), table(3, "c"))],
  ["host commands", replyOf({ kind: "code", lines: lines("multipath -ll 共享存储卷".repeat(10)) })],
  ["a text", replyOf({ kind: "text", text: lines("共享存储卷 unsafe host".repeat(10)).join("\n") })],
  ["a text of many pieces", replyOf({ kind: "text", text: lines("unsafe").flatMap((bold) => [{ bold }, ": é\n"]) })],
  ["as many texts", replyOf(...lines("Not known: é").map((text): Part => ({ kind: "text", text })))],
  ["as many fields", replyOf({ kind: "fields", fields: lines("é").map((line) => [line, line] as const) })],
  ["a very long word", replyOf({ kind: "text", text: "x".repeat(1_000_000) })],
];

async function expectFair(work: () => unknown): Promise<void> {
  expect(await longestSlice(async () => work())).toBeLessThan(LONGEST_MS);
}

describe.each(replies)("an answer of %s does not block other work", (_, reply) => {
  it("as a message", () => expectFair(() => messageOf({ reply }, true)));
  it("as a message without a thread", () => expectFair(() => messageOf({ reply }, false)));
  it("in its file", () => expectFair(() => runInSlices(makingFileText({ name: "x", reply }))));
  it("as aligned text", () => expectFair(() => runInSlices(makingTexts(reply, 4))));
  it("in a terminal", () => expectFair(() => runInSlices(makingTerminalText(reply, 100, true))));
});

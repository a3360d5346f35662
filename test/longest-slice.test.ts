import { expect, it } from "vitest";
import { longestSlice, reference } from "./longest-slice.ts";

/** A piece takes 4 ms on the reference computer. The long slice is 16 times the limit: a comparison that other work spoils 10 times still finds it. */
const LONG_PIECES = 40;
const SHORT_PIECES = 10;
const LIMIT_MS = 10;

it("work in one piece is a long slice, also on a slow computer", async () => {
  const longest = await longestSlice(async () => {
    for (let piece = 0; piece < LONG_PIECES; piece++) reference();
  }, LIMIT_MS);
  expect(longest).toBeGreaterThan(LIMIT_MS);
});

it("the same work with turns between is short slices", async () => {
  const longest = await longestSlice(async (turn) => {
    for (let piece = 0; piece < SHORT_PIECES; piece++) {
      reference();
      await turn();
    }
  }, LIMIT_MS);
  expect(longest).toBeLessThan(LIMIT_MS);
});

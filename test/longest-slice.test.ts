import { expect, it } from "vitest";
import { longestSlice, reference } from "./longest-slice.ts";

/** 40 ms on the reference computer. */
const PIECES = 10;
const LIMIT_MS = 10;

it("work in one piece is a long slice, also on a slow computer", async () => {
  const longest = await longestSlice(async () => {
    for (let piece = 0; piece < PIECES; piece++) reference();
  }, LIMIT_MS);
  expect(longest).toBeGreaterThan(LIMIT_MS);
});

it("the same work with turns between is short slices", async () => {
  const longest = await longestSlice(async (turn) => {
    for (let piece = 0; piece < PIECES; piece++) {
      reference();
      await turn();
    }
  }, LIMIT_MS);
  expect(longest).toBeLessThan(LIMIT_MS);
});

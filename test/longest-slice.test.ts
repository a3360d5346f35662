import { expect, it } from "vitest";
import { longestSlice, reference } from "./longest-slice.ts";

/** 80 ms on the reference computer. */
const PIECES = 20;
const LIMIT_MS = 20;

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

import { expect, it } from "vitest";
import { Deadline } from "../../src/ssh/deadline.ts";

it.each([
  [20_000, "it did not answer within 20 s"],
  [0, "no time was left to ask it"],
])("a deadline of %i ms says why a host has no answer", (withinMs, reason) => {
  expect(new Deadline({ urgency: "query", mayShare: false, withinMs }).reason).toBe(reason);
});

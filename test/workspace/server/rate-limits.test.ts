import { expect, it } from "vitest";
import { RateLimits, slackRates } from "../../../src/workspace/server/rate-limits.ts";

it("a clock that is set back by months refuses no call", () => {
  let now = new Date("2026-11-29T08:00:00Z");
  const limits = new RateLimits(slackRates, { now: () => now });
  expect(limits.take("apps.connections.open", "tier1", "")).toBeNull();
  now = new Date("2026-03-29T08:00:00Z");
  expect(limits.take("apps.connections.open", "tier1", "")).toBeNull();
});

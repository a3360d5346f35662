import { expect, it } from "vitest";
import { millisecondsOf, momentSchema } from "../../src/core/moment.ts";

const NOW = Date.parse("2026-11-29T12:00:00Z");

it.each([
  ["30m", "from", "2026-11-29T11:30:00.000Z"],
  ["2h", "from", "2026-11-29T10:00:00.000Z"],
  ["1w", "to", "2026-11-22T12:00:00.000Z"],
  ["2026-11-29", "from", "2026-11-29T00:00:00.000Z"],
  ["2026-11-29", "to", "2026-11-29T23:59:59.999Z"],
  ["2028-02-29", "from", "2028-02-29T00:00:00.000Z"],
  ["2026-11-29T10:00", "from", "2026-11-29T10:00:00.000Z"],
  ["2026-11-29 10:00:30+02:00", "to", "2026-11-29T08:00:30.000Z"],
] as const)("%s as an edge %s is %s", (text, edge, at) => {
  expect(momentSchema.safeParse(text).success).toBe(true);
  expect(new Date(millisecondsOf(text, NOW, edge) ?? 0).toISOString()).toBe(at);
});

it.each([
  "",
  "2",
  "h",
  "-2h",
  "2 h",
  "2026-02-31",
  "2026-02-29",
  "2026-13-01",
  "2026-04-31T10:00",
  "2026-11-29T25:00",
  "29.11.2026",
  "now",
])("%j is no time", (text) => expect(momentSchema.safeParse(text).success).toBe(false));

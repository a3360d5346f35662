import fc from "fast-check";
import { expect, it } from "vitest";
import { gaugeOf } from "../../src/watch/gauge.ts";

it.each([
  [100, 100, "[..........] 0 % used", null],
  [100_000, 99_999, "[#.........] 0 % used", null],
  [100, 79, "[##........] 21 % used", null],
  [100, 21, "[########..] 79 % used", null],
  [100, 20, "[########..] 80 % used", "warning"],
  [100, 5, "[#########.] 95 % used", "critical"],
  [100_000, 1, "[#########.] 99 % used", "critical"],
  [100, 0, "[##########] 100 % used", "critical"],
  [0, 0, "[..........] 0 % used", null],
])("a storage of %d bytes with %d free", (sizeBytes, freeBytes, shown, severity) => {
  const gauge = gaugeOf({ sizeBytes, freeBytes });
  expect(`${gauge.bar} ${gauge.text}`).toContain(shown);
  expect(gauge.severity).toBe(severity);
});

it("has ten cells for every capacity, and more of them the fuller it is", () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 1e15 }),
      fc.double({ min: 0, max: 1, noNaN: true }),
      fc.double({ min: 0, max: 1, noNaN: true }),
      (size, a, b) => {
        const cells = (free: number) =>
          gaugeOf({ sizeBytes: size, freeBytes: Math.floor(size * free) }).bar.match(/#/g)?.length ?? 0;
        const [less, more] = a < b ? [a, b] : [b, a];
        expect(cells(less)).toBeGreaterThanOrEqual(cells(more));
        expect(gaugeOf({ sizeBytes: size, freeBytes: Math.floor(size * a) }).bar).toMatch(/^\[#{0,10}\.{0,10}\]$/);
        expect(gaugeOf({ sizeBytes: size, freeBytes: Math.floor(size * a) }).bar).toHaveLength(12);
      },
    ),
  );
});

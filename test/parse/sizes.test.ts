import { expect, it } from "vitest";
import { bytesIn } from "../../src/parse/sizes.ts";

it.each([
  ["4096", 4096],
  ["0", 0],
  ["0 ", 0],
  ["512B", 512],
  ["512b", 512],
  ["1K", 1024],
  ["2.5k", 2560],
  ["<2.00t", 2 * 1024 ** 4],
  ["1,5GiB", 1.5 * 1024 ** 3],
  ["", null],
  ["many", null],
  ["-1", null],
  ["1 2", null],
] as const)("%j is %j bytes", (printed, bytes) => {
  expect(bytesIn(printed, 1024)).toBe(bytes);
});

it("counts in powers of 1000 if a capital letter means that", () => {
  expect([bytesIn("2K", 1000), bytesIn("2k", 1000), bytesIn("2", 1000), bytesIn("2B", 1000)]).toEqual([
    2000, 2048, 2, 2,
  ]);
});

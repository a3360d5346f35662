import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { fairShares } from "../../src/slack/blocks.ts";

describe("fair shares", () => {
  it("meet small needs completely, and give the large ones the same", () => {
    expect(fairShares([100, 5, 300, 10], 115)).toEqual([50, 5, 50, 10]);
    expect(fairShares([], 10)).toEqual([]);
  });
  it("never exceed a need or the total, and waste nothing", () => {
    const needs = fc.array(fc.nat(5000), { maxLength: 40 });
    fc.assert(
      fc.property(needs, fc.nat(20_000), (wanted, total) => {
        const shares = fairShares(wanted, total);
        const sum = shares.reduce((all, share) => all + share, 0);
        const needed = wanted.reduce((all, need) => all + need, 0);
        for (const [index, share] of shares.entries()) expect(share).toBeLessThanOrEqual(wanted[index] ?? 0);
        expect(sum).toBeLessThanOrEqual(total);
        if (needed <= total) expect(shares).toEqual(wanted);
        else expect(total - sum).toBeLessThan(Math.max(1, wanted.length));
      }),
    );
  });
});

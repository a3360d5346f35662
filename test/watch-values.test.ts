import { describe, expect, it } from "vitest";
import { usualLevels } from "../src/core/fill-levels.ts";
import { fillValue, lastsValue } from "../src/watch-values.ts";

describe("WATCH_LASTS", () => {
  it("has seconds for kinds of findings", () => {
    expect([...lastsValue.parse("path-failed=10, one-name-two-luns=0")]).toEqual([
      ["path failed", 10_000],
      ["one name, two LUNs", 0],
    ]);
    expect([...lastsValue.parse("")]).toEqual([]);
  });
  it.each(["path-failed", "path-failed=soon", "nothing=5"])("is refused if it is %s", (text) => {
    expect(lastsValue.safeParse(text).error?.issues[0]?.message).toContain("host-unreachable");
  });
});

describe("WATCH_FULL", () => {
  it("has three levels for all storages, and for those that it names", () => {
    expect(fillValue.parse("70/80/90 ps-2=90/95/98")).toEqual({
      usual: [70, 80, 90],
      of: new Map([["ps-2", [90, 95, 98]]]),
    });
    expect(fillValue.parse("").usual).toEqual(usualLevels);
  });
  it.each(["80/90", "90/80/95", "0/1/2", "80/90/101", "ps-2=full"])("is refused if it is %s", (text) => {
    expect(fillValue.safeParse(text).error?.issues[0]?.message).toContain("80/90/95");
  });
});

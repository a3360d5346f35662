import { describe, expect, it } from "vitest";
import { learned } from "../../src/watch/known.ts";
import type { WatchedPath } from "../../src/watch/sample.ts";
import { identitiesIn, identityKey, pathsToIdentify, twoTargetsIn } from "../../src/watch/two-targets.ts";
import { sample } from "./watched-host.ts";

const WWID = "360000000000000000e00000000010001";
const ONE = "iqn.2003-01.org.linux-iscsi.array1:a";
const OTHER = "iqn.2003-01.org.linux-iscsi.array2:a";

const path = (number: number, array: string | null, wwid = WWID): WatchedPath => {
  const port = array === null ? `0x500${number}` : `10.0.${number}.2:3260`;
  return {
    ...{ key: `${wwid} via ${port}`, wwid, device: `sd${"abcdefg"[number]}`, hctl: `${number}:0:0:1`, map: "mpatha" },
    ...{ works: true, state: "active ready", adapter: `host${number}`, port, array, sizeBytes: 32_212_254_720 },
  };
};
/** Two paths to each of two targets, joined in one map: as field hosts show it. */
const joined = [path(2, ONE), path(3, ONE), path(4, OTHER), path(5, OTHER)];
const identified = (
  paths: readonly WatchedPath[],
  of: readonly (readonly [string | null, number | null] | undefined)[],
) =>
  new Map(
    paths.flatMap((each, at) => {
      const [serial = null, port = null] = of[at] ?? [];
      return of[at] === undefined ? [] : [[identityKey(each), { serial, port }] as const];
    }),
  );
const through = `2 targets (${ONE}, ${OTHER})`;

describe("a LUN that a host reaches through two targets", () => {
  it.each([
    [
      "is two LUNs if both targets number their ports alike",
      [
        ["beaf11", 1],
        ["beaf11", 2],
        ["beaf11", 1],
        ["beaf11", 2],
      ],
      { isProven: true, text: `sdc and sde both have the port number 1, through ${through}` },
    ],
    [
      "is two LUNs if the serial numbers differ",
      [
        ["beaf11", 1],
        ["beaf11", 2],
        ["beaf21", 3],
        ["beaf21", 4],
      ],
      { isProven: true, text: `sdc and sde have other serial numbers, through ${through}` },
    ],
    [
      "may be two LUNs if a target reports no port number",
      [
        ["beaf11", null],
        ["beaf11", null],
        ["beaf11", null],
        ["beaf11", null],
      ],
      { isProven: false, text: `sdc reports no port number, and its paths lead to ${through}` },
    ],
    [
      "may be two LUNs if a path reports no serial number",
      [
        ["beaf11", 1],
        ["beaf11", 2],
        ["beaf11", 3],
        [null, 4],
      ],
      { isProven: false, text: `sdf reports no serial number, and its paths lead to ${through}` },
    ],
    [
      "is one LUN if each port has its own number",
      [
        ["beaf11", 1],
        ["beaf11", 2],
        ["beaf11", 3],
        ["beaf11", 4],
      ],
      undefined,
    ],
    ["is not known until each path is read", [["beaf11", 1], ["beaf11", 2], ["beaf11", 3], undefined], null],
    ["is two LUNs before that, if it shows", [["beaf11", 1], undefined, ["beaf11", 1], undefined], { isProven: true }],
  ] as const)("%s", (_, identities, verdict) => {
    const found = twoTargetsIn(joined, identified(joined, identities)).get(WWID);
    if (verdict === undefined || verdict === null) expect(found).toBe(verdict);
    else expect(found).toMatchObject(verdict);
  });
  it("may be reached over another transport too", () => {
    const both = [path(1, null), path(2, ONE)];
    expect(pathsToIdentify(both, new Map())).toEqual(both);
    expect(
      twoTargetsIn(
        both,
        identified(both, [
          ["beaf11", 1],
          ["beaf11", 1],
        ]),
      ).get(WWID)?.isProven,
    ).toBe(true);
  });
  it("is no question with one target, or with several ports of Fibre Channel", () => {
    expect(pathsToIdentify([path(2, ONE), path(3, ONE)], new Map())).toEqual([]);
    expect(pathsToIdentify([path(2, null), path(3, null)], new Map())).toEqual([]);
  });
  it("is read again if a disk has another name, or could not be read", () => {
    const known = identified(joined, [
      ["beaf11", 1],
      ["beaf11", 2],
      ["beaf11", 3],
      ["beaf11", 4],
    ]);
    expect(pathsToIdentify(joined, known)).toEqual([]);
    const renamed = joined.map((each, at) => (at === 3 ? { ...each, device: "sdz" } : each));
    expect(pathsToIdentify(renamed, known)).toEqual(renamed.slice(3));
    const late = { kind: "unknown", reason: "no answer" } as const;
    expect(identitiesIn(joined.slice(0, 1), { "serial of sdc": late, "page of sdc": late })).toEqual([]);
  });
  it("does not miss the paths that may be another LUN's when they are gone", () => {
    const first = learned(null, sample(1, { paths: joined.slice(0, 2) }), new Set([WWID]));
    const keys = (mayBeTwo: boolean) =>
      Object.keys(learned(first, sample(1, { paths: joined }), new Set([WWID]), { mayBeTwo: () => mayBeTwo }).paths);
    expect(keys(true)).toHaveLength(2);
    expect(keys(false)).toHaveLength(4);
  });
});

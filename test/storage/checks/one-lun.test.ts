import { describe, expect, it } from "vitest";
import { oneLunReasons } from "../../../src/storage/checks/one-lun.ts";
import type { PathIdentity } from "../../../src/storage/observe/host-view.ts";
import type { LunOnHost } from "../../../src/storage/observe/lun.ts";
import { textsOf } from "../../support/errors.ts";
import { lunOnHost } from "../lun-on-host.ts";

const WWID = "360000000000000000e00000000010001";

const on = (name: string, ...identities: PathIdentity[]): LunOnHost =>
  lunOnHost(name, { identities, models: new Map(identities.map(({ disk }) => [disk, "IET VIRTUAL-DISK"])) });
const path = (disk: string, target: string | null, targetPort: number | null, serial: string | null = "beaf11") => ({
  disk,
  isIscsi: target !== null || disk === "sdz",
  target,
  targetPort,
  serial,
});

describe("paths with one WWID lead to one LUN", () => {
  it.each<[string, readonly LunOnHost[], RegExp | null]>([
    ["over two portals of a target", [on("h1", path("sda", "iqn.a", 1), path("sdb", "iqn.a", 1))], null],
    ["over iSCSI if no target is reported", [on("h1", path("sdz", null, null))], null],
    [
      "not if the target of one path is not reported",
      [on("h1", path("sda", "iqn.a", 1), path("sdz", null, 1))],
      /target behind sdz on h1/,
    ],
    ["over Fibre Channel", [on("h1", path("sda", null, 1), path("sdb", null, 1))], null],
    [
      "over Fibre Channel and iSCSI, where the ports are of one array",
      [on("h1", path("sda", null, 1), path("sdb", "iqn.a", 2))],
      null,
    ],
    [
      "not over Fibre Channel and an iSCSI target that numbers its ports from one again",
      [on("h1", path("sda", null, 1)), on("h2", path("sda", "iqn.a", 1))],
      /2 targets \(not over iSCSI, iqn\.a\), and both have the port number 1/,
    ],
    ["over targets that are ports of one array", [on("h1", path("sda", "iqn.a", 1), path("sdb", "iqn.b", 2))], null],
    [
      "not over targets that report no port",
      [on("h1", path("sda", "iqn.a", null), path("sdb", "iqn.b", null))],
      /2 targets \(iqn\.a, iqn\.b\), and sda on h1 reports no port number/,
    ],
    [
      "not over targets that report no serial",
      [on("h1", path("sda", "iqn.a", 1, null), path("sdb", "iqn.b", 2, null))],
      /reports no serial number/,
    ],
    [
      "not over targets with the same port",
      [on("h1", path("sda", "iqn.a", 1), path("sdb", "iqn.b", 1))],
      /both have the port number 1/,
    ],
    [
      "not where one host sees another target than the next",
      [on("h1", path("sda", "iqn.a", 1)), on("h2", path("sda", "iqn.b", 1))],
      /2 targets/,
    ],
    [
      "not where serial numbers differ",
      [on("h1", path("sda", null, 1, "A"), path("sdb", null, 2, "B"))],
      /different serial numbers \(sda on h1 A, sdb on h1 B\)/,
    ],
  ])("%s", (_what, seen, why) => {
    const said = textsOf(oneLunReasons(WWID, seen)).join("; ");
    if (why === null) expect(said).toBe("");
    else expect(said).toMatch(why);
  });

  const behind = (name: string, ...addresses: string[]): LunOnHost =>
    lunOnHost(name, { addresses: new Map(addresses.map((address, index) => [`sd${"abcd"[index]}`, address])) });
  it.each<[string, readonly LunOnHost[], RegExp | null]>([
    ["over the ports of an array", [behind("h1", "6:0:0:1", "6:0:1:1", "7:0:0:1", "7:0:1:1")], null],
    ["over adapters that know it by other numbers", [behind("h1", "6:0:0:1", "7:0:0:3")], null],
    ["on hosts that know it by other numbers", [behind("h1", "6:0:0:1"), behind("h2", "6:0:0:3")], null],
    [
      "not behind one port by two numbers",
      [behind("h1", "6:0:0:1", "7:0:0:1", "6:0:0:3", "7:0:0:1")],
      /^h1 has 3600\w+ behind one target port as 6:0:0:1 and 6:0:0:3: they may be two LUNs/,
    ],
  ])("%s", (_what, seen, why) => {
    const said = textsOf(oneLunReasons(WWID, seen)).join("; ");
    if (why === null) expect(said).toBe("");
    else expect(said).toMatch(why);
  });

  it.each<[string, string, string | null, RegExp | null]>([
    ["if the path reports the same name", WWID, WWID.slice(1), null],
    ["if the path reports none", WWID, null, null],
    ["if it reports a name of another kind", WWID, "5000c50000001a01", null],
    ["where the WWID is of another kind", "1IET_00010001", "60000000000000000e00000000010002", null],
    [
      "not where the path has been given to another LUN",
      WWID,
      "60000000000000000e00000000010002",
      /^sda on h1, a path of 36\w+, leads to the LUN 360000000000000000e00000000010002/,
    ],
  ])("%s", (_what, wwid, name, why) => {
    const said = textsOf(oneLunReasons(wwid, [on("h1", { ...path("sda", null, 1), name })])).join("; ");
    if (why === null) expect(said).toBe("");
    else expect(said).toMatch(why);
  });

  it.each<[string, readonly LunOnHost[], string]>([
    [
      "not where a path has another size",
      [lunOnHost("h1", { sizeBytes: 8, pathSizes: new Map([["sda", 9]]) })],
      "h1 8 bytes and 9 bytes",
    ],
    [
      "not where a host has another size",
      [lunOnHost("h1", { sizeBytes: 8 }), lunOnHost("h2", { sizeBytes: 9 })],
      "h1 8 bytes; h2 9 bytes",
    ],
  ])("%s", (_what, seen, sizes) => {
    expect(textsOf(oneLunReasons(WWID, seen))).toEqual([`hosts or paths report different sizes of ${WWID}: ${sizes}`]);
  });

  it("also with a dead path of size 0", () => {
    expect(oneLunReasons(WWID, [lunOnHost("h1", { sizeBytes: 8, pathSizes: new Map([["sda", 0]]) })])).toEqual([]);
  });

  it("not if models differ", () => {
    const models = new Map([
      ["sda", "IET VIRTUAL-DISK"],
      ["sdb", "LIO-ORG disk1"],
    ]);
    expect(textsOf(oneLunReasons(WWID, [lunOnHost("h1", { models })])).join()).toMatch(/different models/);
  });
});

import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import type { Host } from "../../../src/core/inventory.ts";
import { done, unknown } from "../../../src/core/outcome.ts";
import { plainLines } from "../../../src/core/reply.ts";
import { listBlockDevices } from "../../../src/host/lsblk.ts";
import { listMultipathMaps } from "../../../src/host/multipath.ts";
import { listDiskIds } from "../../../src/host/udev.ts";
import { mapReasons } from "../../../src/storage/checks/checks.ts";
import { viewOf, viewWith } from "../../../src/storage/observe/host-view.ts";
import { lunsOf, pathsOf } from "../../../src/storage/observe/lun.ts";
import { perhapsDead, type StorageOnHost } from "../../../src/storage/observe/storage-on-host.ts";
import { unnamedDisks } from "../../../src/storage/observe/unnamed-disks.ts";
import { healthsOf, multipathParts } from "../../../src/storage/render/maps.ts";
import { unnamedPart } from "../../../src/storage/render/unnamed-disks.ts";
import { textsOf } from "../../support/errors.ts";

const hostCalled = (name: string, sanlockHostId: number | null = null): Host => ({
  ...{ uuid: name, name, clusterUuid: "c", address: "127.0.0.1", port: 22, user: "root" },
  ...{ hostKeySha256: "SHA256:x", sanlockHostId },
});
const host = hostCalled("host1");

const output = (folder: string, name: string) =>
  JSON.parse(readFileSync(new URL(`../../host/cases/${folder}/${name}.json`, import.meta.url), "utf8")).output;
const seen = (name: string) => ({
  maps: listMultipathMaps.parse(output("listMultipathMaps", name)),
  devices: listBlockDevices.parse(output("listBlockDevices", name)),
});

describe("an observation of a host's LUNs", () => {
  it("counts the paths outside a map, and names them", () => {
    const view = viewWith(host, seen("field-truncated"));
    const [on] = lunsOf([view])[0]?.on ?? [];
    expect(on && pathsOf(on)).toBe("2/4");
    expect(on?.outsideMap).toEqual(["sdq", "sdr"]);
    expect(healthsOf(view)).toMatchObject([{ health: "degraded", outside: ["sdq", "sdr"] }]);
    expect(plainLines(multipathParts([view], null)).join("\n")).toMatch(/degraded.*2\/4.*sdq, sdr outside the map/);
  });

  it("reports a LUN in two maps", () => {
    const { maps, devices } = seen("field-truncated");
    const [first] = maps;
    const [path] = first?.paths ?? [];
    if (first === undefined || path === undefined) throw new Error("the case has a map");
    const second = { ...first, wwid: "3600507680000000000000000000000df", alias: "mpathz", dmName: "dm-9" };
    const others = ["sdq", "sdr"].map((device) => ({ ...path, device }));
    const view = viewWith(host, { maps: [first, { ...second, paths: others }], devices });
    const lun = lunsOf([view]).find(({ wwid }) => wwid === first.wwid);
    const [on] = lun?.on ?? [];
    if (lun === undefined || on === undefined) throw new Error("the LUN is seen");
    expect(textsOf(mapReasons(lun, on)).join("\n")).toContain("in two multipath maps: sdq, sdr in mpathz");
  });

  it("shows no paths if multipath could not be read", () => {
    const { devices } = seen("field-truncated");
    const reads = { ids: done([]), devices: done(devices), volumes: done([]), groups: done([]) };
    const locks = { leases: done(null), lockspaces: done(null), holders: done([]), openCounts: done([]) };
    const view = viewOf(host, { ...reads, ...locks, maps: unknown("multipath did not end within 20 s") });
    const [on] = lunsOf([view])[0]?.on ?? [];
    expect(on && pathsOf(on)).toBe("map and paths not known");
  });

  it("counts disks without a usable name, and shows them", () => {
    const ids = listDiskIds.parse(output("listDiskIds", "field-t10-names"));
    const { devices } = { devices: listBlockDevices.parse(output("listBlockDevices", "field-t10-names")) };
    const view = viewWith(host, { ids, devices });
    expect(unnamedDisks([view]).map(({ kernelName }) => kernelName)).toEqual(["sdb", "sdc", "nvme1n1"]);
    expect(plainLines(unnamedPart([view])).join("\n")).toMatch(
      /^3 disks have no usable name.*host1 sdb \(IET VIRTUAL-DISK, 107.4 GB, no name\); host1 sdc .*t10\.IET/,
    );
  });

  it("does not use a map with spaces in its WWID as a LUN", () => {
    const maps = listMultipathMaps.parse(output("listMultipathMaps", "field-bare-wwid-blanks"));
    const lun = lunsOf([viewWith(host, { maps })]).find(({ wwid }) => wwid.startsWith("1IET"));
    const [on] = lun?.on ?? [];
    if (lun === undefined || on === undefined) throw new Error("the map is seen");
    expect(textsOf(mapReasons(lun, on)).join("\n")).toContain("does not identify a LUN on every host");
  });
});

describe("a host that may be dead", () => {
  const on = (of: Partial<StorageOnHost>): StorageOnHost => ({
    ...{ host, volumes: [], vms: [], vmsUnknown: null, locks: "none", left: null, lockVolume: false },
    ...{ lvmlockdRuns: true, seesGroup: true, hostLeases: [], isLeaseMissing: false, problems: [], isSilent: false },
    ...of,
  });
  const silent = on({ host: hostCalled("host2", 2), problems: ["connecting: no route"], isSilent: true });
  const lease = { hostId: 2, ownerName: "x", released: false, ioTimeoutSeconds: 10 };

  it("does not answer, and no other host reads a renewed lease of it", () => {
    const dead = on({ hostLeases: [{ ...lease, unchangedSeconds: 300 }] });
    const alive = on({ hostLeases: [{ ...lease, unchangedSeconds: 20 }] });
    expect(perhapsDead([silent, dead]).map(({ name }) => name)).toEqual(["host2"]);
    expect(perhapsDead([silent, alive])).toEqual([]);
    expect(perhapsDead([on({ problems: ["vgs: exit code 5"] })])).toEqual([]);
  });
});

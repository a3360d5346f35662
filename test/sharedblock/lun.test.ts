import { describe, expect, it } from "vitest";
import type { Host } from "../../src/core/inventory.ts";
import type { BlockDevice, MultipathMap } from "../../src/core/storage.ts";
import { deviceObjections, inUseObjections } from "../../src/sharedblock/checks.ts";
import type { HostView } from "../../src/sharedblock/look.ts";
import { type Lun, lunsOf } from "../../src/sharedblock/lun.ts";
import { uuid } from "../store/samples.ts";

const WWID = "36b083fe000daf018000015505abbe00a";
const WWN = "0x6b083fe000daf018000015505abbe00a";

const host = (name: string): Host => ({
  uuid: uuid(1),
  name,
  clusterUuid: uuid(2),
  address: "127.0.0.1",
  port: 22,
  user: "root",
  hostKeySha256: "SHA256:x",
  sanlockHostId: null,
});

const device = (kernelName: string, given: Partial<BlockDevice> = {}): BlockDevice => ({
  ...{ name: kernelName, kernelName, majorMinor: "8:0", type: "disk", sizeBytes: 1024 ** 4, fileSystem: null },
  ...{ label: null, uuid: null, mountPoints: [], readOnly: false, logicalSectorBytes: 512, wwn: WWN },
  ...{ vendor: "DELL", model: "MD32xx", hctl: "0:0:0:1", transport: "fc", children: [] },
  ...given,
});

const map = (...devices: string[]): MultipathMap => ({
  ...{ wwid: WWID, alias: "mpatha", dmName: "dm-2", vendor: "DELL", product: "MD32xx", sizeBytes: null },
  paths: devices.map((name, group) => ({
    ...{ hctl: `0:0:${group}:1`, device: name, majorMinor: "8:0", dmState: "active", checkerState: "ready" },
    ...{ deviceState: "running", group },
  })),
});
const mpath = device("dm-2", { name: "mpatha", type: "mpath", hctl: null, wwn: null });

const view = (given: Partial<HostView>, name = "host1"): HostView => ({
  ...{
    host: host(name),
    maps: [],
    ids: [],
    devices: [],
    groups: [],
    volumes: [],
    leases: [],
    lockspaces: [],
    problems: [],
  },
  ...given,
});
const objections = (...views: HostView[]): string[] => {
  const [lun] = lunsOf(views) as [Lun];
  return [...deviceObjections(lun, views), ...inUseObjections(lun, views, null)];
};
const pathsUnder = (...names: string[]) => names.map((name) => device(name, { children: [mpath] }));

describe("a LUN as its hosts see it", () => {
  it("is free of objections where every path is in the map and nobody uses it", () => {
    expect(objections(view({ maps: [map("sdk", "sdl")], devices: pathsUnder("sdk", "sdl") }))).toEqual([]);
  });

  it("is in use where a path that the map left out is mounted", () => {
    const devices = [...pathsUnder("sdk", "sdl"), device("sdm", { mountPoints: ["/mnt/backup"] })];
    const found = objections(view({ maps: [map("sdk", "sdl")], devices }));
    expect(found.join("\n")).toMatch(/also as sdm, outside its multipath map/);
    expect(found.join("\n")).toMatch(/mounted on host1 at \/mnt\/backup/);
  });

  it("is refused as several bare paths, told apart by the WWN that each bears", () => {
    const ids = [{ name: `scsi-${WWID}`, device: "sdm" }];
    const found = objections(view({ ids, devices: [device("sdk"), device("sdl"), device("sdm")] }));
    expect(found.join("\n")).toMatch(/over 3 paths \(sdk, sdl, sdm\) without a multipath map/);
  });

  it("is refused as a bare path whose siblings can't be known", () => {
    const ids = [{ name: "scsi-1494554000000000031", device: "sdk" }];
    const [lun] = lunsOf([view({ ids, devices: [device("sdk", { wwn: null }), device("sdl", { wwn: null })] })]) as [
      Lun,
    ];
    expect(lun.wwid).toBe("1494554000000000031");
    const found = objections(view({ ids, devices: [device("sdk", { wwn: null })] }));
    expect(found.join("\n")).toMatch(/its paths can't be counted/);
  });

  it("is refused as a bare path where another host has a map of it", () => {
    const found = objections(
      view({ maps: [map("sdk")], devices: pathsUnder("sdk") }, "host1"),
      view({ devices: [device("sdk")] }, "host2"),
    );
    expect(found).toEqual([expect.stringMatching(/^host2 has no multipath map of .* as host1 has/)]);
  });

  it("is taken as the only bare path of every host", () => {
    expect(objections(view({ devices: [device("sde")] }))).toEqual([]);
  });

  it("bears the WWID of its EUI-64 where the link says so", () => {
    const ids = [{ name: "scsi-20017380000000001", device: "sde" }];
    const [lun] = lunsOf([view({ ids, devices: [device("sde", { wwn: "0x0017380000000001" })] })]) as [Lun];
    expect(lun.wwid).toBe("20017380000000001");
  });

  it.each(["/dev/sdk", "/dev/dm-2", "/dev/mapper/mpatha", `/dev/mapper/${WWID}`, `/dev/disk/by-id/wwn-${WWN}`])(
    "is known as a physical volume of another group under the name %s",
    (name) => {
      const ids = [{ name: `wwn-${WWN}`, device: "dm-2" }];
      const volumes = [{ device: name, uuid: "u", volumeGroup: "vg_prod", sizeBytes: 1, freeBytes: 0 }];
      const found = objections(view({ ids, volumes, maps: [map("sdk")], devices: pathsUnder("sdk") }));
      expect(found.join("\n")).toMatch(/physical volume of volume group vg_prod/);
    },
  );

  it("is refused where another disk carries the same PV UUID: a clone or snapshot", () => {
    const volumes = [{ device: "/dev/mapper/mpatha", uuid: "same", volumeGroup: null, sizeBytes: 1, freeBytes: 0 }];
    const clone = device("sdz", { wwn: "0x6b083fe000daf018000015505abbe999", uuid: "same" });
    const found = objections(view({ volumes, maps: [map("sdk")], devices: [...pathsUnder("sdk"), clone] }));
    expect(found.join("\n")).toMatch(/also on sdz: one is a clone or snapshot/);
  });
});

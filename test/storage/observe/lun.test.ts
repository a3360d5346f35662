import { describe, expect, it } from "vitest";
import { emptyInventory, type Host, type Inventory, type PrimaryStorage } from "../../../src/core/inventory.ts";
import { reasonText } from "../../../src/core/refusal.ts";
import type { BlockDevice, MultipathMap, PhysicalVolume } from "../../../src/core/storage.ts";
import { deviceReasons, inUseReasons } from "../../../src/storage/checks/checks.ts";
import type { HostView } from "../../../src/storage/observe/host-view.ts";
import { type Lun, lunsOf } from "../../../src/storage/observe/lun.ts";
import { lunTable } from "../../../src/storage/render/matrix.ts";
import { uuid } from "../../store/samples.ts";

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
    holders: [],
    openCounts: [],
    use: null,
    identities: [],
    leases: [],
    lockspaces: [],
    problems: [],
    sightProblems: [],
    notUnderstood: [],
    mapsAreKnown: true,
    isUnreachable: false,
  },
  ...given,
});
const reasons = (...views: HostView[]): string[] => {
  const [lun] = lunsOf(views) as [Lun];
  return [...deviceReasons(lun, views), ...inUseReasons(lun, views, null)].map(reasonText);
};
const volume = (name: string, volumeGroup: string | null): PhysicalVolume => ({
  device: name,
  uuid: "u",
  volumeGroup,
  sizeBytes: 1,
  freeBytes: 0,
  isDuplicate: false,
});
const pathsUnder = (...names: string[]) => names.map((name) => device(name, { children: [mpath] }));

describe("a LUN as its hosts see it", () => {
  it("can be used if every path is in the map and no process uses it", () => {
    expect(reasons(view({ maps: [map("sdk", "sdl")], devices: pathsUnder("sdk", "sdl") }))).toEqual([]);
  });

  it("is in use if a path outside the map is mounted", () => {
    const devices = [...pathsUnder("sdk", "sdl"), device("sdm", { mountPoints: ["/mnt/backup"] })];
    const found = reasons(view({ maps: [map("sdk", "sdl")], devices }));
    expect(found.join("\n")).toMatch(/also as sdm, outside its multipath map/);
    expect(found.join("\n")).toMatch(/mounted on host1 at \/mnt\/backup/);
  });

  it("is refused as several bare paths, recognised by the WWN of each", () => {
    const ids = [{ name: `scsi-${WWID}`, device: "sdm" }];
    const found = reasons(view({ ids, devices: [device("sdk"), device("sdl"), device("sdm")] }));
    expect(found.join("\n")).toMatch(/over 3 paths \(sdk, sdl, sdm\) without a multipath map/);
  });

  it("is refused as a bare path if other paths can't be known", () => {
    const ids = [{ name: "scsi-1494554000000000031", device: "sdk" }];
    const [lun] = lunsOf([view({ ids, devices: [device("sdk", { wwn: null }), device("sdl", { wwn: null })] })]) as [
      Lun,
    ];
    expect(lun.wwid).toBe("1494554000000000031");
    const found = reasons(view({ ids, devices: [device("sdk", { wwn: null })] }));
    expect(found.join("\n")).toMatch(/its paths can't be counted/);
  });

  it("is refused as a bare path if another host has a map of it", () => {
    const found = reasons(
      view({ maps: [map("sdk")], devices: pathsUnder("sdk") }, "host1"),
      view({ devices: [device("sdk")] }, "host2"),
    );
    expect(found).toEqual([expect.stringMatching(/^host2 has no multipath map of .*; host1 has one/)]);
  });

  it("is accepted as the only bare path of every host", () => {
    expect(reasons(view({ devices: [device("sde")] }))).toEqual([]);
  });

  it("has the WWID of its EUI-64 if the link shows it", () => {
    const ids = [{ name: "scsi-20017380000000001", device: "sde" }];
    const [lun] = lunsOf([view({ ids, devices: [device("sde", { wwn: "0x0017380000000001" })] })]) as [Lun];
    expect(lun.wwid).toBe("20017380000000001");
  });

  it.each(["/dev/sdk", "/dev/dm-2", "/dev/mapper/mpatha", `/dev/mapper/${WWID}`, `/dev/disk/by-id/wwn-${WWN}`])(
    "is known as a physical volume of another group under the name %s",
    (name) => {
      const ids = [{ name: `wwn-${WWN}`, device: "dm-2" }];
      const volumes = [volume(name, "vg_prod")];
      const found = reasons(view({ ids, volumes, maps: [map("sdk")], devices: pathsUnder("sdk") }));
      expect(found.join("\n")).toMatch(/physical volume of volume group vg_prod/);
    },
  );

  const clone = device("sdz", { wwn: "0x6b083fe000daf018000015505abbe999" });
  /** What LVM lists, the map first. */
  const withVolumes = (...volumes: PhysicalVolume[]) =>
    reasons(view({ volumes, maps: [map("sdk")], devices: [...pathsUnder("sdk"), clone] }));

  it("is refused if another disk has the same PV UUID, with either of them in LVM: a clone or snapshot", () => {
    const other = { ...volume("/dev/sdz", null), isDuplicate: true };
    const expected = /PV UUID u also on 36b083fe000daf018000015505abbe999: one is a clone or snapshot/;
    expect(withVolumes(volume("/dev/mapper/mpatha", null), other).join("\n")).toMatch(expected);
    const mine = { ...volume("/dev/mapper/mpatha", null), isDuplicate: true };
    expect(withVolumes(mine, volume("/dev/sdz", "vg_prod")).join("\n")).toMatch(expected);
  });

  it("is refused if another host sees the UUID on a disk that it does not share", () => {
    const one = view({ volumes: [volume("/dev/mapper/mpatha", null)], maps: [map("sdk")], devices: pathsUnder("sdk") });
    const other = view({ volumes: [volume("/dev/sdz", null)], devices: [clone] }, "host2");
    const [lun] = lunsOf([one]) as [Lun];
    expect(inUseReasons(lun, [one, other], null).map(reasonText).join("\n")).toMatch(
      /^host2 sees the PV UUID u also on 36b083f/,
    );
  });

  it("is no clone of another physical volume, and not of itself over bare paths", () => {
    expect(withVolumes(volume("/dev/mapper/mpatha", null), { ...volume("/dev/sdz", null), uuid: "other" })).toEqual([]);
    const [lun] = lunsOf([
      view({
        volumes: [volume("/dev/sdk", null), { ...volume("/dev/sdl", null), isDuplicate: true }],
        devices: [device("sdk"), device("sdl")],
      }),
    ]) as [Lun];
    expect(lun.on[0]?.physicalVolume?.device).toBe("/dev/sdk");
    expect(inUseReasons(lun, [], null)).toEqual([]);
  });
});

describe("what the matrix shows of a LUN", () => {
  const storage: PrimaryStorage = {
    ...{ uuid: uuid(9), name: "ps-1", description: "", zoneUuid: uuid(3), state: "Enabled", clusterUuids: [] },
    sharedBlocks: [],
  };
  const inventory: Inventory = { ...emptyInventory, primaryStorages: [storage] };
  const onMap = (volumeGroup: string | null, uuid = "u"): PhysicalVolume => ({
    ...volume("/dev/mapper/mpatha", volumeGroup),
    uuid,
  });
  /** The map's content in the udev of a host, and the list of its LVM. */
  const sees = (name: string, udev: Partial<BlockDevice>, volumes: PhysicalVolume[] = []): HostView => {
    const top = device("dm-2", { name: "mpatha", type: "mpath", hctl: null, wwn: null, ...udev });
    return view({ volumes, maps: [map("sdk")], devices: [device("sdk", { children: [top] })] }, name);
  };
  const pv = { fileSystem: "LVM2_member", uuid: "u" };
  const holds = (...views: HostView[]): unknown => {
    const table = lunTable(lunsOf(views), views, inventory);
    return table.kind === "fields" ? table.fields.find(([name]) => name === "holds")?.[1] : null;
  };

  it.each<[string, string, HostView[]]>([
    ["without host names if all report the same", "LVM2_member", [sees("host1", pv), sees("host2", pv)]],
    ["that it is empty if all report it", "no signature", [sees("host1", {}), sees("host2", {})]],
    [
      "each with its host, if the udev of some has data that another host removed",
      "no signature (host1); LVM2_member (host2, host3)",
      [sees("host1", {}), sees("host2", pv), sees("host3", pv)],
    ],
    [
      "each with its host, if the LVM of some lists it",
      'orphan PV u (host1); ext4 "data" (host2)',
      [sees("host1", pv, [onMap(null)]), sees("host2", { fileSystem: "ext4", label: "data" })],
    ],
    [
      "what LVM reads, if the same host's udev has other data",
      "PV of vg_prod",
      [sees("host1", { fileSystem: "ext4" }, [onMap("vg_prod")]), sees("host2", pv, [onMap("vg_prod")])],
    ],
    [
      "its storage, with any old data in another host's udev",
      "PV of ps-1",
      [sees("host1", {}, [onMap(storage.uuid)]), sees("host2", { fileSystem: "ext4" })],
    ],
    [
      "its users and its content",
      'no signature (host1); ext4 "data" (host2); mounted on host2:/mnt',
      [sees("host1", {}), sees("host2", { fileSystem: "ext4", label: "data", mountPoints: ["/mnt"] })],
    ],
    [
      "nothing of a host with unreadable disks",
      "LVM2_member",
      [sees("host1", pv), view({ maps: [map("sdk")], problems: ["lsblk"] }, "host2")],
    ],
  ])("%s", (_what, told, views) => {
    expect(holds(...views)).toBe(told);
  });
});

import { blank, fileSystem, guidPartitions, lvmUuid, physicalVolume } from "./content.ts";
import { newHost } from "./new-host.ts";
import { diskName, nextMinor } from "./san.ts";
import type { SanHost, SanLun, SanState } from "./san-state.ts";
import { iscsiArray, iscsiTargets } from "./tutorial-iscsi.ts";

/** The LUNs of the tutorial's array, by what is on them. */
export const tutorialLuns = {
  /** An orphan LVM physical volume: the tutorial's own LUN, which needs `wipe=true`. */
  orphan: "36b083fe000daf018000015505abbe00a",
  blank: "36f011af000d5c3e70000166e5ab82173",
  /** A physical volume of `vg_archive`, which is active on the first host. */
  ofAnotherGroup: "36b083fe000daf0180000154f5abbd7c1",
  /** ext4 with the label `backup`, mounted on the second host. */
  mounted: "36b083fe000daf018000015585abbe2b7",
  partitioned: "36b083fe000daf0180000155b5abbe41d",
  /** Blank, and the third host does not get it. */
  notEverywhere: "36b083fe000daf0180000155e5abbe5f2",
  /** Blank, with a failed path on every host. */
  failedPath: "36b083fe000daf018000015615abbe7c8",
} as const;

const addresses = [
  ["sharedblock-host1", "172.20.11.107"],
  ["sharedblock-host2", "172.20.11.244"],
  ["sharedblock-host3", "172.20.12.241"],
] as const;

/** 2.19TB as lsscsi prints it, 2.0T as multipath does. */
const tutorialBytes = 2_190_433_320_960;
const tebibyte = 1024 ** 4;
const gibibyte = 1024 ** 3;
const mebibyte = 1024 ** 2;
const archive = lvmUuid("vg_archive");

/** The array and the three hosts of the tutorial, with one of each hard case, before the first command of the bot. */
export function tutorialSan(): SanState {
  const luns = tutorialArray();
  const etcHosts = `127.0.0.1\tlocalhost\n172.20.12.249\tzstack-mn\n${addresses.map(([name, address]) => `${address}\t${name}\n`).join("")}`;
  const hosts = addresses.map(([name, address], index) =>
    tutorialHost({ ...newHost(name, index === 2 ? "zstack" : "root", etcHosts), address }, luns),
  );
  const [first, second] = hosts;
  first?.activeVolumes.push({
    volumeGroupUuid: archive,
    name: "lv_archive",
    minor: nextMinor(first),
    openCount: 1,
    lock: null,
  });
  second?.mounts.push({ wwid: tutorialLuns.mounted, partition: null, mountPoint: "/mnt/backup" });
  const volumeGroup = { name: "vg_archive", uuid: archive, tags: [], lockType: null, lockArgs: null };
  const logicalVolumes = [{ name: "lv_archive", sizeBytes: 500 * gibibyte, tags: [] }];
  return {
    version: 1,
    luns: [...luns, ...iscsiArray()],
    targets: iscsiTargets(),
    failedPorts: [],
    volumeGroups: [{ ...volumeGroup, logicalVolumes }],
    pastLeases: [],
    hosts,
  };
}

function tutorialArray(): SanLun[] {
  const lun = (number: number, wwid: string, sizeBytes: number, content = blank()): SanLun => {
    const model = { vendor: "DELL", product: "MD32xx", revision: "0784" };
    return { wwid, number, sizeBytes, logicalSectorBytes: 512, ...model, content };
  };
  const partitions = [
    { number: 1, sizeBytes: 512 * mebibyte, fileSystem: "vfat", label: "EFI", uuid: "7A3C-19F2" },
    {
      number: 2,
      sizeBytes: 199 * gibibyte,
      fileSystem: "xfs",
      label: null,
      uuid: "5f0c7d1e-3b7a-4c1f-a2c9-6d0f4b8e9a11",
    },
  ];
  const archiveVolume = { sizeBytes: tebibyte, dataStartBytes: mebibyte };
  // pvcreate made the orphan with its usual metadata size.
  const orphanVolume = { sizeBytes: tutorialBytes, dataStartBytes: mebibyte };
  const orphanUuid = "zUbBDF-i1Sg-YU3g-h2jN-m7hr-H9Dh-qgmsnF";
  return [
    lun(1, tutorialLuns.ofAnotherGroup, tebibyte, physicalVolume(lvmUuid("archive"), archiveVolume, archive)),
    lun(2, tutorialLuns.blank, 2 * tebibyte),
    lun(3, tutorialLuns.orphan, tutorialBytes, physicalVolume(orphanUuid, orphanVolume, null)),
    lun(4, tutorialLuns.mounted, 500 * gibibyte, fileSystem("ext4", "backup")),
    lun(5, tutorialLuns.partitioned, 200 * gibibyte, guidPartitions(200 * gibibyte, partitions)),
    lun(6, tutorialLuns.notEverywhere, tebibyte),
    lun(7, tutorialLuns.failedPath, tebibyte),
  ];
}

/** Three targets; the first three LUNs were there at boot (sdb … sdj), the others came one after another. */
function tutorialHost(host: SanHost, luns: readonly SanLun[]): SanHost {
  const third = host.name === "sharedblock-host3";
  const seen = luns.filter((lun) => !(third && lun.wwid === tutorialLuns.notEverywhere));
  for (const [place, lun] of seen.entries()) {
    for (const target of [0, 1, 2]) {
      const index = place < 3 ? 1 + target * 3 + place : 1 + place * 3 + target;
      const failed = lun.wwid === tutorialLuns.failedPath && target === 1;
      host.paths.push({
        wwid: lun.wwid,
        hctl: `0:0:${target}:${lun.number}`,
        device: diskName(index),
        sizeBytes: lun.sizeBytes,
        state: failed ? "failed" : "running",
      });
    }
  }
  // Aliases are each host's own: on the third host mpatha is another LUN.
  const aliases = third ? ["mpathc", "mpatha", "mpathb"] : ["mpathc", "mpathb", "mpatha"];
  host.maps = seen.map(({ wwid, sizeBytes }, minor) => {
    const alias = aliases[minor] ?? `mpath${String.fromCharCode(97 + minor)}`;
    return { wwid, alias, minor, sizeBytes, gonePaths: 0, leftOut: [], deleted: [] };
  });
  return host;
}

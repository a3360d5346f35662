import { lvmUuid } from "./content.ts";
import { isOverIscsi } from "./iscsi.ts";
import { diskIndex, type San } from "./san.ts";
import type { Content, SanHost, SanMap, SanPartition, SanPath } from "./san-state.ts";
import { rememberedOf } from "./udev-memory.ts";

/** A block device as one host's kernel and udev know it. */
export interface Device {
  /** `sdd`, `dm-2` */
  readonly kernelName: string;
  /** `mpatha` for a map, else the kernel name. */
  readonly name: string;
  readonly majorMinor: readonly [number, number];
  readonly type: string;
  readonly sizeBytes: number;
  readonly logicalSectorBytes: number;
  readonly fileSystem: string | null;
  readonly label: string | null;
  readonly uuid: string | null;
  readonly mountPoint: string | null;
  /** Set if the device is a complete LUN: a path or the map. */
  readonly wwid: string | null;
  /** A separate disk: its hardware in lsblk and lsscsi. */
  readonly disk: DiskIdentity | null;
  readonly path: SanPath | null;
  readonly map: SanMap | null;
  /** The kernel itself has it open exclusively, without a device for it. */
  readonly isExported: boolean;
  readonly children: readonly Device[];
}
interface DiskIdentity {
  /** null if udev has lost it. */
  readonly wwn: string | null;
  readonly vendor: string;
  readonly model: string;
  readonly revision: string;
  readonly hctl: string;
  readonly transport: string;
}

const noContent = { fileSystem: null, label: null, uuid: null };
const noDisk = {
  logicalSectorBytes: 512,
  mountPoint: null,
  wwid: null,
  disk: null,
  path: null,
  map: null,
  isExported: false,
  children: [],
};
/** The kernel's block majors for SCSI disks; each has 16 disks of 16 minors. */
const scsiMajors = [8, 65, 66, 67, 68, 69, 70, 71, 128, 129, 130, 131, 132, 133, 134, 135];
export const mapperMajor = 253;

/** Disks with the devices on top of them, as lsblk lists them; a map is a child of each of its paths. */
export function diskDevices(san: San, host: SanHost): Device[] {
  const maps = new Map(host.maps.map((map) => [map.wwid, mapDevice(san, host, map)]));
  const mapOver = (device: string, wwid: string): Device | undefined => {
    const map = maps.get(wwid);
    return map?.map?.leftOut.includes(device) ? undefined : map;
  };
  const disks = host.paths.flatMap((path) =>
    path.device === null ? [] : [pathDevice(san, host, path, path.device, mapOver(path.device, path.wwid))],
  );
  const withPath = new Set(host.paths.flatMap(({ wwid, device }) => (device === null ? [] : [wwid])));
  const pathless = host.maps.filter(({ wwid }) => !withPath.has(wwid));
  const roots = [localDisk(host), ...disks, ...pathless.flatMap((map) => maps.get(map.wwid) ?? [])];
  return roots.sort((a, b) => a.majorMinor[0] - b.majorMinor[0] || a.majorMinor[1] - b.majorMinor[1]);
}

function localDisk(host: SanHost): Device {
  const { device, hctl, model, revision, wwn, sizeBytes, partitions } = host.localDisk;
  const [major, minor] = diskNumbers(device);
  return {
    ...noDisk,
    ...noContent,
    kernelName: device,
    name: device,
    majorMinor: [major, minor],
    type: "disk",
    sizeBytes,
    disk: { wwn, vendor: "ATA", model, revision, hctl, transport: "sata" },
    children: partitions.map((partition) => ({
      ...partitionDevice(partition, `${device}${partition.number}`, [major, minor + partition.number]),
      mountPoint: partition.mountPoint,
    })),
  };
}

/** The kernel sent udev an event about the disk's new size; udev asked the disk for its name and got no answer. */
export const isForgottenByUdev = (path: SanPath): boolean => path.state === "unmapped" && path.sizeBytes === 0;

function pathDevice(san: San, host: SanHost, path: SanPath, device: string, map: Device | undefined): Device {
  const lun = san.lun(path.wwid);
  const numbers = diskNumbers(device);
  const bare = {
    ...rememberedOf(san, host, path.wwid),
    mountPoint: mountPoint(host, path.wwid, null),
    children: [
      ...lun.content.partitions.map((partition) => ({
        ...partitionDevice(partition, `${device}${partition.number}`, [numbers[0], numbers[1] + partition.number]),
        mountPoint: mountPoint(host, path.wwid, partition.number),
      })),
      ...volumeDevices(san, host, lun.content),
      ...stackedDevices(host, path.wwid),
    ],
    isExported: isExported(host, path.wwid),
  };
  const member = {
    ...noContent,
    fileSystem: "mpath_member",
    mountPoint: null,
    isExported: false,
    children: map ? [map] : [],
  };
  return {
    ...(map ? member : bare),
    kernelName: device,
    name: device,
    majorMinor: numbers,
    type: "disk",
    sizeBytes: path.sizeBytes,
    logicalSectorBytes: lun.logicalSectorBytes,
    wwid: path.wwid,
    disk: {
      wwn: isForgottenByUdev(path) ? null : wwnOf(path.wwid),
      vendor: lun.vendor,
      model: lun.product,
      revision: lun.revision,
      hctl: path.hctl,
      transport: isOverIscsi(host, path.hctl) ? "iscsi" : host.transport,
    },
    path,
    map: null,
  };
}

function mapDevice(san: San, host: SanHost, map: SanMap): Device {
  const { content, logicalSectorBytes } = san.lun(map.wwid);
  return {
    ...noDisk,
    ...rememberedOf(san, host, map.wwid),
    kernelName: `dm-${map.minor}`,
    name: map.alias,
    majorMinor: [mapperMajor, map.minor],
    type: "mpath",
    sizeBytes: map.sizeBytes,
    logicalSectorBytes,
    mountPoint: mountPoint(host, map.wwid, null),
    wwid: map.wwid,
    map,
    isExported: isExported(host, map.wwid),
    children: [
      ...content.partitions.map((partition) => {
        // Partitions of maps get their minor numbers far from those of maps, so that they stay what they are.
        const minor = 64 + map.minor * 8 + partition.number;
        const name = `${map.alias}${/\d$/.test(map.alias) ? "p" : ""}${partition.number}`;
        return {
          ...partitionDevice(partition, name, [mapperMajor, minor]),
          kernelName: `dm-${minor}`,
          mountPoint: mountPoint(host, map.wwid, partition.number),
        };
      }),
      ...volumeDevices(san, host, content),
      ...stackedDevices(host, map.wwid),
    ],
  };
}

const isExported = (host: SanHost, wwid: string): boolean =>
  host.exports.some((one) => one.wwid === wwid) || host.claims.includes(wwid);

const stackedDevices = (host: SanHost, wwid: string): Device[] =>
  host.stacked
    .filter((one) => one.wwid === wwid)
    .map(({ kernelName, type, major, minor, sizeBytes }) => ({
      ...{ ...noDisk, ...noContent, kernelName, name: kernelName, type, sizeBytes },
      majorMinor: [major, minor] as const,
    }));

function partitionDevice(partition: SanPartition, name: string, majorMinor: readonly [number, number]): Device {
  const { sizeBytes, fileSystem, label, uuid } = partition;
  return { ...noDisk, kernelName: name, name, majorMinor, type: "part", sizeBytes, fileSystem, label, uuid };
}

function volumeDevices(san: San, host: SanHost, content: Content): Device[] {
  const groupUuid = content.physicalVolume?.volumeGroupUuid;
  return host.activeVolumes.flatMap((active) => {
    if (active.volumeGroupUuid !== groupUuid) return [];
    const group = san.volumeGroup(active.volumeGroupUuid);
    const volume = group.logicalVolumes.find((one) => one.name === active.name);
    return volume === undefined
      ? []
      : [
          {
            ...noDisk,
            ...noContent,
            kernelName: `dm-${active.minor}`,
            name: mapperName(group.name, active.name),
            majorMinor: [mapperMajor, active.minor] as const,
            type: "lvm" as const,
            sizeBytes: volume.sizeBytes,
            uuid: null,
          },
        ];
  });
}

function mountPoint(host: SanHost, wwid: string, partition: number | null): string | null {
  return host.mounts.find((mount) => mount.wwid === wwid && mount.partition === partition)?.mountPoint ?? null;
}

export function diskNumbers(device: string): readonly [number, number] {
  const index = diskIndex(device);
  return [scsiMajors[(index >> 4) & 0xf] ?? 8, ((index & 0xf) << 4) | (index & 0xfff00)];
}

/** A WWID of type 3 (NAA) is the figure 3 and the world wide name; one of type 1 the vendor's own words. */
export const wwnOf = (wwid: string): string => (hasVendorsName(wwid) ? `t10.${wwid.slice(1)}` : `0x${wwid.slice(1)}`);

export const hasVendorsName = (wwid: string): boolean => wwid.startsWith("1");

/** Device mapper doubles the dashes within names. */
export const mapperName = (group: string, volume: string): string =>
  `${group.replaceAll("-", "--")}-${volume.replaceAll("-", "--")}`;

export const volumeUuid = (groupUuid: string, volume: string): string => lvmUuid(`${groupUuid} ${volume}`);

/** `LVM-` and the UUIDs of group and volume, as device mapper knows a logical volume. */
export const mapperUuid = (groupUuid: string, volume: string): string =>
  `LVM-${`${groupUuid}${volumeUuid(groupUuid, volume)}`.replaceAll("-", "")}`;

export const majorMinorText = (device: Device): string => device.majorMinor.join(":");

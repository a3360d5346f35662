import type { SharedBlock } from "../../core/inventory.ts";
import { type Reason, reason } from "../../core/refusal.ts";
import type { VolumeSpan } from "../../host/lvm.ts";
import { isWorking } from "../../host/multipath.ts";
import type { HostView } from "../observe/host-view.ts";
import type { Lun, LunOnHost } from "../observe/lun.ts";
import type { OfferedSizes } from "../observe/offered-size.ts";
import { formatBytes } from "../size.ts";
import { mapReasons, notSeen } from "./checks.ts";
import { sameLunReasons } from "./one-lun.ts";

/** What one host reports about a grown LUN. */
export interface GrowthOnHost {
  readonly on: LunOnHost;
  /** The part of the LUN that the volume group uses, as this host reads it. */
  readonly span: VolumeSpan;
}

/** A shared block with the size that the array offers, which is larger than the used part. */
export interface Growth {
  readonly block: SharedBlock;
  readonly lun: Lun;
  readonly offeredBytes: number;
  readonly hosts: readonly GrowthOnHost[];
}

export const stalePaths = ({ on }: Pick<GrowthOnHost, "on">, offeredBytes: number): string[] =>
  [...on.pathSizes].filter(([, size]) => size !== offeredBytes).map(([disk]) => disk);

export const isMapStale = ({ on }: Pick<GrowthOnHost, "on">, offeredBytes: number): boolean =>
  on.map !== null && on.sizeBytes !== offeredBytes;

/** LVM allocates whole extents, so less than one extent may remain unused. */
export const isSpanStale = ({ span }: Pick<GrowthOnHost, "span">, offeredBytes: number): boolean =>
  offeredBytes - span.dataStartBytes - span.sizeBytes >= span.extentBytes;

export const hasGrown = ({ block, offeredBytes, hosts }: Growth): boolean =>
  block.sizeBytes !== offeredBytes ||
  hosts.some(
    (each) =>
      stalePaths(each, offeredBytes).length > 0 || isMapStale(each, offeredBytes) || isSpanStale(each, offeredBytes),
  );

/** A LUN that is smaller than its recorded or used size has shrunk, even if every host already knows its new size. */
export function shrunkReasons({ block, lun, offeredBytes, hosts }: Growth): Reason[] {
  const ends = hosts.map(({ span }) => span.dataStartBytes + span.sizeBytes);
  const used = Math.max(block.sizeBytes, ...ends);
  if (offeredBytes >= used) return [];
  return [
    shrunk(
      `the array offers less of ${lun.wwid} than is in use (${formatBytes(offeredBytes)}, not ${formatBytes(used)})`,
    ),
  ];
}

const shrunk = (why: string): Reason =>
  reason("SIZE_UNCLEAR", why, "restore the earlier size of the LUN on the array: the data at its end is missing");

/** What prevents resizing a LUN on any host. */
export function growthReasons(lun: Lun, views: readonly HostView[], offered: readonly OfferedSizes[]): Reason[] {
  const unseen = views.filter(({ host }) => !lun.on.some((on) => on.host === host));
  return [
    ...unseen.map(({ host }) => notSeen(lun.wwid, host)),
    ...sameLunReasons(lun.wwid, lun.on),
    ...lun.on.flatMap((on) => [...mapReasons(lun, on), ...deadPaths(lun, on, offered)]),
    ...sizeReasons(lun, offered),
  ];
}

/** A path that does not answer keeps the old size. The map must not be larger than any of its paths. */
function deadPaths(lun: Lun, on: LunOnHost, offered: readonly OfferedSizes[]): Reason[] {
  const ofHost = offered.find(({ host }) => host === on.host);
  const failed = new Set(on.map?.paths.filter((path) => !isWorking(path)).map((path) => path.device));
  const dead = [...on.pathSizes.keys()].filter(
    (disk) => failed.has(disk) || ofHost?.byDisk.get(disk) === "silent" || ofHost?.byDisk.get(disk) === "again",
  );
  if (dead.length === 0) return [];
  const why = `${on.host.name} gets no answer on ${dead.join(", ")} of ${lun.wwid}, so that path would keep the old size`;
  return [reason("MAP_NOT_USABLE", why, `repair the path ${dead.join(", ")} on ${on.host.name}`)];
}

function sizeReasons(lun: Lun, offered: readonly OfferedSizes[]): Reason[] {
  const reported = reportedSizes(lun, offered);
  const sizes = new Set(reported.map(({ bytes }) => bytes));
  if (sizes.size > 1) {
    const each = reported.map(({ host, disk, bytes }) => `${host} ${disk} ${bytes} bytes`).join(", ");
    const why = `the array reports different sizes of ${lun.wwid} to the hosts (${each})`;
    return [reason("SIZE_UNCLEAR", why, "wait until the array has finished, then send the command again")];
  }
  const [bytes] = sizes;
  return lun.on.flatMap(({ host, sizeBytes }) =>
    bytes === undefined || sizeBytes === null || bytes >= sizeBytes
      ? []
      : [
          shrunk(
            `the array offers less of ${lun.wwid} than ${host.name} knows (${formatBytes(bytes)}, not ${formatBytes(sizeBytes)})`,
          ),
        ],
  );
}

interface ReportedSize {
  readonly host: string;
  readonly disk: string;
  readonly bytes: number;
}
export const reportedSizes = (lun: Lun, offered: readonly OfferedSizes[]): ReportedSize[] =>
  lun.on.flatMap((on) => {
    const ofHost = offered.find(({ host }) => host === on.host);
    return [...on.pathSizes.keys()].flatMap((disk) => {
      const reported = ofHost?.byDisk.get(disk);
      return typeof reported === "object" ? [{ host: on.host.name, disk, bytes: reported.bytes }] : [];
    });
  });

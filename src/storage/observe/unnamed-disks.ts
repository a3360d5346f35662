import type { Host } from "../../core/inventory.ts";
import type { BlockDevice } from "../../core/storage.ts";
import type { HostView } from "./host-view.ts";
import { type Lun, lunsOf, sizesOf } from "./lun.ts";
import { notUnderstoodAbout } from "./not-understood.ts";
import { allDevices } from "./view-index.ts";

/** A disk that an array may have offered, without a usable name. It can't be identified on another host. */
export interface UnnamedDisk {
  readonly host: Host;
  readonly kernelName: string;
  readonly sizeBytes: number;
  /** `IET VIRTUAL-DISK`; empty if the host does not report it. */
  readonly make: string;
  /** Its other name: `t10.IET     00010001`, `uuid.8ef2…`. Null if it has no name. */
  readonly name: string | null;
}

export const unnamedDisks = (views: readonly HostView[]): UnnamedDisk[] => views.flatMap(unnamedOn);

function unnamedOn(view: HostView): UnnamedDisk[] {
  const known = new Set(lunsOf([view]).flatMap(({ on }) => on.flatMap(({ pathSizes }) => [...pathSizes.keys()])));
  const inMaps = new Set(view.maps.flatMap(({ paths }) => paths.map(({ device }) => device)));
  return view.devices
    .filter((disk) => mayBeOffered(disk) && !known.has(disk.kernelName) && !inMaps.has(disk.kernelName))
    .map(({ kernelName, sizeBytes, vendor, model, wwn }) => ({
      host: view.host,
      kernelName,
      sizeBytes,
      make: [vendor, model].filter((word) => word !== null).join(" "),
      name: wwn,
    }));
}

/** A disk over a network, or a SCSI disk that is not local. The host's own NVMe disk has partitions or is mounted. */
function mayBeOffered(disk: BlockDevice): boolean {
  if (disk.type !== "disk" || disk.vendor === "ATA" || ["sata", "ata", "usb"].includes(disk.transport ?? ""))
    return false;
  if (disk.hctl !== null) return true;
  const used = [...allDevices([disk]).values()].some(
    ({ type, mountPoints }) => type === "part" || mountPoints.length > 0,
  );
  return /^nvme/.test(disk.kernelName) && !used && !/^(?:eui|naa)\./.test(disk.wwn ?? "");
}

/** Why a host may see one of the LUNs. Empty if it certainly does, or certainly does not. */
export function sightProblems(view: HostView, luns: readonly Lun[]): string[] {
  const wwids = luns.map(({ wwid }) => wwid);
  const sizes = new Set(luns.flatMap(sizesOf));
  const alike = unnamedDisks([view])
    .filter(({ sizeBytes }) => sizes.has(sizeBytes))
    .map(({ kernelName }) => `its disk ${kernelName} reports no usable name and has the size of the LUN`);
  return [...new Set([...view.sightProblems, ...notUnderstoodAbout(view, wwids).map(({ why }) => why), ...alike])];
}

import { eraseSignatures, lvmUuid, physicalVolume } from "../san/content.ts";
import type { Device } from "../san/devices.ts";
import { isBusy, isReadable, viewOf } from "../san/host-view.ts";
import type { Options } from "../san/options.ts";
import type { Place } from "../san/program.ts";
import { probeAgain } from "../san/udev-memory.ts";
import { noteDevice } from "./lvm-devices.ts";
import type { Settings } from "./lvm-settings-in-force.ts";
import { deviceName, isComponent } from "./physical-volumes.ts";

/** Devices as vgcreate and vgextend take them. */

const mebibyte = 1024 * 1024;

interface Member {
  readonly path: string;
  readonly device: Device;
  readonly wwid: string;
}

/** The devices, or why LVM takes none of them. */
export function membersOf(paths: readonly string[], options: Options, place: Place): Member[] | string {
  const members: Member[] = [];
  for (const path of paths) {
    const device = viewOf(place.san, place.host).find(path);
    if (!device) return `  No device found for ${path}.\n`;
    const problem = problemOf(path, device, options.given.has("yes"), place);
    if (problem !== null) return problem;
    if (device.wwid !== null) members.push({ path, device, wwid: device.wwid });
  }
  return members;
}

/** Why LVM makes no group of the devices and the existing ones; null if it does. */
export function mixedSectors(members: readonly Member[], inGroup: readonly string[], { san }: Place): string | null {
  const wwids = [...inGroup, ...members.map(({ wwid }) => wwid)];
  const [first, second] = new Set(wwids.map((wwid) => san.lun(wwid).logicalSectorBytes));
  if (second === undefined) return null;
  return `  Devices have inconsistent logical block sizes (${first} and ${second}).\n`;
}

/** LVM's message if it does not take the device; null if it does. */
function problemOf(path: string, device: Device, yes: boolean, place: Place): string | null {
  const cannot = (why: string) => `  Cannot use ${path}: ${why}\n  Command requires all devices to be found.\n`;
  if (isComponent(device)) return cannot("device is a multipath component");
  if (device.wwid === null) {
    return device.children.length > 0
      ? cannot("device is partitioned")
      : `  Can't open ${path} exclusively.  Mounted filesystem?\n`;
  }
  const { content } = place.san.lun(device.wwid);
  if (!isReadable(place.host, device))
    return `  Error reading device ${deviceName(device)} at 0 length 512.\n  No device found for ${path}.\n`;
  if (content.partitions.length > 0) return cannot("device is partitioned");
  const groupUuid = content.physicalVolume?.volumeGroupUuid ?? null;
  if (groupUuid !== null) {
    const owner = place.san.volumeGroup(groupUuid).name;
    const name = deviceName(device);
    return `  Physical volume '${name}' is already in volume group '${owner}'\n  Unable to add physical volume '${name}' to volume group '${owner}'\n  ${name}: physical volume not initialized.\n`;
  }
  if (isBusy(device)) {
    return `  Can't open ${deviceName(device)} exclusively.  Mounted filesystem?\n  Cannot use ${path}: device has a signature\n`;
  }
  const [signature] = content.physicalVolume ? [] : content.signatures;
  if (!signature || yes) return null;
  // Nobody answers the question: standard input is empty, which LVM takes for no.
  const count = content.signatures.length;
  return `WARNING: ${signature.type} signature detected on ${path} at offset ${signature.offsetBytes}. Wipe it? [y/n]: [n]\n  Aborted wiping of ${signature.type}.\n  ${count} existing signature${count === 1 ? "" : "s"} left on the device.\n`;
}

/** Makes a physical volume of what is none; one that is there is taken as it is, with its UUID and metadata size. */
export function initialise({ path, device, wwid }: Member, options: Options, settings: Settings, place: Place): string {
  noteDevice(device, settings, place);
  const lun = place.san.lun(wwid);
  if (lun.content.physicalVolume) {
    // Its metadata is written all the same.
    probeAgain(place.san, place.host, wwid);
    return "";
  }
  const wiped = lun.content.signatures.map((one) => `  Wiping ${one.type} signature on ${path}.\n`).join("");
  lun.content = eraseSignatures(lun.content, () => true);
  const metadata = Number.parseInt(options.given.get("metadatasize") ?? "1", 10) * mebibyte;
  // Metadata begins at 4 KiB and data at a whole MiB.
  const dataStartBytes = options.given.has("metadatasize") ? metadata + mebibyte : mebibyte;
  const uuid = lvmUuid(`${wwid} ${place.san.version}`);
  lun.content = physicalVolume(uuid, { sizeBytes: device.sizeBytes, dataStartBytes }, null);
  probeAgain(place.san, place.host, wwid);
  return `${wiped}  Physical volume "${path}" successfully created.\n`;
}

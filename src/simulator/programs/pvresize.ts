import { isReadable, viewOf } from "../san/host-view.ts";
import { readOptions } from "../san/options.ts";
import { complained, type Place, type Program, type Result } from "../san/program.ts";
import { groupToChange, isComplaint } from "./group-access.ts";
import { mayUse } from "./lvm-devices.ts";
import { notRoot } from "./lvm-report.ts";
import { type Settings, withSettings } from "./lvm-settings-in-force.ts";
import { deviceName } from "./physical-volumes.ts";

/** `pvresize DEVICE…`: the physical volume takes the size that this host's kernel knows of its device. */
export const pvresize: Program = (args, place) => {
  const options = readOptions(args, { config: "value" });
  if (options.complaint !== null) {
    return complained(`pvresize: ${options.complaint}\n  Error during parsing of command line.\n`, 3);
  }
  if (options.operands.length === 0) return complained("  Please supply physical volume(s)\n", 3);
  return withSettings(place, (settings) => {
    if (!place.root) return notRoot;
    const ends = options.operands.map((path) => resize(path, settings, place));
    const resized = ends.filter((end) => end.exitCode === 0).length;
    const counts = `  ${resized} physical volume(s) resized or updated / ${ends.length - resized} physical volume(s) not resized\n`;
    return {
      stdout: `${ends.map((end) => end.stdout).join("")}${counts}`,
      stderr: ends.map((end) => end.stderr).join(""),
      exitCode: Math.max(...ends.map((end) => end.exitCode)),
    };
  });
};

function resize(path: string, settings: Settings, place: Place): Result {
  const { san, host } = place;
  const device = viewOf(san, host).find(path);
  const volume = device?.wwid == null || !isReadable(host, device) ? null : san.lun(device.wwid).content.physicalVolume;
  if (device !== null && !mayUse(device, settings, place)) {
    const why =
      settings.get("devices/use_devicesfile") === "1"
        ? "device is not in devices file"
        : "device is excluded by filter";
    return complained(`  Cannot use ${path}: ${why}\n`, 5);
  }
  if (device === null || volume === null) return complained(`  Failed to find physical volume "${path}".\n`, 5);
  if (volume.volumeGroupUuid !== null) {
    const group = groupToChange(san.volumeGroup(volume.volumeGroupUuid).name, settings, place);
    if (isComplaint(group)) return group;
  }
  if (device.sizeBytes < volume.sizeBytes) {
    return complained(`  ${deviceName(device)}: cannot resize to fewer extents as later ones are allocated.\n`, 5);
  }
  volume.sizeBytes = device.sizeBytes;
  san.changed();
  return { stdout: `  Physical volume "${deviceName(device)}" changed\n`, stderr: "", exitCode: 0 };
}

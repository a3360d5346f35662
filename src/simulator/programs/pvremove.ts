import { eraseSignatures } from "../san/content.ts";
import { isBusy, isReadable, viewOf } from "../san/host-view.ts";
import { readOptions } from "../san/options.ts";
import { complained, type Place, type Program, printed, type Result } from "../san/program.ts";
import { probeAgain } from "../san/udev-memory.ts";
import { joinedLockspaces } from "./host-leases.ts";
import { notRoot } from "./lvm-report.ts";
import { type Settings, withSettings } from "./lvm-settings-in-force.ts";
import { deviceName } from "./physical-volumes.ts";

/** `pvremove DEVICE…`: takes LVM's label off an orphan. */
export const pvremove: Program = (args, place) => {
  const options = readOptions(args, { yes: "flag", config: "value" }, { y: "yes" });
  if (options.complaint !== null) {
    return complained(`pvremove: ${options.complaint}\n  Error during parsing of command line.\n`, 3);
  }
  if (options.operands.length === 0) return complained("  Please enter a physical volume path.\n", 3);
  return withSettings(place, (settings) => {
    if (!place.root) return notRoot;
    if (usesDaemon(settings, options.given.get("config")) && joinedLockspaces(place.host).length === 0) {
      return complained("  Global lock failed: check that global lockspace is started\n", 5);
    }
    const ends = options.operands.map((path) => remove(path, place));
    return {
      stdout: ends.map((end) => end.stdout).join(""),
      stderr: ends.map((end) => end.stderr).join(""),
      exitCode: Math.max(...ends.map((end) => end.exitCode)),
    };
  });
};

/** `--config` overrides what the files say. */
const usesDaemon = (settings: Settings, config: string | undefined): boolean =>
  (/\bglobal\/use_lvmlockd=(\d)/.exec(config ?? "")?.[1] ?? settings.get("global/use_lvmlockd")) === "1";

function remove(path: string, place: Place): Result {
  const { san, host } = place;
  const device = viewOf(san, host).find(path);
  if (device === null || device.wwid === null || !isReadable(host, device)) {
    return complained(`  No PV found on device ${path}.\n`, 5);
  }
  const lun = san.lun(device.wwid);
  const volume = lun.content.physicalVolume;
  if (volume === null) return complained(`  No PV found on device ${path}.\n`, 5);
  if (volume.volumeGroupUuid !== null) {
    const group = san.volumeGroup(volume.volumeGroupUuid).name;
    return complained(
      `  PV ${path} is used by VG ${group} so please use vgreduce first.\n  (If you are certain you need pvremove, then confirm by using --force twice.)\n  ${path}: physical volume label not removed.\n`,
      5,
    );
  }
  if (isBusy(device)) {
    return complained(`  Can't open ${deviceName(device)} exclusively.  Mounted filesystem?\n`, 5);
  }
  lun.content = eraseSignatures(lun.content, (signature) => signature.type === "LVM2_member");
  probeAgain(san, host, device.wwid);
  san.changed();
  return printed(`  Labels on physical volume "${path}" successfully wiped.\n`);
}

import { viewOf } from "../san/host-view.ts";
import { readOptions } from "../san/options.ts";
import { complained, type Place, type Program, type Result } from "../san/program.ts";
import { groupToChange, isComplaint } from "./group-access.ts";
import { notRoot } from "./lvm-report.ts";
import { type Settings, withSettings } from "./lvm-settings-in-force.ts";
import { deviceName } from "./physical-volumes.ts";

/** `pvchange --allocatable y|n DEVICE…` */
export const pvchange: Program = (args, place) => {
  const options = readOptions(args, { allocatable: "value", config: "value" }, { x: "allocatable" });
  if (options.complaint !== null) {
    return complained(`pvchange: ${options.complaint}\n  Error during parsing of command line.\n`, 3);
  }
  const allocatable = options.given.get("allocatable");
  if (allocatable !== "y" && allocatable !== "n") {
    return complained(
      `  Invalid argument for --allocatable: ${allocatable ?? ""}\n  Error during parsing of command line.\n`,
      3,
    );
  }
  if (options.operands.length === 0)
    return complained("  Please give a physical volume path or use --select for selection.\n", 3);
  return withSettings(place, (settings) => {
    if (!place.root) return notRoot;
    const ends = options.operands.map((path) => change(path, allocatable === "y", settings, place));
    const changed = ends.filter((end) => end.exitCode === 0 && end.stdout !== "").length;
    const total = ends.length - changed;
    const count = (number: number, what: string) => `${number} physical volume${number === 1 ? "" : "s"} ${what}`;
    return {
      stdout: `${ends.map((end) => end.stdout).join("")}  ${count(changed, "changed")} / ${count(total, "not changed")}\n`,
      stderr: ends.map((end) => end.stderr).join(""),
      exitCode: Math.max(...ends.map((end) => end.exitCode)),
    };
  });
};

function change(path: string, allocatable: boolean, settings: Settings, place: Place): Result {
  const { san, host } = place;
  const device = viewOf(san, host).find(path);
  const volume = device === null || device.wwid === null ? null : san.lun(device.wwid).content.physicalVolume;
  if (device === null || volume === null) return complained(`  Failed to find physical volume "${path}".\n`, 5);
  const name = deviceName(device);
  if (volume.volumeGroupUuid === null) {
    return complained(`  Allocatability not supported by orphan lvm2 format PV ${name}.\n`, 5);
  }
  const group = groupToChange(san.volumeGroup(volume.volumeGroupUuid).name, settings, place);
  if (isComplaint(group)) return group;
  if (volume.allocatable === allocatable) {
    return complained(`  WARNING: Physical volume "${name}" is already ${allocatable ? "" : "un"}allocatable.\n`, 0);
  }
  volume.allocatable = allocatable;
  san.changed();
  return { stdout: `  Physical volume "${name}" changed\n`, stderr: "", exitCode: 0 };
}

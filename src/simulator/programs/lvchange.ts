import { readOptions } from "../san/options.ts";
import { complained, type Place, type Program, type Result } from "../san/program.ts";
import { nextMinor } from "../san/san.ts";
import type { SanVolumeGroup } from "../san/san-state.ts";
import {
  groupToChange,
  groupToDeactivate,
  isComplaint,
  lockedElsewhere,
  volumeNamed,
  withoutLock,
} from "./group-access.ts";
import { notRoot } from "./lvm-report.ts";
import { type Settings, withSettings } from "./lvm-settings-in-force.ts";

/** `lvchange --activate y|ey|sy|n VG/LV…` */
export const lvchange: Program = (args, place) => {
  const options = readOptions(args, { activate: "value", config: "value" }, { a: "activate" });
  if (options.complaint !== null) {
    return complained(`lvchange: ${options.complaint}\n  Error during parsing of command line.\n`, 3);
  }
  const how = options.given.get("activate");
  if (how === undefined || options.operands.length === 0) {
    return complained(
      "  No command with matching syntax recognised.  Run 'lvchange --help' for more information.\n",
      3,
    );
  }
  if (!["y", "ey", "sy", "n"].includes(how)) {
    return complained(`  Invalid argument for --activate: ${how}\n  Error during parsing of command line.\n`, 3);
  }
  return withSettings(place, (settings) => {
    if (!place.root) return notRoot;
    const ends = options.operands.map((operand) => change(operand, how, settings, place));
    return {
      stdout: "",
      stderr: ends.map((end) => end.stderr).join(""),
      exitCode: Math.max(...ends.map((end) => end.exitCode)),
    };
  });
};

function change(operand: string, how: string, settings: Settings, place: Place): Result {
  const named = volumeNamed(operand);
  if (named === null) return complained(`  Invalid path for Logical Volume ${operand}.\n`, 3);
  const group =
    how === "n" ? groupToDeactivate(named.group, settings, place) : groupToChange(named.group, settings, place);
  if (isComplaint(group)) return group;
  if (!group.logicalVolumes.some((one) => one.name === named.volume)) {
    return complained(`  Failed to find logical volume "${named.group}/${named.volume}"\n`, 5);
  }
  return how === "n"
    ? deactivateUnlocked(group, named.volume, place)
    : activate(group, named.volume, how === "sy" ? "sh" : "ex", place);
}

/** Deactivates, also without the group's lock. */
function deactivateUnlocked(group: SanVolumeGroup, volume: string, place: Place): Result {
  const why = withoutLock(group, place);
  const end = deactivate(group, volume, place);
  if (why === null) return end;
  return { ...end, stderr: `${why("skipped")}  Reading VG ${group.name} without a lock.\n${end.stderr}` };
}

type At = Pick<Place, "san" | "host">;

/** Activates and locks, or says why not. */
export function activate(group: SanVolumeGroup, volume: string, mode: "ex" | "sh", place: At): Result {
  const { san, host } = place;
  const active = host.activeVolumes.find((one) => one.volumeGroupUuid === group.uuid && one.name === volume);
  if (active !== undefined) return complained("", 0);
  const lock = group.lockType === null ? null : mode;
  if (lock !== null && lockedElsewhere(place, group, volume, lock)) {
    return complained(
      `  LV locked by other host: ${group.name}/${volume}\n  Failed to lock logical volume ${group.name}/${volume}.\n`,
      5,
    );
  }
  host.activeVolumes.push({ volumeGroupUuid: group.uuid, name: volume, minor: nextMinor(host), openCount: 0, lock });
  san.changed();
  return complained("", 0);
}

/** Deactivates and unlocks, or says why not. */
export function deactivate(group: SanVolumeGroup, volume: string, { san, host }: At): Result {
  const active = host.activeVolumes.find((one) => one.volumeGroupUuid === group.uuid && one.name === volume);
  if (active === undefined) return complained("", 0);
  if (active.openCount > 0) return complained(`  Logical volume ${group.name}/${volume} in use.\n`, 5);
  host.activeVolumes = host.activeVolumes.filter((one) => one !== active);
  san.changed();
  return complained("", 0);
}

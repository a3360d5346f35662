import { readOptions } from "../san/options.ts";
import { complained, type Place, type Program, printed, type Result } from "../san/program.ts";
import { groupToChange, isComplaint, lockedElsewhere, volumeNamed } from "./group-access.ts";
import { notRoot } from "./lvm-report.ts";
import { type Settings, withSettings } from "./lvm-settings-in-force.ts";

/** `lvremove [--yes] VG/LV…` */
export const lvremove: Program = (args, place) => {
  const options = readOptions(args, { yes: "flag", force: "flag", config: "value" }, { y: "yes", f: "force" });
  if (options.complaint !== null) {
    return complained(`lvremove: ${options.complaint}\n  Error during parsing of command line.\n`, 3);
  }
  if (options.operands.length === 0) {
    return complained(
      "  No command with matching syntax recognised.  Run 'lvremove --help' for more information.\n",
      3,
    );
  }
  const sure = options.given.has("yes") || options.given.has("force");
  return withSettings(place, (settings) => {
    if (!place.root) return notRoot;
    const ends = options.operands.map((operand) => remove(operand, sure, settings, place));
    return {
      stdout: ends.map((end) => end.stdout).join(""),
      stderr: ends.map((end) => end.stderr).join(""),
      exitCode: Math.max(...ends.map((end) => end.exitCode)),
    };
  });
};

function remove(operand: string, sure: boolean, settings: Settings, place: Place): Result {
  const named = volumeNamed(operand);
  if (named === null) return complained(`  Invalid path for Logical Volume ${operand}.\n`, 3);
  const group = groupToChange(named.group, settings, place);
  if (isComplaint(group)) return group;
  const path = `${named.group}/${named.volume}`;
  if (!group.logicalVolumes.some((one) => one.name === named.volume)) {
    return complained(`  Failed to find logical volume "${path}"\n`, 5);
  }
  const { host, san } = place;
  const active = host.activeVolumes.find((one) => one.volumeGroupUuid === group.uuid && one.name === named.volume);
  if (group.lockType !== null && active === undefined && lockedElsewhere(place, group, named.volume, "ex")) {
    return complained(`  LV locked by other host: ${path}\n`, 5);
  }
  if (active?.lock === "sh") return complained(`  LV is already locked with incompatible mode: ${path}\n`, 5);
  if (active !== undefined && active.openCount > 0) return complained(`  Logical volume ${path} in use.\n`, 5);
  if (active !== undefined && !sure) {
    // Nobody answers the question: standard input is empty, which LVM takes for no.
    return complained(
      `Do you really want to remove active logical volume ${path}? [y/n]: [n]\n  Logical volume ${path} not removed.\n`,
      5,
    );
  }
  host.activeVolumes = host.activeVolumes.filter((one) => one !== active);
  group.logicalVolumes = group.logicalVolumes.filter((one) => one.name !== named.volume);
  san.changed();
  return printed(`  Logical volume "${named.volume}" successfully removed.\n`);
}

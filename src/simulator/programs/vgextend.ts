import { readOptions } from "../san/options.ts";
import { complained, type Place, type Program, type Result } from "../san/program.ts";
import { groupToChange, isComplaint } from "./group-access.ts";
import { joinedLockspaces } from "./host-leases.ts";
import { notRoot } from "./lvm-report.ts";
import { type Settings, withSettings } from "./lvm-settings-in-force.ts";
import { initialise, membersOf, mixedSectors } from "./new-volumes.ts";

/** `vgextend [--metadatasize SIZE] VG DEVICE…` */
export const vgextend: Program = (args, place) => {
  const options = readOptions(args, { metadatasize: "value", yes: "flag", config: "value" }, { y: "yes" });
  if (options.complaint !== null) {
    return complained(`vgextend: ${options.complaint}\n  Error during parsing of command line.\n`, 3);
  }
  const [name, ...paths] = options.operands;
  if (name === undefined || paths.length === 0) {
    return complained(
      "  No command with matching syntax recognised.  Run 'vgextend --help' for more information.\n",
      3,
    );
  }
  return withSettings(place, (settings) => {
    if (!place.root) return notRoot;
    if (lacksGlobalLock(settings, place)) {
      return complained("  Global lock failed: check that global lockspace is started\n", 5);
    }
    const group = groupToChange(name, settings, place);
    if (isComplaint(group)) return group;
    const members = membersOf(paths, options, place);
    if (typeof members === "string") return complained(members, 5);
    const mixed = mixedSectors(members, lunsIn(group.uuid, place), place);
    if (mixed !== null) return complained(mixed, 5);
    const stdout = members.map((member) => initialise(member, options, settings, place)).join("");
    for (const { wwid } of members) {
      const volume = place.san.lun(wwid).content.physicalVolume;
      if (volume !== null) volume.volumeGroupUuid = group.uuid;
    }
    place.san.changed();
    const end: Result = {
      stdout: `${stdout}  Volume group "${name}" successfully extended\n`,
      stderr: "",
      exitCode: 0,
    };
    return end;
  });
};

const lunsIn = (groupUuid: string, { san }: Place): string[] =>
  san.state.luns.filter(({ content }) => content.physicalVolume?.volumeGroupUuid === groupUuid).map(({ wwid }) => wwid);

/** Every disk that becomes a physical volume takes the global lock, which lives in a started group. */
const lacksGlobalLock = (settings: Settings, { host }: Place): boolean =>
  settings.get("global/use_lvmlockd") === "1" && joinedLockspaces(host).length === 0;

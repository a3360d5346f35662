import { lvmUuid } from "../san/content.ts";
import { type Options, readOptions } from "../san/options.ts";
import { complained, type Place, type Program, passTime, type Result } from "../san/program.ts";
import type { SanVolumeGroup } from "../san/san-state.ts";
import { joinedLockspaces } from "./host-leases.ts";
import { notRoot } from "./lvm-report.ts";
import { type Settings, withSettings } from "./lvm-settings-in-force.ts";
import { initialise, membersOf, mixedSectors } from "./new-volumes.ts";
import { extentBytes, scanDisks, sizeInGroup } from "./physical-volumes.ts";
import { activateLockVolume, isActive, startLockspaceOf } from "./start-lockspace.ts";

const seeHelp = "  Run `vgcreate --help' for more information.\n";
/** The space of sanlock's leases in a new group, independent of `sanlock_lv_extend`. */
const lockVolumeBytes = 256 * 1024 * 1024;

export const vgcreate: Program = (args, place) => {
  const options = readOptions(
    args,
    {
      shared: "flag",
      addtag: "value",
      metadatasize: "value",
      yes: "flag",
      force: "flag",
      config: "value",
      locktype: "value",
    },
    { y: "yes", f: "force" },
  );
  if (options.complaint !== null) {
    return complained(`vgcreate: ${options.complaint}\n  Error during parsing of command line.\n`, 3);
  }
  const [name, ...paths] = options.operands;
  if (name === undefined || paths.length === 0) {
    return {
      stdout: "  vgcreate VG_new PV ...\n\n",
      stderr:
        "  No command with matching syntax recognised.  Run 'vgcreate --help' for more information.\n  Correct command syntax is:\n",
      exitCode: 3,
    };
  }
  return withSettings(place, (settings) => {
    if (!place.root) return notRoot;
    const refusal = refusalBefore(name, options, settings.get("global/use_lvmlockd") === "1", place);
    return refusal ?? create(name, paths, options, settings, place);
  });
};

/** The checks of vgcreate before it reads disks; exit code 3. */
function refusalBefore(name: string, options: Options, useLvmlockd: boolean, place: Place): Result | null {
  const say = (text: string) => complained(`${text}${seeHelp}`, 3);
  if (name.startsWith("-"))
    return say(`  Name cannot start with hyphen.\n  New volume group name "${name}" is invalid.\n`);
  if (!/^[a-zA-Z0-9.\-_+]+$/.test(name)) {
    return say(
      `  Name contains invalid character, valid set includes: [a-zA-Z0-9.-_+].\n  New volume group name "${name}" is invalid.\n`,
    );
  }
  const group = place.san.state.volumeGroups.find((one) => one.name === name);
  if (group && place.host.activeVolumes.some((volume) => volume.volumeGroupUuid === group.uuid)) {
    return say(`  /dev/${name}: already exists in filesystem\n`);
  }
  if (!options.given.has("shared")) return null;
  if (!useLvmlockd) return say("  Using a shared lock type requires lvmlockd (lvm.conf use_lvmlockd.)\n");
  const dead = isActive(place.host, "lvmlockd.service") ? "" : "  WARNING: lvmlockd process is not running.\n";
  if (dead !== "" || !isActive(place.host, "sanlock.service")) {
    return say(`${dead}  Failed to detect a running lock manager to select lock type.\n`);
  }
  return null;
}

async function create(
  name: string,
  paths: readonly string[],
  options: Options,
  settings: Settings,
  place: Place,
): Promise<Result> {
  const { san, host } = place;
  const hostId = Number(settings.get("local/host_id"));
  const shared = options.given.has("shared");
  let stdout = shared && joinedLockspaces(host).length === 0 ? "  Enabling sanlock global lock\n" : "";
  const fail = (stderr: string): Result => ({ stdout, stderr, exitCode: 5 });
  const { seen } = scanDisks(place, settings);
  const present = new Set(seen.map((one) => one.content.volumeGroupUuid));
  if (san.state.volumeGroups.some((group) => group.name === name && present.has(group.uuid))) {
    return fail(`  A volume group called ${name} already exists.\n`);
  }
  const members = membersOf(paths, options, place);
  if (typeof members === "string") return fail(members);
  const mixed = mixedSectors(members, [], place);
  if (mixed !== null) return fail(mixed);
  for (const member of members) stdout += initialise(member, options, settings, place);
  san.changed();
  const volumes = members.flatMap(({ wwid }) => san.lun(wwid).content.physicalVolume ?? []);
  const extents = volumes.reduce((sum, one) => sum + sizeInGroup(one), 0) / extentBytes;
  const needed = shared ? lockVolumeBytes / extentBytes : 1;
  if (extents < needed) {
    // The physical volumes stay.
    stdout += `  Volume group "${name}" successfully removed\n`;
    const cause = `  Volume group "${name}" has insufficient free space (${extents} extents): ${needed} required.\n`;
    return fail(
      `${cause}  Failed to create sanlock lv lvmlock in vg ${name}\n  Failed to create internal lv.\n  Failed to initialize lock args for lock type sanlock\n`,
    );
  }
  const group = newGroup(name, options, place);
  san.state.volumeGroups.push(group);
  for (const volume of volumes) volume.volumeGroupUuid = group.uuid;
  if (!shared) return { stdout: `${stdout}  Volume group "${name}" successfully created\n`, stderr: "", exitCode: 0 };
  activateLockVolume(place, group.uuid);
  san.changed();
  stdout += `  Logical volume "lvmlock" created.\n  Volume group "${name}" successfully created\n`;
  if (hostId === 0) {
    // The group is there all the same, and vgcreate is content with itself.
    const stderr = `  VG ${name} start failed: invalid sanlock host_id, set in lvmlocal.conf\n  Failed to start locking\n`;
    return { stdout, stderr, exitCode: 0 };
  }
  await passTime(place.lockStartMs, place.signal);
  place.resume();
  if (!place.signal.aborted) startLockspaceOf(place, group.uuid, hostId);
  stdout += `  VG ${name} starting sanlock lockspace\n  Starting locking.  Waiting until locks are ready...\n`;
  return { stdout, stderr: "", exitCode: 0 };
}

function newGroup(name: string, options: Options, { san, host }: Place): SanVolumeGroup {
  const shared = options.given.has("shared");
  const tag = options.given.get("addtag");
  return {
    name,
    uuid: lvmUuid(`${name} ${host.name} ${san.version}`),
    tags: tag === undefined ? [] : [tag],
    lockType: shared ? "sanlock" : null,
    lockArgs: shared ? "1.0.0:lvmlock" : null,
    logicalVolumes: shared ? [{ name: "lvmlock", sizeBytes: lockVolumeBytes, tags: [] }] : [],
  };
}

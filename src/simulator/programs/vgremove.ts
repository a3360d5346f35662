import { readOptions } from "../san/options.ts";
import { complained, type Place, type Program, type Result } from "../san/program.ts";
import type { San } from "../san/san.ts";
import type { SanHost, SanVolumeGroup } from "../san/san-state.ts";
import { probeAgain } from "../san/udev-memory.ts";
import { groupToChange, isComplaint } from "./group-access.ts";
import { joinedLockspaces, lastRenewal, ownerName } from "./host-leases.ts";
import { notRoot } from "./lvm-report.ts";
import { withSettings } from "./lvm-settings-in-force.ts";
import { lockVolume } from "./start-lockspace.ts";

/** `vgremove [--yes] VG`: the lock volume goes with the group, the physical volumes stay as orphans. */
export const vgremove: Program = (args, place) => {
  const options = readOptions(args, { yes: "flag", force: "flag", config: "value" }, { y: "yes", f: "force" });
  if (options.complaint !== null) {
    return complained(`vgremove: ${options.complaint}\n  Error during parsing of command line.\n`, 3);
  }
  const [name] = options.operands;
  if (name === undefined) {
    return complained(
      "  No command with matching syntax recognised.  Run 'vgremove --help' for more information.\n",
      3,
    );
  }
  return withSettings(place, (settings) => {
    if (!place.root) return notRoot;
    if (settings.get("global/use_lvmlockd") === "1" && joinedLockspaces(place.host).length === 0) {
      return complained("  Global lock failed: check that global lockspace is started\n", 5);
    }
    const group = groupToChange(name, settings, place);
    if (isComplaint(group)) return group;
    return remove(group, options.given.has("yes") || options.given.has("force"), place);
  });
};

function remove(group: SanVolumeGroup, sure: boolean, { san, host }: Place): Result {
  const { name, uuid } = group;
  const volumes = group.logicalVolumes.filter((volume) => volume.name !== lockVolume);
  if (volumes.length > 0 && !sure) {
    // Nobody answers the question: standard input is empty, which LVM takes for no.
    const question = `Do you really want to remove volume group "${name}" containing ${volumes.length} logical volumes? [y/n]: [n]\n`;
    return complained(`${question}  Volume group "${name}" not removed\n`, 5);
  }
  const isActive = host.activeVolumes.some((one) => one.volumeGroupUuid === uuid && one.name !== lockVolume);
  if (volumes.length > 0 && isActive) {
    const active = host.activeVolumes.find((one) => one.volumeGroupUuid === uuid && one.name !== lockVolume);
    return complained(`  Logical volume ${name}/${active?.name} in use.\n`, 5);
  }
  if (isInOthers(san, host, uuid) || leftAlive(san, host, uuid)) {
    return complained(`  Lockspace for "${name}" not stopped on other hosts\n`, 5);
  }
  for (const { wwid, content } of san.state.luns) {
    if (content.physicalVolume?.volumeGroupUuid !== uuid) continue;
    content.physicalVolume.volumeGroupUuid = null;
    content.physicalVolume.allocatable = true;
    probeAgain(san, host, wwid);
  }
  // The group, its lock volume and its lockspace go together.
  san.forgetLostVolumeGroups();
  san.changed();
  const removed = volumes.map((volume) => `  Logical volume "${volume.name}" successfully removed.\n`).join("");
  return { stdout: `${removed}  Volume group "${name}" successfully removed\n`, stderr: "", exitCode: 0 };
}

/** As sanlock reads it from the disk: a lease that is renewed, or not yet old enough for its host to be dead. */
const isInOthers = (san: San, host: SanHost, volumeGroupUuid: string): boolean =>
  san.state.hosts
    .filter((other) => other !== host)
    .flatMap((other) => other.lockspaces.filter((one) => one.volumeGroupUuid === volumeGroupUuid))
    .some((one) => Date.now() - lastRenewal(one, Date.now()) < 140_000);

/** A host that died without leaving is taken for alive until its lease is old enough. */
const leftAlive = (san: San, host: SanHost, volumeGroupUuid: string): boolean =>
  san.state.pastLeases.some(
    (past) =>
      past.volumeGroupUuid === volumeGroupUuid &&
      past.ownerName !== ownerName(host) &&
      !past.released &&
      Date.now() - past.lastRenewal < 140_000,
  );

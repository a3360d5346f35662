import { complained, type Place, type Result } from "../san/program.ts";
import type { SanVolumeGroup } from "../san/san-state.ts";
import { joinedLockspaces, spaceOf } from "./host-leases.ts";
import type { Settings } from "./lvm-settings-in-force.ts";
import { scanDisks } from "./physical-volumes.ts";
import { isActive } from "./start-lockspace.ts";

/** The volume group that a command will change, with its locks taken; else the reason for which LVM stops. */
export function groupToChange(name: string, settings: Settings, place: Place): SanVolumeGroup | Result {
  const group = groupToDeactivate(name, settings, place);
  if (isComplaint(group)) return group;
  const why = withoutLock(group, place);
  return why === null ? group : complained(`${why("failed")}  Cannot access VG ${name} due to failed lock.\n`, 5);
}

/** The same for a command that only deactivates: it continues without the group's lock. */
export function groupToDeactivate(name: string, settings: Settings, place: Place): SanVolumeGroup | Result {
  const dead = isActive(place.host, "lvmlockd.service") ? "" : "  WARNING: lvmlockd process is not running.\n";
  const usesDaemon = settings.get("global/use_lvmlockd") === "1";
  const present = new Set(scanDisks(place, settings).seen.map((one) => one.content.volumeGroupUuid));
  const group = place.san.state.volumeGroups.find((one) => one.name === name && present.has(one.uuid));
  if (group === undefined) {
    const stderr = `  Volume group "${name}" not found\n  Cannot process volume group ${name}\n`;
    return complained(`${usesDaemon ? dead : ""}${stderr}`, 5);
  }
  if (group.lockType === null) return group;
  if (!usesDaemon) {
    return complained(`  Cannot access VG ${name} with lock type sanlock that requires lvmlockd.\n`, 5);
  }
  return group;
}

/** LVM's message if the group's lock can't be taken; null if it can. */
export function withoutLock(
  { name, uuid, lockType }: SanVolumeGroup,
  { host }: Place,
): ((how: string) => string) | null {
  if (lockType === null) return null;
  if (!isActive(host, "lvmlockd.service")) return () => "  WARNING: lvmlockd process is not running.\n";
  const lockspace = joinedLockspaces(host).find((one) => one.volumeGroupUuid === uuid);
  if (lockspace === undefined) return () => "";
  return spaceOf(host, lockspace, Date.now()) === "kept"
    ? null
    : (how) => `  VG ${name} lock ${how}: storage failed for sanlock leases\n`;
}

export const isComplaint = (found: SanVolumeGroup | Result): found is Result => "exitCode" in found;

/** Whether another host's lock keeps this one from locking the volume so. */
export const lockedElsewhere = (
  { san, host }: Pick<Place, "san" | "host">,
  group: SanVolumeGroup,
  volume: string,
  mode: "ex" | "sh",
): boolean =>
  san.state.hosts
    .filter((other) => other !== host)
    .some(
      ({ activeVolumes, lockspaces }) =>
        lockspaces.some((one) => one.volumeGroupUuid === group.uuid && one.orphans.includes(volume)) ||
        activeVolumes.some(
          (one) =>
            one.volumeGroupUuid === group.uuid &&
            one.name === volume &&
            one.lock !== null &&
            (one.lock === "ex" || mode === "ex"),
        ),
    );

/** `VG/LV` or `/dev/VG/LV`. */
export function volumeNamed(operand: string): { readonly group: string; readonly volume: string } | null {
  const [, group, volume] = /^(?:\/dev\/)?([^/]+)\/([^/]+)$/.exec(operand) ?? [];
  return group === undefined || volume === undefined ? null : { group, volume };
}

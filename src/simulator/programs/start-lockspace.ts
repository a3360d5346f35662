import type { Place } from "../san/program.ts";
import { nextMinor } from "../san/san.ts";
import type { SanHost } from "../san/san-state.ts";
import { isHeldByAnother, spaceOf, takeLease } from "./host-leases.ts";

/** sanlock's leases live in this logical volume of every shared group; LVM hides it. */
export const lockVolume = "lvmlock";

export const isActive = (host: SanHost, unit: string): boolean =>
  host.units.some((one) => one.name === unit && one.active);

/** Device mapper then holds the group's physical volume: no tool opens it exclusively any more. */
export function activateLockVolume({ host }: Place, volumeGroupUuid: string): void {
  if (host.activeVolumes.some((one) => one.volumeGroupUuid === volumeGroupUuid && one.name === lockVolume)) return;
  host.activeVolumes.push({ volumeGroupUuid, name: lockVolume, minor: nextMinor(host), openCount: 0, lock: null });
}

/**
 * Takes the host id's lease in the group. If another live host has the same id, sanlock stops after minutes. LVM does
 * not report it: the lockspace is missing. Nor does LVM report an orphaned lockspace of another lvmlockd.
 */
export function startLockspaceOf(place: Place, volumeGroupUuid: string, hostId: number): void {
  const { san, host } = place;
  const taken = san.state.hosts.some(
    (other) =>
      other.name !== host.name &&
      other.lockspaces.some((one) => one.volumeGroupUuid === volumeGroupUuid && one.hostId === hostId),
  );
  if (taken || isHeldByAnother(san, host, volumeGroupUuid, hostId)) return;
  activateLockVolume(place, volumeGroupUuid);
  const left = host.lockspaces.find((one) => one.volumeGroupUuid === volumeGroupUuid);
  // sanlock reports that it has the lockspace (error -17), and lvmlockd stops.
  if (left !== undefined && spaceOf(host, left, Date.now()) !== "gone") return;
  host.lockspaces = host.lockspaces.filter((one) => one !== left);
  takeLease(san, volumeGroupUuid, hostId);
  host.lockspaces.push({ volumeGroupUuid, hostId, staleSince: null, joined: true, orphans: [] });
  san.changed();
}

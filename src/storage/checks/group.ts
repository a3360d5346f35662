import type { PrimaryStorage } from "../../core/inventory.ts";
import { type Reason, reason } from "../../core/refusal.ts";
import type { HostView } from "../observe/host-view.ts";
import { type Lun, lunsOf } from "../observe/lun.ts";

/** How much of a storage's volume group exists on its LUNs, for example after an interrupted try. */
type GroupState = "absent" | "whole" | "partial";

/** A host reads the LUN as a physical volume of the group. */
export const isMember = ({ on }: Lun, volumeGroup: string): boolean =>
  on.some(({ physicalVolume }) => physicalVolume?.volumeGroup === volumeGroup);

export function groupState(volumeGroup: string, luns: readonly Lun[], views: readonly HostView[]): GroupState {
  const groups = views.flatMap((view) => view.groups.filter((group) => group.name === volumeGroup));
  const members = luns.filter((lun) => isMember(lun, volumeGroup));
  if (groups.length === 0 && members.length === 0) return "absent";
  const locked = groups.length > 0 && groups.every((group) => group.lockType === "sanlock" && group.lockArgs !== null);
  return locked && members.length === luns.length ? "whole" : "partial";
}

/**
 * LVM writes the group first and its locks second. If it was interrupted between them, a person must decide to remove
 * the group.
 */
export function groupReasons(volumeGroup: string, luns: readonly Lun[], views: readonly HostView[]): Reason[] {
  if (groupState(volumeGroup, luns, views) !== "partial") return [];
  const where = luns.map((lun) => lun.wwid).join(", ");
  return [
    reason(
      "GROUP_INCOMPLETE",
      `volume group ${volumeGroup} on ${where} has no locks: its vgcreate was interrupted`,
      `run vgremove --nolocking --select vg_lock_type=none ${volumeGroup} on one host, then send the command again`,
    ),
  ];
}

/**
 * The storage's LUNs as these hosts see them. A LUN that no host sees is included. A claimed LUN is included only after
 * it is in the group.
 */
export function lunsOfStorage({ uuid, sharedBlocks }: PrimaryStorage, views: readonly HostView[]): Lun[] {
  const seen = lunsOf(views);
  return sharedBlocks.flatMap(({ wwid, addedAt }) => {
    const lun = seen.find((each) => each.wwid === wwid) ?? { wwid, on: [] };
    return addedAt !== null || isMember(lun, uuid) ? [lun] : [];
  });
}

import { check } from "../../core/check.ts";
import type { Host } from "../../core/inventory.ts";
import type { Stage } from "../../core/plan.ts";
import type { Step } from "../../core/step.ts";
import { listUsableVolumeGroups, listVolumeGroups } from "../../host/lvm.ts";
import { listLockspaces, startLockspace } from "../../host/lvmlockctl.ts";
import { listLeases } from "../../host/sanlock.ts";
import { afterLoss, type Locks, orphanedLease } from "../observe/lock-state.ts";
import { releaseOrphanSteps } from "./orphaned-lease.ts";

/**
 * The steps with which a host joins the volume group's lockspace. An orphaned lease of a dead lvmlockd is released
 * first.
 */
export const joinSteps = (view: Locks & { readonly host: Host }, volumeGroup: string): Step[] => [
  ...releaseOrphanSteps(view.host, orphanedLease(volumeGroup, view)),
  { host: view.host, command: startLockspace(volumeGroup), why: "joins the group's lockspace" },
];

export const lockstartStage = (views: readonly (Locks & { readonly host: Host })[], volumeGroup: string): Stage => ({
  kind: "hosts",
  title: "Start the locks",
  steps: views.flatMap((view) => joinSteps(view, volumeGroup)),
  waitingFor: "sanlock's lease of each host, about half a minute side by side",
});

/**
 * Verifies that every host reads the new group from the disk and has its lease. vgchange exits with 0 even without a
 * lease.
 */
export const verifyStage = (hostIds: ReadonlyMap<Host, number>, volumeGroup: string): Stage => ({
  kind: "hosts",
  title: "Check group and leases",
  steps: [...hostIds].flatMap(([host, hostId]) => [
    { host, check: seesGroup(volumeGroup), why: "proves that this host sees the group" },
    { host, check: locksGroup(volumeGroup), withinMs: JOINED_MS, why: "proves that its LVM locks the group" },
    {
      host,
      check: hasLease(volumeGroup, hostId),
      withinMs: LEASE_MS,
      why: `proves that sanlock holds its lease as host id ${hostId}`,
    },
  ]),
});

/** lvmlockd lists the lockspace while it joins, and removes it if the join fails. */
const JOINED_MS = 60_000;

/**
 * sanlock may still acquire the lease after vgchange has ended. After a host died with its lease, this takes up to 3
 * min.
 */
const LEASE_MS = 200_000;

/** Why LVM may not use the devices on this host. */
export const UNUSABLE = " with LVM's own settings (a filter, or a devices file)";

export function seesGroup(volumeGroup: string) {
  return check(
    listUsableVolumeGroups,
    (groups) => {
      const group = groups.find((each) => each.name === volumeGroup);
      if (group === undefined) return `does not see volume group ${volumeGroup}${UNUSABLE}`;
      if (group.lockType !== "sanlock")
        return `sees volume group ${volumeGroup} with lock type ${group.lockType ?? "none"}`;
      return group.missingPhysicalVolumes > 0 ? `misses ${group.missingPhysicalVolumes} of the group's disks` : null;
    },
    [volumeGroup],
  );
}

function locksGroup(volumeGroup: string) {
  return check(
    listLockspaces,
    (spaces) => {
      if (spaces === null) return "does not run lvmlockd";
      return spaces.some((each) => each.volumeGroup === volumeGroup) ? null : `has no lockspace of ${volumeGroup}`;
    },
    [volumeGroup],
  );
}

function hasLease(volumeGroup: string, hostId: number) {
  return check(
    listLeases,
    (leases) => {
      const lease = leases?.find((each) => each.volumeGroup === volumeGroup);
      if (lease === undefined) return `holds no lease of ${volumeGroup}; another host may use its host id ${hostId}`;
      if (lease.hostId !== hostId) return `holds the lease of host id ${lease.hostId}, not ${hostId}`;
      if (lease.state === "dead")
        return `lost its sanlock lease while volumes were active. Do this there: ${afterLoss(volumeGroup)}`;
      return lease.state === "held" ? null : `has its lease under way only (${lease.state})`;
    },
    [volumeGroup],
  );
}

export function seesNoGroup(volumeGroup: string) {
  return check(
    listVolumeGroups,
    (groups) =>
      groups.some((group) => group.name === volumeGroup) ? `still sees the volume group ${volumeGroup}` : null,
    [volumeGroup],
  );
}

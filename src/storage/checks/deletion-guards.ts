import type { Host } from "../../core/inventory.ts";
import { orNone } from "../../core/not-installed.ts";
import { type Reason, reason } from "../../core/refusal.ts";
import { type GuardRead, guardRead, type LunGuard } from "../../core/step.ts";
import type { LogicalVolume } from "../../core/storage.ts";
import { listActiveVolumes } from "../../host/dmsetup.ts";
import { listLogicalVolumes } from "../../host/lvm.ts";
import { listLockspaces } from "../../host/lvmlockctl.ts";
import { listLeases } from "../../host/sanlock.ts";
import type { AskedHosts } from "../observe/candidate.ts";
import type { HostView } from "../observe/host-view.ts";
import { lockStateIn } from "../observe/lock-state.ts";
import type { Lun } from "../observe/lun.ts";
import { volumeMapped } from "../observe/storage-on-host.ts";
import { type NamedVolume, volumeUsers } from "../observe/volume-users.ts";
import { type GuardedLun, lunGuard } from "./lun-guard.ts";

/** LUNs with a volume group of ours, and the hosts that were asked about them. */
export interface OurLuns {
  /** As every host saw them for the plan. */
  readonly luns: readonly Lun[];
  readonly asked: AskedHosts;
}

/**
 * Checks each volume again: it is the one that was shown, no host has it active, no VM has it as a disk, and nothing
 * uses the LUNs without LVM. LVM's lock keeps this true afterwards.
 */
export function freeVolumeGuard(worker: Host, { luns, asked }: OurLuns, volume: LogicalVolume): LunGuard {
  const [first, ...others] = lunGuard({
    ...{ writer: worker, luns: guardedLuns(luns, worker), asked, ours: volume.volumeGroup },
    also: (view) => volumeReasons(view, volume),
  });
  return [
    first,
    guardRead(worker, { listed: listLogicalVolumes, active: listActiveVolumes }, ({ listed, active }) => {
      const now = listed.find((each) => each.volumeGroup === volume.volumeGroup && each.name === volume.name);
      if (now === undefined) return reason("CONTENT_CHANGED", `volume ${volume.name} does not exist any more`);
      if (now.uuid !== volume.uuid) {
        const why = `volume ${volume.name} is another one now (${now.uuid}, not ${volume.uuid})`;
        return reason("CONTENT_CHANGED", why);
      }
      return activeReason(active, volume);
    }),
    ...onOthers(worker, asked, (host, isConfirmedUninvolved) =>
      guardRead(host, { active: orNone(listActiveVolumes, []) }, ({ active }) => activeReason(active, volume), {
        isConfirmedUninvolved,
      }),
    ),
    ...others,
  ];
}

/** Who would lose a volume of the group on a host, also if the volume is not active. */
export const volumeReasons = (view: HostView, volume: NamedVolume): Reason[] =>
  volumeUsers(view, volume).map((user) =>
    reason(
      "VOLUME_IN_USE",
      `${volume.name} is in use on ${view.host.name} by ${user}`,
      `remove ${volume.name} from there, then send the command again`,
    ),
  );

function activeReason(active: readonly { uuid: string; openCount: number }[], volume: LogicalVolume): Reason | null {
  const mine = active.find((each) => each.uuid === volume.uuid);
  if (mine === undefined) return null;
  const open = mine.openCount === 0 ? "" : `, and open ${mine.openCount} ×`;
  const fix = "deactivate the volume on that host, then send the command again";
  return reason("VOLUME_IN_USE", `volume ${volume.name} is active here now${open}`, fix);
}

/**
 * No other host is in the group's lockspace; LVM itself checks sanlock's leases again. Nothing has one of its LUNs open
 * without LVM.
 */
export function stoppedGroupGuard(worker: Host, { luns, asked }: OurLuns, volumeGroup: string): LunGuard {
  const [first, ...others] = lunGuard({
    writer: worker,
    luns: guardedLuns(luns, worker),
    asked,
    ours: volumeGroup,
  });
  return [
    first,
    guardRead(worker, { listed: listLogicalVolumes }, ({ listed }) => {
      const left = listed.filter((volume) => volume.volumeGroup === volumeGroup);
      const names = left.map((volume) => volume.name).join(", ");
      return left.length === 0 ? null : reason("VOLUMES_EXIST", `there are volumes on it now: ${names}`);
    }),
    ...onOthers(worker, asked, (host, isConfirmedUninvolved) =>
      lockspaceGuard(host, volumeGroup, isConfirmedUninvolved),
    ),
    ...others,
  ];
}

const lockspaceGuard = (host: Host, volumeGroup: string, isConfirmedUninvolved: boolean): GuardRead =>
  guardRead(
    host,
    {
      leases: orNone(listLeases, []),
      lockspaces: orNone(listLockspaces, []),
      active: orNone(listActiveVolumes, []),
    },
    ({ leases, lockspaces, active }) => {
      const state = lockStateIn(volumeGroup, { leases: leases ?? [], lockspaces: lockspaces ?? [] });
      if (state !== "none") {
        const fix = `run vgchange --lockstop ${volumeGroup} on ${host.name}, then send the command again`;
        return reason("LOCK_STATE", `it is in the lockspace of ${volumeGroup} now (${state})`, fix);
      }
      const names = active.flatMap(({ mapperName }) => volumeMapped(mapperName, volumeGroup) ?? []);
      const fix = `run vgchange -an ${volumeGroup} on ${host.name}, then send the command again`;
      const why = `it has ${names.join(", ")} of ${volumeGroup} active now`;
      return names.length === 0 ? null : reason("VOLUME_IN_USE", why, fix);
    },
    { isConfirmedUninvolved },
  );

/** The LUN has the label that was shown, and nothing uses it on any host that was asked. */
export const orphanGuard = (worker: Host, asked: AskedHosts, lun: Lun, labelUuid: string): LunGuard =>
  lunGuard({
    ...{ writer: worker, luns: guardedLuns([lun], worker), asked, ours: null },
    also: ({ host }, now) => (host === worker ? labelReasons(now, lun.wwid, labelUuid) : []),
  });

function labelReasons(now: readonly Lun[], wwid: string, labelUuid: string): Reason[] {
  const [on] = now.find((each) => each.wwid === wwid)?.on ?? [];
  const found = on?.physicalVolume?.uuid ?? null;
  if (on === undefined || found === labelUuid) return [];
  return [reason("CONTENT_CHANGED", `on ${wwid} is now ${found ?? "no physical volume"}, not ${labelUuid}`)];
}

/** The working host must see the LUNs. Any other host may not see one, because the array offers it none. */
const guardedLuns = (luns: readonly Lun[], worker: Host): GuardedLun[] =>
  luns.map(({ wwid, on }) => ({ wwid, planned: on, neededBy: [worker] }));

const onOthers = (
  worker: Host,
  { asked, unasked }: AskedHosts,
  read: (host: Host, isConfirmedUninvolved: boolean) => GuardRead,
): GuardRead[] => [
  ...asked.filter((host) => host !== worker).map((host) => read(host, false)),
  ...unasked.map(({ host }) => read(host, true)),
];

import { whereThere } from "../../core/asking.ts";
import type { Host } from "../../core/inventory.ts";
import { type Guard, type GuardRead, guardRead } from "../../core/plan.ts";
import type { LogicalVolume } from "../../core/storage.ts";
import { listLeases } from "../../host/lease.ts";
import { listLockspaces } from "../../host/lockspace.ts";
import { listActiveVolumes, listLogicalVolumes } from "../../host/logical-volumes.ts";
import { inUseObjections, mapObjections } from "../checks/checks.ts";
import { guardOfUse } from "../checks/use-guard.ts";
import { volumeMapped } from "../looks/hold.ts";
import { lockStateIn } from "../looks/lock-state.ts";
import { type Lun, lunsOf } from "../looks/lun.ts";

/** The volume is still the one that was shown, and no host has it active. Its lock, which LVM takes, keeps it so. */
export const freeVolumeGuard = (worker: Host, watchers: readonly Host[], volume: LogicalVolume): Guard => [
  guardRead(worker, { listed: listLogicalVolumes, active: listActiveVolumes }, ({ listed, active }) => {
    const now = listed.find((each) => each.volumeGroup === volume.volumeGroup && each.name === volume.name);
    if (now === undefined) return `${volume.name} is there no more`;
    if (now.uuid !== volume.uuid) return `${volume.name} is another volume now (${now.uuid}, not ${volume.uuid})`;
    return activeObjection(active, volume);
  }),
  ...watchers.map((host) =>
    guardRead(host, { active: whereThere(listActiveVolumes, []) }, ({ active }) => activeObjection(active, volume)),
  ),
];

function activeObjection(active: readonly { uuid: string; openCount: number }[], volume: LogicalVolume): string | null {
  const mine = active.find((each) => each.uuid === volume.uuid);
  if (mine === undefined) return null;
  return `${volume.name} is active here now${mine.openCount === 0 ? "" : `, and open ${mine.openCount} ×`}`;
}

/**
 * No other host is in the group's lockspace; LVM itself looks for them once more in sanlock's leases. Nobody has one of
 * its LUNs open past LVM.
 */
export const stoppedGroupGuard = (
  worker: Host,
  watchers: readonly Host[],
  volumeGroup: string,
  wwids: readonly string[],
): Guard => [
  guardRead(worker, { listed: listLogicalVolumes }, ({ listed }) => {
    const left = listed.filter((volume) => volume.volumeGroup === volumeGroup);
    return left.length === 0 ? null : `there are volumes on it now: ${left.map((volume) => volume.name).join(", ")}`;
  }),
  ...watchers.map((host): GuardRead => lockspaceGuard(host, volumeGroup)),
  ...freeLunGuards([worker, ...watchers], wwids, volumeGroup),
];

const lockspaceGuard = (host: Host, volumeGroup: string): GuardRead =>
  guardRead(
    host,
    {
      leases: whereThere(listLeases, []),
      lockspaces: whereThere(listLockspaces, []),
      active: whereThere(listActiveVolumes, []),
    },
    ({ leases, lockspaces, active }) => {
      const state = lockStateIn(volumeGroup, { leases: leases ?? [], lockspaces: lockspaces ?? [] });
      if (state !== "none") return `it is in the lockspace of ${volumeGroup} now (${state})`;
      const names = active.flatMap(({ mapperName }) => volumeMapped(mapperName, volumeGroup) ?? []);
      return names.length === 0 ? null : `it has ${names.join(", ")} of ${volumeGroup} active now`;
    },
  );

/** On the LUN lies the label that was shown and nothing else that is in use, as every host that sees it can tell. */
export const orphanGuard = (worker: Host, watchers: readonly Host[], { wwid }: Lun, labelUuid: string): Guard => [
  guardOfUse(worker, [wwid], (view) => {
    const now = lunsOf([view]).find((each) => each.wwid === wwid);
    const [on] = now?.on ?? [];
    if (now === undefined || on === undefined) return [`no longer sees ${wwid}`];
    const found = on.physicalVolume?.uuid ?? null;
    if (found !== labelUuid) return [`on ${wwid} is now ${found ?? "no physical volume"}, not ${labelUuid}`];
    return [...mapObjections(now, on), ...inUseObjections(now, [view], null)];
  }),
  ...freeLunGuards(watchers, [wwid], null),
];

/** Nothing uses the LUNs on these hosts but, where that is said, volumes of a group of ours. */
export const freeLunGuards = (hosts: readonly Host[], wwids: readonly string[], ours: string | null): GuardRead[] =>
  wwids.length === 0
    ? []
    : hosts.map((host) =>
        guardOfUse(host, wwids, (view) =>
          lunsOf([view])
            .filter(({ wwid }) => wwids.includes(wwid))
            .flatMap((lun) => inUseObjections(lun, [view], ours)),
        ),
      );

import { named } from "../core/host-text.ts";
import type { Inventory } from "../core/inventory.ts";
import { type Guard, guardRead } from "../core/plan.ts";
import { type IscsiSession, listIscsiSessions } from "../host/iscsi-session.ts";
import { type HostView, useReads, viewWith } from "../sharedblock/looks/host-view.ts";
import { ownerOf } from "../sharedblock/owner.ts";
import type { IscsiLook } from "./look.ts";
import { type Reached, reachedThrough } from "./reached.ts";

/** Why sessions can't be ended: what uses or owns a LUN behind them, a sentence each. */
export function heldThrough(sessions: readonly IscsiSession[], view: HostView, inventory: Inventory): string[] {
  const untold = sessions.filter(({ scsiHost }) => scsiHost === null);
  return [
    ...untold.map(({ sid }) => `${view.host.name} does not tell which disks session ${sid} has`),
    ...reachedThrough(sessions, view).flatMap((reached) => heldOn(reached, inventory)),
  ];
}

function heldOn({ wwid, on }: Reached, inventory: Inventory): string[] {
  const host = on.host.name;
  const owner = ownerOf(wwid, inventory);
  const group = on.physicalVolume?.volumeGroup ?? null;
  return [
    ...(owner === null ? [] : [`${wwid} is a shared block of ${owner.storage.name}`]),
    ...(on.mountPoints.length === 0
      ? []
      : [`${wwid} is mounted on ${host} at ${on.mountPoints.map(named).join(", ")}`]),
    ...(group === null || group === owner?.storage.uuid
      ? []
      : [`${wwid} is a physical volume of volume group ${named(group)} (seen on ${host})`]),
    ...(on.holders.length === 0 ? [] : [`${wwid} is held on ${host} by ${on.holders.map(named).join(", ")}`]),
  ];
}

/** Immediately before: whether anything has come into use since the plan was shown. */
export const stillFree = (
  { host }: IscsiLook,
  meant: (session: IscsiSession) => boolean,
  inventory: Inventory,
): Guard => [
  guardRead(host, { ...useReads, sessions: listIscsiSessions }, ({ sessions, ...disks }) => {
    const view = viewWith(host, disks);
    return heldThrough(sessions.filter(meant), view, inventory).join("; ") || null;
  }),
];

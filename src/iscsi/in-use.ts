import { answersIn } from "../core/host-command.ts";
import { named } from "../core/host-text.ts";
import type { Inventory } from "../core/inventory.ts";
import { type Reason, reason } from "../core/refusal.ts";
import type { Gather, Guard } from "../core/step.ts";
import { objectionOn } from "../core/step.ts";
import { type IscsiSession, listIscsiSessions } from "../host/iscsi-session.ts";

import { openReasons } from "../storage/checks/checks.ts";

import { type HostView, useReads, viewWith } from "../storage/observe/host-view.ts";
import { userReads, withUse } from "../storage/observe/use.ts";
import { ownerOf } from "../storage/owner.ts";
import type { IscsiObservation } from "./observe.ts";
import { type Reached, reachedThrough } from "./reached.ts";

/** The reasons why sessions can't be ended: what uses or owns a LUN behind them, one sentence each. */
export function usedThrough(sessions: readonly IscsiSession[], view: HostView, inventory: Inventory): Reason[] {
  const unknownDisks = sessions.filter(({ scsiHost }) => scsiHost === null);
  return [
    ...unknownDisks.map(({ sid }) =>
      reason("LUN_MAY_BE_IN_USE", `${view.host.name} does not report which disks session ${sid} has`),
    ),
    ...reachedThrough(sessions, view).flatMap((reached) => usedOn(reached, inventory)),
  ];
}

function usedOn({ wwid, on }: Reached, inventory: Inventory): Reason[] {
  const host = on.host.name;
  const owner = ownerOf(wwid, inventory);
  const group = on.physicalVolume?.volumeGroup ?? null;
  return [
    ...(owner === null ? [] : [reason("LUN_OWNED", `${wwid} is a shared block of ${owner.storage.name}`)]),
    ...(on.mountPoints.length === 0
      ? []
      : [used(`${wwid} is mounted on ${host} at ${on.mountPoints.map(named).join(", ")}`)]),
    ...(group === null || group === owner?.storage.uuid
      ? []
      : [used(`${wwid} is a physical volume of volume group ${named(group)} (seen on ${host})`)]),
    ...(on.holders.length === 0 ? [] : [used(`${wwid} is in use on ${host} by ${on.holders.map(named).join(", ")}`)]),
    ...openReasons(wwid, on),
  ];
}

const used = (why: string): Reason => reason("LUN_IN_USE", why);

/** The view with the users of the LUNs behind these sessions. */
export const withUsersThrough = (
  sessions: readonly IscsiSession[],
  view: HostView,
  gather: Gather,
): Promise<HostView> =>
  withUse(
    view,
    reachedThrough(sessions, view).map(({ wwid }) => wwid),
    gather,
  );

/** Directly before the step: checks that nothing has used the LUNs since the plan was shown. */
export const stillUnusedGuard = (
  { host }: IscsiObservation,
  meant: (session: IscsiSession) => boolean,
  inventory: Inventory,
): Guard => [
  {
    host,
    commands: [...Object.values(guardReads), ...Object.values(userReads)],
    async ask(gather) {
      const seen = answersIn(await gather(host, guardReads));
      if (typeof seen === "string") {
        return objectionOn(host, [reason("HOST_UNREACHABLE", `could not be asked whether the step is safe: ${seen}`)]);
      }
      const { sessions, ...disks } = seen;
      const ended = sessions.filter(meant);
      const view = await withUsersThrough(ended, viewWith(host, disks), gather);
      return objectionOn(host, usedThrough(ended, view, inventory));
    },
  },
];

const guardReads = { ...useReads, sessions: listIscsiSessions };

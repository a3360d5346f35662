import type { Inventory } from "../core/inventory.ts";
import type { PlanResult } from "../core/plan.ts";
import type { IscsiSession } from "../host/iscsi-session.ts";
import type { HostView } from "../storage/observe/host-view.ts";
import { type Lun, type LunOnHost, lunsOf } from "../storage/observe/lun.ts";
import { lunTable, problemsPart } from "../storage/render/matrix.ts";
import type { IscsiObservation } from "./observe.ts";

/** A LUN as one host sees it. */
export interface Reached {
  readonly wwid: string;
  readonly on: LunOnHost;
}

/** The kernel names of these sessions' disks, from iscsiadm and from the numbers of their SCSI hosts. */
export function disksOf(sessions: readonly IscsiSession[], { devices }: HostView): ReadonlySet<string> {
  const scsiHosts = new Set(sessions.map(({ scsiHost }) => scsiHost));
  const numbered = devices.filter(({ hctl }) => hctl !== null && scsiHosts.has(Number.parseInt(hctl, 10)));
  return new Set([...sessions.flatMap(({ disks }) => disks), ...numbered.map(({ kernelName }) => kernelName)]);
}

/** The LUNs of one host that have a path through one of these sessions. */
export function reachedThrough(sessions: readonly IscsiSession[], view: HostView): Reached[] {
  const disks = disksOf(sessions, view);
  return lunsOf([view]).flatMap(({ wwid, on }) =>
    on
      .filter(({ pathSizes }) => [...pathSizes.keys()].some((path) => disks.has(path)))
      .map((each) => ({ wwid, on: each })),
  );
}

/** The WWIDs that each host sees, by host name. Only hosts that were read completely are included. */
type Seen = ReadonlyMap<string, ReadonlySet<string>>;

export const seenBy = (observations: readonly IscsiObservation[]): Seen =>
  new Map(
    observations
      .filter(({ view }) => view.problems.length === 0)
      .map(({ host, view }) => [host.name, new Set(lunsOf([view]).map(({ wwid }) => wwid))]),
  );

/** The LUNs that the hosts reach through a target, and how many of them are new on a host. */
export function reachedParts(
  target: string,
  observations: readonly IscsiObservation[],
  before: Seen,
  inventory: Inventory,
): PlanResult {
  const reached = observations.flatMap(({ host, sessions, view }) =>
    reachedThrough(
      sessions.filter((session) => session.target === target),
      view,
    ).map(({ wwid }) => ({ wwid, isNew: before.get(host.name)?.has(wwid) === false })),
  );
  const wwids = new Set(reached.map(({ wwid }) => wwid));
  const fresh = new Set(reached.filter(({ isNew }) => isNew).map(({ wwid }) => wwid));
  const views = observations.map(({ view }) => view);
  const luns: Lun[] = lunsOf(views).filter(({ wwid }) => wwids.has(wwid));
  const problems = problemsPart(
    observations.map(({ host, view, problems }) => ({ host, problems: [...problems, ...view.problems] })),
  );
  const count = (size: number) => (size === 1 ? "1 LUN" : `${size} LUNs`);
  const offered = `The target offers ${count(luns.length)}; ${count(fresh.size)} appeared.`;
  const isLoggedIn = observations.some(({ sessions }) => sessions.some((session) => session.target === target));
  const none = isLoggedIn
    ? "The target offers these hosts no LUN."
    : "None of the hosts has a session with the target.";
  const text = luns.length === 0 ? none : offered;
  return {
    shown: [{ kind: "text", text }, ...(problems === null ? [] : [problems])],
    details: luns.length === 0 ? [] : [lunTable(luns, views, inventory)],
  };
}

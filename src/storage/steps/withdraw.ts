import { check } from "../../core/check.ts";
import type { PrimaryStorage } from "../../core/inventory.ts";
import { orNone } from "../../core/not-installed.ts";
import type { Stage } from "../../core/plan.ts";
import { type Fix, type Reason, reason } from "../../core/refusal.ts";
import { type Inline, linesPart, type Part } from "../../core/reply.ts";
import { few, sharedFacts } from "../../core/shared-facts.ts";
import type { Step } from "../../core/step.ts";
import { deactivateVolumes } from "../../host/lvm.ts";
import { listLockspaces, startLockspace, stopLockspace } from "../../host/lvmlockctl.ts";
import { listLeases } from "../../host/sanlock.ts";
import { lossReason } from "../observe/lock-state.ts";

import { isFree, perhapsDead, type StorageOnHost } from "../observe/storage-on-host.ts";

import { releaseOrphanSteps } from "./orphaned-lease.ts";

/** sanlock releases a lease within seconds. A busy array may delay it. */
const GONE_WITHIN_MS = 60_000;

/** Why a host can't leave a storage in its present state, even if nothing uses the storage there. */
export const withdrawReasons = (storage: PrimaryStorage, onHosts: readonly StorageOnHost[]): Reason[] =>
  onHosts.flatMap((on) => {
    const { name, uuid } = storage;
    const host = on.host.name;
    if (on.problems.length > 0) {
      return on.problems.map((problem) =>
        reason("HOST_UNREADABLE", `${host} can't be asked what it uses of ${name}: ${problem}`),
      );
    }
    const loss = isLost(on) ? lossReason(on.locks, on.host, name, uuid) : null;
    if (loss !== null) return [loss];
    if (isBlind(on)) {
      return [
        reason(
          "GROUP_INCOMPLETE",
          `${host} does not see the volume group of ${name}: LVM can't deactivate its volumes or stop its locks there`,
          { run: fixFor(storage, on, "host rescan") },
          `restart ${host} if the LUNs don't come back`,
        ),
      ];
    }
    if (!needsDaemon(on) || on.lvmlockdRuns) return [];
    const volumes = few(on.volumes.map((volume) => volume.name));
    const what = on.volumes.length > 0 ? `${volumes} active without ${name}'s lockspace` : `a lease of ${name}`;
    const why = `${host} has ${what}, and no lvmlockd runs there that could release it`;
    return [reason("LOCK_STATE", why, { run: fixFor(storage, on, "host prepare") })];
  });

/** Other hosts may have locked volumes since then, or volumes are active without a lock. A person must check first. */
const isLost = ({ locks, volumes }: StorageOnHost): boolean =>
  locks === "dead" || (locks === "lost" && volumes.length > 0);

const isBlind = (on: StorageOnHost): boolean => !on.seesGroup && !isFree(on);

/** Both daemons were restarted. They can't release locks that they don't know. */
const joinsFirst = ({ locks, volumes, lockVolume }: StorageOnHost): boolean =>
  locks === "none" && (volumes.length > 0 || lockVolume);

const needsDaemon = (on: StorageOnHost): boolean => joinsFirst(on) || on.left !== null;

/**
 * The fix for a host. `reconnect` is only for storages in service. For others it is the given command, or the release
 * of an orphaned lease: it can't be joined again while volumes are active.
 */
const fixFor = (
  { name, state, clusterUuids }: PrimaryStorage,
  { host, left }: StorageOnHost,
  otherwise: string,
): string =>
  state !== "Maintenance" && clusterUuids.includes(host.clusterUuid) && left === null
    ? `sharedblock reconnect ${name} ${host.name}`
    : `${otherwise} ${host.name}`;

/** A host that can't be asked must answer, or be removed as dead. */
export function withdrawHelp(
  storage: PrimaryStorage,
  onHosts: readonly StorageOnHost[],
): { fixes: Fix[]; next: string[] } {
  const show = `sharedblock show ${storage.name}`;
  const unread = onHosts.find(({ problems }) => problems.length > 0)?.host;
  if (unread === undefined) {
    const lost = onHosts.filter(isLost).map(({ host }) => `host show ${host.name}`);
    return { fixes: [], next: [...lost.slice(0, 3), show] };
  }
  const remove = {
    ...({ or: true, when: "if it is dead" } as const),
    run: `host remove ${unread.name} force=true reason="…"`,
  };
  return {
    fixes: [
      `make ${unread.name} answer, then send the command again`,
      ...(perhapsDead(onHosts).includes(unread) ? [remove] : []),
    ],
    next: [`host show ${unread.name}`, show],
  };
}

/** Before anything is stopped, LVM joins the lockspace, if it must know what it will release. */
export const joinStage = (onHosts: readonly StorageOnHost[], volumeGroup: string): Stage => ({
  kind: "hosts",
  title: "Join the locks that are to be stopped",
  steps: onHosts.filter(joinsFirst).map(({ host }) => ({
    host,
    command: startLockspace(volumeGroup),
    why: "makes known to its lvmlockd what is to be let go",
  })),
  waitingFor: "sanlock's lease of each host, about half a minute side by side",
});

/** Withdraws a storage from hosts on which nothing is open: volumes, lockspace, and the verification. */
export const withdrawStages = (onHosts: readonly StorageOnHost[], volumeGroup: string): Stage[] => [
  {
    kind: "hosts",
    title: "Deactivate the volumes",
    steps: onHosts
      .filter(({ volumes }) => volumes.length > 0)
      .map(({ host, volumes }) => ({
        host,
        command: deactivateVolumes(
          volumeGroup,
          volumes.map((volume) => volume.name),
        ),
        why: `deactivates ${volumes.length === 1 ? "1 volume" : `${volumes.length} volumes`}; their data stays`,
      })),
  },
  {
    kind: "hosts",
    title: "Stop the locks",
    steps: onHosts
      .filter((on) => !["none", "leaving"].includes(on.locks) || joinsFirst(on))
      .flatMap((on) => [
        ...takeOverSteps(on, volumeGroup),
        { host: on.host, command: stopLockspace(volumeGroup), why: "leaves the group's lockspace" },
      ]),
    waitingFor: "sanlock to release the lease of each host",
  },
  {
    kind: "hosts",
    title: "No host holds its locks any more",
    // Also if there were no locks at the time of the plan, because a person may have started them since then.
    steps: onHosts.flatMap(({ host }) => [
      {
        host,
        check: leftLockspace(volumeGroup),
        withinMs: GONE_WITHIN_MS,
        why: "proves that its LVM left the lockspace",
      },
      {
        host,
        check: gaveUpLease(volumeGroup),
        withinMs: GONE_WITHIN_MS,
        why: "proves that sanlock released its lease",
      },
    ]),
  },
];

/** sanlock's own volume stays active if LVM was never in the lockspace. */
const takeOverSteps = ({ host, left }: StorageOnHost, volumeGroup: string): Step[] =>
  left === null
    ? []
    : [
        ...releaseOrphanSteps(host, left),
        { host, command: startLockspace(volumeGroup), why: "joins, so that it can leave in order" },
      ];

function leftLockspace(volumeGroup: string) {
  return check(
    orNone(listLockspaces, null),
    (spaces) =>
      spaces?.some((each) => each.volumeGroup === volumeGroup) ? `is still in ${volumeGroup}'s lockspace` : null,
    [volumeGroup],
  );
}

function gaveUpLease(volumeGroup: string) {
  return check(
    orNone(listLeases, null),
    (leases) =>
      leases?.some((each) => each.volumeGroup === volumeGroup) ? `still has its lease of ${volumeGroup}` : null,
    [volumeGroup],
  );
}

/** What each host holds, and what would become of it. */
export function onHostsParts(onHosts: readonly StorageOnHost[]): Part[] {
  if (onHosts.length === 0) return [{ kind: "text", text: "No host is concerned." }];
  const facts = sharedFacts(
    onHosts,
    ({ host }) => host.name,
    ({ volumes, locks, lockVolume }) => {
      const active =
        volumes.length === 0 ? "none" : `${few(volumes.map((volume) => volume.name))}: would be deactivated`;
      return `locks ${locksText(locks, lockVolume)}; active volumes ${active}`;
    },
  );
  return [
    linesPart(
      "Hosts",
      facts.map(({ fact, hosts }): Inline[] => [{ bold: `${hosts}:` }, ` ${fact}`]),
    ),
  ];
}

function locksText(locks: StorageOnHost["locks"], lockVolume: boolean): string {
  if (locks === "none") return lockVolume ? "not held, but sanlock's volume is active; would be stopped" : "not held";
  return locks === "held" ? "held, would be stopped" : `${locks}, would be stopped`;
}

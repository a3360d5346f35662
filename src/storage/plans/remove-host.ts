import { check } from "../../core/check.ts";
import type { Facts } from "../../core/facts.ts";
import { clusterOf, hostNamed, hostsOf } from "../../core/find.ts";
import { whyUncertain } from "../../core/host-command.ts";
import type { Cluster, Host, Inventory, PrimaryStorage } from "../../core/inventory.ts";
import { noneIfNotInstalled, orNone } from "../../core/not-installed.ts";
import { valueOr } from "../../core/outcome.ts";
import { type Plan, plan } from "../../core/plan.ts";
import { reason as because, type Reason, Refusal, refuse } from "../../core/refusal.ts";
import type { Part } from "../../core/reply.ts";
import type { Step } from "../../core/step.ts";
import { readHostname } from "../../host/hostname.ts";
import { listLockspaces } from "../../host/lvmlockctl.ts";
import {
  deadAfterSeconds,
  type HostLease,
  isLive,
  listHostLeases,
  listLeases,
  SHIPPED_IO_TIMEOUT_SECONDS,
} from "../../host/sanlock.ts";
import { clusterLock } from "../locks.ts";
import { lockReads, noLocks, problemsOf } from "../observe/host-view.ts";
import { type Locks, lockStateIn, lossReason } from "../observe/lock-state.ts";

interface RemoveHostRequest {
  readonly name: string;
  readonly force: boolean;
  readonly reason?: string | undefined;
}

export async function planRemoveHost({ name, force, reason }: RemoveHostRequest, facts: Facts): Promise<Plan> {
  const host = hostNamed(facts.inventory, name);
  const headline = `Host ${name} can't be removed`;
  if (force && reason === undefined) {
    const fix = { when: "if you know that it is dead", run: `host remove ${name} force=true reason="…"` };
    throw new Refusal(headline, because("CANT_COMBINE", "force=true needs reason=", fix));
  }
  const departure = await observeDeparture(host, facts);
  const { storages, silent } = departure;
  const stop = storages.flatMap((storage) => [
    `sharedblock volumes ${storage.name}`,
    `sharedblock show ${storage.name}`,
  ]);
  refuse(headline, lockedIn(departure), { next: [...stop, `host show ${name}`] });
  if (silent === null && force) {
    const why = `${name} answers, and force=true is for a dead host`;
    throw new Refusal(headline, because("HOST_ALIVE", why, { run: `host remove ${name}` }));
  }
  const cluster = clusterOf(facts.inventory, [host]);
  if (silent === null || (storages.length === 0 && !force)) return departurePlan(departure, cluster, null);
  if (!force) {
    const names = storages.map((storage) => storage.name).join(", ");
    const alive = stillAlive(departure);
    // A host that writes its lease is not dead.
    const byForce = { or: true, when: "if it is dead", run: `host remove ${name} force=true reason="…"` } as const;
    const why = `${name} may hold leases of ${names} and can't be asked: ${silent}`;
    throw new Refusal(headline, [because("HOST_UNREACHABLE", why, `make ${name} answer`), ...alive], {
      fixes: alive.length > 0 ? [] : [byForce],
      next: [`host show ${name}`],
    });
  }
  refuse(headline, stillAlive(departure), { next: [`host show ${name}`] });
  return departurePlan(departure, cluster, reason ?? "");
}

/** What a host that will leave the inventory may still use. */
export interface Departure {
  readonly host: Host;
  /**
   * The storages that may have locks of this host: those of its cluster. If it has a host id, every storage of its
   * zone.
   */
  readonly storages: readonly PrimaryStorage[];
  /** Why it does not answer. Null if it does. */
  readonly silent: string | null;
  /**
   * Why it can't be removed, for each volume group in which it has locks. An unknown group is shown by its own name.
   */
  readonly leaseReasons: readonly Reason[];
  /** Why its leases are not known although it answers. Null if they are known. */
  readonly unread: string | null;
  /** Its lease in each storage, as the other hosts read it from the disks. */
  readonly left: readonly LeaseOfHost[];
}
interface LeaseOfHost {
  readonly storage: PrimaryStorage;
  /** Hosts in the storage's lockspace that read the lease. Without one, nobody knows whether the host is alive. */
  readonly seen: readonly { readonly by: Host; readonly lease: HostLease }[];
  /** Hosts in the lockspace that read no lease of this host. */
  readonly without: readonly Host[];
}

export async function observeDeparture(host: Host, facts: Facts): Promise<Departure> {
  const { inventory } = facts;
  const storages = storagesWithin(host, inventory);
  const seen = await facts.gather(host, { hostname: readHostname, ...lockReads });
  const { hostname, leases, lockspaces } = seen;
  const locks = { leases: valueOr(leases, null) ?? [], lockspaces: valueOr(lockspaces, null) ?? [] };
  const silent = hostname.kind === "unknown" ? hostname.reason : null;
  return {
    host,
    storages,
    silent,
    leaseReasons: leaseReasonsOf(host, locks, inventory),
    // A host without sanlock or lvmlockd is in no lockspace.
    unread: silent !== null ? null : (problemsOf(lockReads, noneIfNotInstalled(seen, noLocks))[0] ?? null),
    left: silent === null ? [] : await Promise.all(storages.map((storage) => leaseIn(storage, host, facts))),
  };
}

/** An interrupted attach is not recorded. It gives a host its id before the host joins a lockspace. */
function storagesWithin({ clusterUuid, sanlockHostId }: Host, inventory: Inventory): PrimaryStorage[] {
  const zoneUuid = inventory.clusters.find((cluster) => cluster.uuid === clusterUuid)?.zoneUuid;
  return inventory.primaryStorages.filter(
    (storage) =>
      storage.clusterUuids.includes(clusterUuid) || (sanlockHostId !== null && storage.zoneUuid === zoneUuid),
  );
}

function leaseReasonsOf(host: Host, locks: Locks, inventory: Inventory): Reason[] {
  const groups = new Set([...locks.leases, ...locks.lockspaces].map(({ volumeGroup }) => volumeGroup));
  return [...groups].map((volumeGroup) => {
    const name = inventory.primaryStorages.find((each) => each.uuid === volumeGroup)?.name ?? volumeGroup;
    const loss = lossReason(lockStateIn(volumeGroup, locks), host, name, volumeGroup);
    if (loss !== null) return loss;
    const hostId = locks.leases.find((lease) => lease.volumeGroup === volumeGroup)?.hostId;
    return because(
      "LOCK_STATE",
      `${host.name} holds the lease of ${name} as host id ${hostId}`,
      `deactivate the volumes of ${name} on ${host.name}, then run vgchange --lockstop ${volumeGroup} there`,
    );
  });
}

async function leaseIn(storage: PrimaryStorage, host: Host, facts: Facts): Promise<LeaseOfHost> {
  const others = facts.inventory.clusters
    .filter((cluster) => storage.clusterUuids.includes(cluster.uuid))
    .flatMap((cluster) => hostsOf(facts.inventory, cluster))
    .filter((each) => each !== host);
  const seen = await Promise.all(
    others.map(async (by) => {
      const { leases } = await facts.gather(by, { leases: listHostLeases(storage.uuid) });
      // A lease that is not understood may be this host's.
      const all = whyUncertain(leases) === null ? valueOr(leases, null) : null;
      return { by, isIn: all !== null, lease: all?.find((each) => each.hostId === host.sanlockHostId) };
    }),
  );
  return {
    storage,
    seen: seen.flatMap(({ by, lease }) => (lease === undefined ? [] : [{ by, lease }])),
    without: seen.filter(({ isIn, lease }) => isIn && lease === undefined).map(({ by }) => by),
  };
}

/** Why a host that answers can't leave. `force` does not help. */
const lockedIn = ({ host, leaseReasons, unread }: Departure): Reason[] => [
  ...leaseReasons,
  ...(unread === null
    ? []
    : [because("HOST_UNREADABLE", `${host.name} answers, but does not report its locks: ${unread}`)]),
];

/** Why a host that does not answer is not dead: others see it write. */
const stillAlive = ({ host, left }: Departure): Reason[] =>
  left.flatMap(({ storage, seen }) =>
    seen
      .filter(({ lease }) => isLive(lease))
      .slice(0, 1)
      .map(({ by, lease }) => {
        const limit = deadAfterSeconds(lease.ioTimeoutSeconds);
        return because(
          "HOST_ALIVE",
          `${host.name} may be alive: ${by.name} saw it renew its lease of ${storage.name} ${lease.unchangedSeconds} s ago`,
          `switch ${host.name} off, then wait until ${limit} s have passed since its last renewal`,
        );
      }),
  );

/** The longest time of its storages. Each host's sanlock may have its own setting. */
const ioTimeoutOf = ({ left }: Departure): number => {
  const seen = left.flatMap((each) => each.seen.map(({ lease }) => lease.ioTimeoutSeconds));
  return seen.length === 0 ? SHIPPED_IO_TIMEOUT_SECONDS : Math.max(...seen);
};

/** The meaning of a dead host's lease, one sentence each. */
export const deadLeaseFacts = (departure: Departure): string[] => {
  const { host, left } = departure;
  const ioTimeout = ioTimeoutOf(departure);
  return [
    `sanlock considers a host dead ${deadAfterSeconds(ioTimeout)} s after its last lease renewal. That is eight I/O time-outs of ${ioTimeout} s and 60 s for its watchdog. Before that no other host gets its locks. Then others get them, even if its volumes were active.`,
    `${host.name} must be powered off. Without a watchdog (use_watchdog = 0, as ZStack's agent sets it) nothing resets a host that lost its lease. Programs that still run there may write later.`,
    ...left.map(({ storage, seen, without }) => {
      const who = seen.map(({ by }) => by.name).join(", ");
      if (seen.length === 0 && without.length > 0) {
        return `In ${storage.name} it has no lease, as ${without[0]?.name} reads there.`;
      }
      return seen.length === 0
        ? `No other host of ${storage.name} could say when ${host.name} last renewed its lease: be sure yourself that it is off.`
        : `In ${storage.name} it has been silent for longer than that, as ${who} see${seen.length === 1 ? "s" : ""} it.`;
    }),
    `Its host id ${host.sanlockHostId ?? "(none)"} is never given to another host. If it comes back, it is a foreign host: unmap its LUNs on the array, or add it again and type sharedblock reconnect.`,
  ];
};

/** Directly before the inventory forgets it: it answers and has no lease, or the others still see it as dead. */
export function departureChecks(departure: Departure): Step[] {
  const { host, silent, left } = departure;
  if (silent === null) {
    return [
      { host, check: inNoLockspace, why: "proves that its LVM is in no lockspace" },
      { host, check: hasNoLease, why: "proves that it holds no lease" },
    ];
  }
  return left.flatMap(({ storage, seen }) =>
    seen.map(
      ({ by }): Step => ({
        host: by,
        check: seesDead(storage.uuid, host),
        why: `proves that ${host.name} has not written to ${storage.name} again`,
      }),
    ),
  );
}

const hasNoLease = check(orNone(listLeases, null), (found) => {
  const leases = found ?? [];
  return leases.length === 0 ? null : `holds the lease of ${leases.map((each) => each.volumeGroup).join(", ")}`;
});

const inNoLockspace = check(orNone(listLockspaces, null), (found) => {
  const spaces = found ?? [];
  return spaces.length === 0 ? null : `is in the lockspace of ${spaces.map((each) => each.volumeGroup).join(", ")}`;
});

const seesDead = (volumeGroup: string, host: Host) =>
  check(listHostLeases(volumeGroup), (leases) => {
    const lease = leases?.find((each) => each.hostId === host.sanlockHostId);
    // This host saw the lease when the plan was made. If it has left the lockspace since then, it can't know.
    if (lease === undefined) return `reads the lease of ${host.name} no more, so it can't say whether it is dead`;
    return isLive(lease) ? `sees ${host.name} renew its lease` : null;
  });

/** `deadBecause`: the reason, if the host is dead. */
function departurePlan(departure: Departure, cluster: Cluster, deadBecause: string | null): Plan {
  const { host, silent } = departure;
  const checks = departureChecks(departure);
  return plan({
    title: `Remove host ${host.name}${deadBecause === null ? "" : ", which is dead"}`,
    verb: "Remove Host",
    undo: { command: `host add ${host.name} address=${host.address} cluster=${cluster.name}` },
    facts: [
      ...(deadBecause === null ? [] : deadParts(departure, deadBecause)),
      ...(deadBecause === null && silent !== null ? [warning(`It does not answer (${silent}).`)] : []),
      { kind: "text", text: keyText(host) },
    ],
    stages: [
      { kind: "hosts", title: "It has no lease", steps: checks },
      { kind: "record", title: "Write the inventory", changes: [{ kind: "host removed", uuid: host.uuid }] },
    ],
    locks: ["inventory", clusterLock(cluster), ...departure.storages.map((storage) => storage.uuid)],
  });
}

const deadParts = (departure: Departure, reason: string): Part[] => [
  { kind: "text", text: `Reason given: ${reason}` },
  ...deadLeaseFacts(departure).map(warning),
];

const warning = (text: string): Part => ({ kind: "text", text, tone: "warning" });

const keyText = (host: Host): string =>
  `${host.address}:${host.port}, trusted key ${host.hostKeySha256}. If you add it again, you must trust its key again.`;

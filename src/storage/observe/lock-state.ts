import type { Host, PrimaryStorage } from "../../core/inventory.ts";
import { type Reason, reason } from "../../core/refusal.ts";
import type { Lockspace } from "../../host/lvmlockctl.ts";
import type { Lease } from "../../host/sanlock.ts";

/**
 * The state of a host's locks in a volume group. It combines lvmlockd, which LVM asks, and sanlock, which has the
 * lease. Only `held` locks anything.
 */
export type LockState =
  | "none"
  | "held"
  | "joining"
  | "leaving"
  /** sanlock still has the lease of an lvmlockd that died. A new lvmlockd does not know this lease and can't use it. */
  | "unjoined"
  /** sanlock dropped the lease while volumes were active. Other hosts may lock what this host still uses. */
  | "dead"
  /** lvmlockd uses a lockspace in which sanlock has no lease. */
  | "lost";

/** What a host reports of its locks, for all its volume groups. */
export interface Locks {
  readonly leases: readonly Lease[];
  readonly lockspaces: readonly Lockspace[];
}

export function lockStateIn(volumeGroup: string, { leases, lockspaces }: Locks): LockState {
  const lease = leases.find((each) => each.volumeGroup === volumeGroup);
  const joined = lockspaces.some((each) => each.volumeGroup === volumeGroup);
  if (lease === undefined) return joined ? "lost" : "none";
  return lease.state === "held" && !joined ? "unjoined" : lease.state;
}

/** The lease that a dead lvmlockd left with sanlock. Null if there is none. */
export const orphanedLease = (volumeGroup: string, locks: Locks): Lease | null =>
  lockStateIn(volumeGroup, locks) === "unjoined"
    ? (locks.leases.find((each) => each.volumeGroup === volumeGroup) ?? null)
    : null;

/** LVM on this host can lock and change the group. */
export const servesGroup = (locks: Locks, volumeGroup: string): boolean => lockStateIn(volumeGroup, locks) === "held";

/**
 * What a person must do on a host without its lease. The bot can't know what other hosts did to the volumes since then.
 */
export const afterLoss = (volumeGroup: string, storage = volumeGroup, host = "the host"): string =>
  `1. stop the VMs on ${storage} 2. \`vgchange -an ${volumeGroup}\` 3. \`lvmlockctl --drop ${volumeGroup}\`, or reboot ${host}`;

/** `host1 lost its sanlock lease for ps-1 while volumes were active. Other hosts can lock them now.` */
export const leaseLost =
  (storage: string) =>
  (hosts: string, count = 1): string =>
    `${hosts} lost ${count === 1 ? "its sanlock lease" : "their sanlock leases"} for ${storage} while volumes were active. Other hosts can lock them now`;

/** Why a host can't lock or join again before a person has checked it. Null if it can. */
export function lossReasons(
  { name, uuid }: Pick<PrimaryStorage, "name" | "uuid">,
  locks: readonly (Locks & { readonly host: Host })[],
): Reason[] {
  return locks.flatMap((each) => lossReason(lockStateIn(uuid, each), each.host, name, uuid) ?? []);
}

export function lossReason(state: LockState, host: Host, name: string, volumeGroup: string): Reason | null {
  const text =
    state === "dead"
      ? leaseLost(name)(host.name)
      : state === "lost"
        ? `lvmlockd on ${host.name} uses the lockspace of ${name}, but sanlock has no lease for it`
        : null;
  const fix = `on ${host.name}: ${afterLoss(volumeGroup, name, host.name)}`;
  return text === null ? null : reason("LEASE_LOST", text, fix);
}

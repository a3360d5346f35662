import type { Host, PrimaryStorage } from "../../core/inventory.ts";
import { type Reason, reason } from "../../core/refusal.ts";
import type { Lockspace } from "../../host/lvmlockctl.ts";
import type { Lease } from "../../host/sanlock.ts";

/**
 * What a host's locks in a volume group are, by both who keep them: lvmlockd, which LVM asks, and sanlock, which holds the
 * lease. Only `held` locks anything.
 */
export type LockState =
  | "none"
  | "held"
  | "joining"
  | "leaving"
  /** sanlock holds the lease for an lvmlockd that died; a new one knows nothing of it and can't take it over. */
  | "unjoined"
  /** sanlock gave the lease up while volumes were active: other hosts may lock what this one still uses. */
  | "dead"
  /** lvmlockd counts on a lockspace that sanlock has no lease in. */
  | "lost";

/** What a host says of its locks, of all its volume groups. */
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

/** The lease that an lvmlockd which died has left with sanlock; null where there is none. */
export const orphanedLease = (volumeGroup: string, locks: Locks): Lease | null =>
  lockStateIn(volumeGroup, locks) === "unjoined"
    ? (locks.leases.find((each) => each.volumeGroup === volumeGroup) ?? null)
    : null;

/** Its LVM can lock and change the group. */
export const servesGroup = (locks: Locks, volumeGroup: string): boolean => lockStateIn(volumeGroup, locks) === "held";

/** What a person does on a host without its lease: the bot can't know what others did to the volumes since. */
export const afterLoss = (volumeGroup: string): string =>
  `stop what uses its volumes there, deactivate them (vgchange -an ${volumeGroup}), then lvmlockctl --drop ${volumeGroup}; or restart the host`;

/** Why a host can neither lock nor join again before a person was there; nothing where it can. */
export function lossReasons(
  { name, uuid }: Pick<PrimaryStorage, "name" | "uuid">,
  locks: readonly (Locks & { readonly host: Host })[],
): Reason[] {
  return locks.flatMap((each) => lossReason(lockStateIn(uuid, each), each.host, name, uuid) ?? []);
}

export function lossReason(state: LockState, host: Host, name: string, volumeGroup: string): Reason | null {
  if (state === "dead") {
    return reason(
      "LEASE_LOST",
      `${host.name} has lost its sanlock lease of ${name} while volumes were active there: other hosts may lock them now`,
      `on ${host.name} ${afterLoss(volumeGroup)}`,
    );
  }
  return state === "lost"
    ? reason(
        "LEASE_LOST",
        `${host.name} has lost its sanlock lease of ${name}, and its lvmlockd does not know that`,
        `on ${host.name} ${afterLoss(volumeGroup)}`,
      )
    : null;
}

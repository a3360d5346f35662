import type { Host, PrimaryStorage } from "../../core/inventory.ts";
import type { Lockspace } from "../../host/lvmlockctl.ts";
import type { Lease } from "../../host/sanlock.ts";
import type { Objection } from "../objection.ts";

/**
 * What a host's locks in a volume group are, by both who keep them: lvmlockd, which LVM asks, and sanlock, which holds the
 * lease. Only `held` locks anything.
 */
export type LockState =
  | "none"
  | "held"
  | "joining"
  | "leaving"
  /** sanlock holds the lease for an lvmlockd that died; one that was started anew knows nothing of it and can't take it over. */
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
export const leftLease = (volumeGroup: string, locks: Locks): Lease | null =>
  lockStateIn(volumeGroup, locks) === "unjoined"
    ? (locks.leases.find((each) => each.volumeGroup === volumeGroup) ?? null)
    : null;

/** Its LVM can lock and change the group. */
export const servesGroup = (locks: Locks, volumeGroup: string): boolean => lockStateIn(volumeGroup, locks) === "held";

/** What a person does on a host whose lease is gone: nothing tells the bot what others did to the volumes since. */
export const afterLoss = (volumeGroup: string): string =>
  `stop what uses its volumes there, deactivate them (vgchange -an ${volumeGroup}), then lvmlockctl --drop ${volumeGroup}; or restart the host`;

/** Why a host can neither lock nor join again before a person was there; nothing where it can. */
export function lossObjections(
  { name, uuid }: Pick<PrimaryStorage, "name" | "uuid">,
  locks: readonly (Locks & { readonly host: Host })[],
): Objection[] {
  return locks.flatMap((each) => lossText(lockStateIn(uuid, each), each.host, name, uuid) ?? []);
}

export function lossText(state: LockState, host: Host, name: string, volumeGroup: string): Objection | null {
  if (state === "dead") {
    return `${host.name} has lost its locks of ${name}: sanlock could not renew its lease in time and gave it up while volumes were active there, so other hosts may lock them now. It can't join again before they are inactive: ${afterLoss(volumeGroup)} (sanlock does so itself where it uses the watchdog)`;
  }
  return state === "lost"
    ? `${host.name} has lost its locks of ${name}: its lvmlockd still counts the lockspace that sanlock has lost: ${afterLoss(volumeGroup)}`
    : null;
}

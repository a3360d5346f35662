import { fileSystemUuid } from "../san/content.ts";
import type { San } from "../san/san.ts";
import type { SanHost } from "../san/san-state.ts";

/** sanlock's leases on the disks of a volume group: who holds which host id, and who did. */

type Lockspace = SanHost["lockspaces"][number];

/** `daemon NAME` of sanlock: a UUID of the host and the first eleven characters of its name. */
export const daemonName = (host: SanHost): string => `${fileSystemUuid(host.name)}.${host.name.slice(0, 11)}`;

/** The name in a lease of the host: one character less. */
export const ownerName = (host: SanHost): string => daemonName(host).slice(0, 47);

/** A living host writes its lease every 20 seconds. */
export const lastRenewal = ({ staleSince }: Lockspace, now: number): number => staleSince ?? now - (now % 20_000);

/** After eight I/O time-outs of 10 s without a renewal sanlock gives a lockspace up. */
const GIVEN_UP_MS = 80_000;

/**
 * sanlock's view of a lockspace: it renews the lease, or it has stopped. A lease that it does not renew is listed as
 * dead while it has active locks, and then disappears.
 */
export function spaceOf(
  host: SanHost,
  { volumeGroupUuid, staleSince }: Lockspace,
  now: number,
): "kept" | "dead" | "gone" {
  if (staleSince === null || now - staleSince < GIVEN_UP_MS) return "kept";
  return host.activeVolumes.some((one) => one.volumeGroupUuid === volumeGroupUuid && one.lock !== null)
    ? "dead"
    : "gone";
}

/** The lockspaces of lvmlockd, independent of sanlock's view. */
export const joinedLockspaces = (host: SanHost): Lockspace[] => host.lockspaces.filter(({ joined }) => joined);

/** The lease is another's from now on: what was left of its last owner is overwritten. */
export function takeLease(san: San, volumeGroupUuid: string, hostId: number): void {
  san.state.pastLeases = san.state.pastLeases.filter(
    (past) => past.volumeGroupUuid !== volumeGroupUuid || past.hostId !== hostId,
  );
}

/** Names of the group's volumes that are active under a lock. */
export const lockedVolumes = (host: SanHost, volumeGroupUuid: string): string[] =>
  host.activeVolumes
    .filter((one) => one.volumeGroupUuid === volumeGroupUuid && one.lock !== null)
    .map(({ name }) => name);

/** A lease of another host that is renewed, or too young for its host to be dead: sanlock waits, then stops. */
export const isHeldByAnother = (san: San, host: SanHost, volumeGroupUuid: string, hostId: number): boolean =>
  san.state.pastLeases.some(
    (past) =>
      past.volumeGroupUuid === volumeGroupUuid &&
      past.hostId === hostId &&
      past.ownerName !== ownerName(host) &&
      !past.released &&
      Date.now() - past.lastRenewal < 140_000,
  );

/** The host is in these lockspaces no more. A host that dies leaves its leases as it wrote them last. */
export function leaveLockspaces(
  san: San,
  host: SanHost,
  how: "in order" | { readonly diedAt: number },
  which: (lockspace: Lockspace) => boolean = () => true,
): void {
  for (const lockspace of host.lockspaces.filter(which)) {
    const { volumeGroupUuid, hostId } = lockspace;
    const at = how === "in order" ? Date.now() : how.diedAt;
    takeLease(san, volumeGroupUuid, hostId);
    san.state.pastLeases.push({
      volumeGroupUuid,
      hostId,
      ownerName: ownerName(host),
      lastRenewal: lastRenewal(lockspace, at),
      released: how === "in order",
    });
  }
  host.lockspaces = host.lockspaces.filter((lockspace) => !which(lockspace));
}

import { named } from "../../core/host-text.ts";
import type { Cluster, Host, Inventory, PrimaryStorage } from "../../core/inventory.ts";
import { type Reason, reason } from "../../core/refusal.ts";
import { deadAfterSeconds, type HostLease, isLive } from "../../host/sanlock.ts";

/** A host that is alive in a storage's lockspace and is not among the observed hosts. */
export interface ForeignHost {
  readonly lease: HostLease;
  /** Its host and cluster in the inventory, if it is there. */
  readonly known: { readonly host: Host; readonly cluster: Cluster } | null;
}

/** The host ids of a group, from the host that read them last. Empty if no host is in the lockspace. */
export function latestOf(readings: readonly (readonly HostLease[])[]): HostLease[] {
  const byId = new Map<number, HostLease>();
  for (const lease of readings.flat()) {
    const known = byId.get(lease.hostId);
    // The host that saw the most recent renewal is right. A host that can't read sees all leases become old.
    if (known === undefined || lease.unchangedSeconds < known.unchangedSeconds) byId.set(lease.hostId, lease);
  }
  return [...byId.values()];
}

export function foreignHostsAmong(
  observedHosts: readonly Host[],
  readings: readonly (readonly HostLease[])[],
  { hosts, clusters }: Inventory,
): ForeignHost[] {
  const ours = new Set(observedHosts.map((host) => host.sanlockHostId));
  return latestOf(readings)
    .filter((lease) => isLive(lease) && !ours.has(lease.hostId))
    .map((lease) => {
      const host = hosts.find((each) => each.sanlockHostId === lease.hostId);
      const cluster = clusters.find((each) => each.uuid === host?.clusterUuid);
      return { lease, known: host === undefined || cluster === undefined ? null : { host, cluster } };
    });
}

export function foreignHostReason({ name, uuid }: PrimaryStorage, { lease, known }: ForeignHost): Reason {
  const { hostId, ownerName, unchangedSeconds, ioTimeoutSeconds } = lease;
  if (known !== null) {
    return reason(
      "FOREIGN_HOST",
      `${known.host.name} of ${known.cluster.name} is in the lockspace of ${name} (host id ${hostId}), but ${name} is not attached there`,
      { run: `sharedblock detach ${name} ${known.cluster.name}` },
    );
  }
  // `UUID.sharedbloc`: the beginning of the host's name follows the UUID.
  const who = named(ownerName.replace(/^[0-9a-f-]{36}\./, "") || "unnamed");
  return reason(
    "FOREIGN_HOST",
    `foreign host ${who} (host id ${hostId}) is in the lockspace of ${name}; its lease was unchanged for ${unchangedSeconds} s`,
    `stop its locks there (vgchange --lockstop ${uuid}), or, if it is off, wait until ${deadAfterSeconds(ioTimeoutSeconds)} s have passed`,
  );
}

import type { Facts } from "../core/command.ts";
import type { Gathered } from "../core/host-command.ts";
import type { Host, PrimaryStorage } from "../core/inventory.ts";
import { listLockspaces } from "../host/lockspace.ts";
import { type HostLease, listHostLeases, readSanlockStatus } from "../host/sanlock.ts";
import { listScsiHosts } from "../host/scsi.ts";
import { readUnits } from "../host/systemd.ts";
import { lunReads, problemsOf, viewOf } from "./look.ts";
import { hostIdsFor, prepareReads } from "./prepare.ts";
import { keepLook } from "./status.ts";
import type { HostSurvey } from "./survey.ts";

export const MULTIPATH_UNIT = "multipathd.service";

const repairReads = (volumeGroup: string) => ({
  ...lunReads,
  ...prepareReads,
  scsiHosts: listScsiHosts,
  multipathd: readUnits([MULTIPATH_UNIT]),
  lockspaces: listLockspaces,
  sanlock: readSanlockStatus,
  hostLeases: listHostLeases(volumeGroup),
});

/** One host with all that speaks of its connection to a storage, seen in one round trip. */
export interface RepairLook extends HostSurvey {
  readonly seen: Gathered<ReturnType<typeof repairReads>>;
  /** Why what a repair must know could not be read. */
  readonly problems: readonly string[];
}

export async function lookForRepair(
  hosts: readonly Host[],
  storage: PrimaryStorage,
  facts: Facts,
): Promise<RepairLook[]> {
  const reads = repairReads(storage.uuid);
  return Promise.all(
    [...hostIdsFor(hosts, facts.inventory)].map(async ([host, hostId]) => {
      const seen = await facts.gather(host, reads);
      const view = viewOf(host, seen);
      keepLook(view, facts);
      const needed = { scsiHosts: reads.scsiHosts, multipathd: reads.multipathd };
      const problems = [...new Set([...view.problems, ...problemsOf(needed, seen)])];
      return { host, hostId, view, prepare: seen, seen, problems };
    }),
  );
}

/** The host ids of the group as the host sees them that read them last; none where no host is in the lockspace. */
export function leasesSeen(looks: readonly Pick<RepairLook, "seen" | "host">[]): HostLease[] {
  const byId = new Map<number, HostLease>();
  for (const { seen } of looks) {
    for (const lease of seen.hostLeases.kind === "done" ? (seen.hostLeases.value ?? []) : []) {
      const known = byId.get(lease.hostId);
      // Who saw it renewed most recently is right: a host that reads nothing sees all leases grow old.
      if (known === undefined || lease.unchangedSeconds < known.unchangedSeconds) byId.set(lease.hostId, lease);
    }
  }
  return [...byId.values()];
}

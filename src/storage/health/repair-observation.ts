import type { Facts } from "../../core/facts.ts";
import type { Gathered } from "../../core/host-command.ts";
import type { Host, PrimaryStorage } from "../../core/inventory.ts";
import { type HostLease, listHostLeases, readSanlockStatus } from "../../host/sanlock.ts";
import { listScsiHosts } from "../../host/scsi.ts";
import { readUnits } from "../../host/systemd.ts";
import { latestOf } from "../observe/foreign-hosts.ts";
import { lunReads, problemsOf, valueOr } from "../observe/host-view.ts";
import { viewMade } from "../observe/hosts.ts";
import { notUnderstoodAbout, objectsOf } from "../observe/not-understood.ts";
import { keepObservation } from "../observe/status.ts";
import { hostIdsFor, prepareReads } from "../steps/lock-settings.ts";
import type { HostSurvey } from "../steps/survey.ts";

export const MULTIPATH_UNIT = "multipathd.service";

const repairReads = (volumeGroup: string) => ({
  ...lunReads,
  ...prepareReads,
  scsiHosts: listScsiHosts,
  multipathd: readUnits([MULTIPATH_UNIT]),
  sanlock: readSanlockStatus,
  hostLeases: listHostLeases(volumeGroup),
});

/** One host with all that speaks of its connection to a storage, seen in one round trip. */
export interface RepairObservation extends HostSurvey {
  readonly seen: Gathered<ReturnType<typeof repairReads>>;
  /** Why what a repair must know could not be read. */
  readonly problems: readonly string[];
}

export async function observeForRepair(
  hosts: readonly Host[],
  storage: PrimaryStorage,
  facts: Facts,
): Promise<RepairObservation[]> {
  const reads = repairReads(storage.uuid);
  return Promise.all(
    [...hostIdsFor(hosts, facts.inventory)].map(async ([host, hostId]) => {
      const seen = await facts.gather(host, reads);
      const view = await viewMade(host, seen);
      keepObservation(view, facts);
      const needed = { scsiHosts: reads.scsiHosts, multipathd: reads.multipathd };
      const doubt = notUnderstoodAbout(view, objectsOf(storage)).map(({ why }) => why);
      const problems = [...new Set([...view.problems, ...doubt, ...problemsOf(needed, seen)])];
      return { host, hostId, view, prepare: seen, seen, problems };
    }),
  );
}

/** The host ids of the group as the hosts read them from the disks. */
export const leasesSeen = (observations: readonly Pick<RepairObservation, "seen">[]): HostLease[] =>
  latestOf(observations.map(({ seen }) => valueOr(seen.hostLeases, null) ?? []));

import type { Facts } from "../../core/facts.ts";
import type { Host } from "../../core/inventory.ts";
import { type HostView, lunReads } from "../observe/host-view.ts";
import { viewMade } from "../observe/hosts.ts";
import { keepObservation } from "../observe/status.ts";
import { hostIdsFor, type PrepareObservation, prepareReads } from "./lock-settings.ts";

/** One host before a storage is made, read in one round trip: its LUNs, and what it needs for shared volume groups. */
export interface HostSurvey {
  readonly host: Host;
  readonly hostId: number;
  readonly view: HostView;
  readonly prepare: PrepareObservation;
}

export async function survey(hosts: readonly Host[], facts: Facts): Promise<HostSurvey[]> {
  const ids = hostIdsFor(hosts, facts.inventory);
  return Promise.all(
    [...ids].map(async ([host, hostId]) => {
      const seen = await facts.gather(host, { ...lunReads, ...prepareReads });
      const view = await viewMade(host, seen);
      keepObservation(view, facts);
      return { host, hostId, view, prepare: seen };
    }),
  );
}

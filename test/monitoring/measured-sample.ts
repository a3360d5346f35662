import type { Incident } from "../../src/core/incident.ts";
import type { Measured } from "../../src/monitoring/measured.ts";
import type { Observed } from "../../src/watch/sample.ts";
import type { HostWatch } from "../../src/watch/watcher.ts";
import { planned } from "../store/samples.ts";
import { inventory, LUN, sample } from "../watch/watched-host.ts";

export const NOW_MS = Date.parse("2026-11-29T12:00:00.000Z");
export const at = (seconds: number): string => new Date(NOW_MS + seconds * 1000).toISOString();

export function hostWatch(observed: Observed, given: Partial<HostWatch> = {}): HostWatch {
  return { hostUuid: observed.hostUuid, observed, trouble: null, known: null, noSpace: null, ...given };
}

/** Two hosts that were observed 10 s ago and show nothing wrong, and a bot that is ready. */
export function measured(given: Partial<Measured> = {}): Measured {
  const hosts = ([1, 2] as const).map((host) => hostWatch(sample(host, { atMs: NOW_MS - 10_000 })));
  return {
    ...{ nowMs: NOW_MS, inventory, operations: [], logProblem: null, forwards: [] },
    watch: { hosts, incidents: [], uses: [], everyMs: 30_000 },
    slack: [
      { helloAtMs: NOW_MS - 60_000, isOpen: true },
      { helloAtMs: null, isOpen: false },
    ],
    ...given,
  };
}

export const operation = (number: number, given: Partial<Measured["operations"][number]>) => ({
  ...{ ...planned, id: `op-${number}`, nonce: null },
  ...given,
});

/** Reported 2 minutes ago: a path of a LUN of ps-1 on host1 failed. */
export function incident(given: Partial<Incident> = {}): Incident {
  const [cluster] = inventory.clusters;
  const [host] = inventory.hosts;
  const [storage] = inventory.primaryStorages;
  const [clusterUuid, hostUuid, storageUuid] = [cluster?.uuid ?? "", host?.uuid ?? "", storage?.uuid ?? ""];
  const key = `path failed ${hostUuid} ${LUN} via 10.0.0.1:3260`;
  return {
    ...{ id: "inc-7", scope: { kind: "path", id: `${hostUuid} ${LUN}` }, clusterUuid },
    ...{ severity: "warning", worstSeverity: "warning", state: "open", everFound: [key] },
    findings: [
      {
        ...{ key, kind: "path failed", severity: "warning", clusterUuid, hostUuid, wwid: LUN, storageUuid },
        ...{ text: "Path sd1 of LUN …bbe00a on host1 through 10.0.0.1:3260: failed faulty", since: at(-125) },
      },
    ],
    ...{ beganAt: at(-125), openedAt: at(-120), quietAt: null, resolvedAt: null, backAt: [] },
    ...{ acknowledged: null, assigned: null, silenced: null, events: [], lastFindings: [], held: [] },
    ...given,
  };
}

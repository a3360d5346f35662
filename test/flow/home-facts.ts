import type { Incident } from "../../src/core/incident.ts";
import { emptyInventory, type Inventory } from "../../src/core/inventory.ts";
import type { Operation } from "../../src/core/operation.ts";
import type { WatchFacts } from "../../src/core/watch-facts.ts";
import type { HomeFacts } from "../../src/flow/home.ts";
import { planned, uuid } from "../store/samples.ts";

/** What a Home is made from, as small as a test needs it. */

export const NOW = "2026-11-29T14:00:00.000Z";
export const at = (minutes: number): string => new Date(Date.parse(NOW) + minutes * 60_000).toISOString();
const GB = 1000 ** 3;

/** `clusters`: the number of hosts in each, from `cluster-1` on. Each cluster has one storage. */
export function inventoryOf(clusters: readonly number[]): Inventory {
  return {
    ...emptyInventory,
    zones: [{ uuid: uuid(1), name: "ZONE-1" }],
    clusters: clusters.map((_, index) => ({
      uuid: clusterUuid(index + 1),
      name: `cluster-${index + 1}`,
      zoneUuid: uuid(1),
    })),
    hosts: clusters.flatMap((hosts, index) =>
      Array.from({ length: hosts }, (_, host) => ({
        ...{ uuid: hostUuid(index + 1, host + 1), name: `host${index + 1}-${host + 1}` },
        ...{ clusterUuid: clusterUuid(index + 1), address: "127.0.0.1", port: 22, user: "root" },
        ...{ hostKeySha256: "SHA256:x", sanlockHostId: null },
      })),
    ),
    primaryStorages: clusters.map((_, index) => ({
      ...{ uuid: storageUuid(index + 1), name: `ps-${index + 1}`, description: "", zoneUuid: uuid(1) },
      ...{ state: "Enabled" as const, clusterUuids: [clusterUuid(index + 1)], sharedBlocks: [] },
    })),
  };
}

export const clusterUuid = (cluster: number): string => uuid(1_000 + cluster);
export const hostUuid = (cluster: number, host: number): string => uuid(10_000 * cluster + host);
export const storageUuid = (storage: number): string => uuid(2_000 + storage);

export function incident(id: number, cluster: number, more: Partial<Incident> = {}): Incident {
  const severity = more.severity ?? "warning";
  return {
    id: `inc-${id}`,
    scope: { kind: "host", id: `reach ${hostUuid(cluster, 1)}` },
    clusterUuid: clusterUuid(cluster),
    severity,
    worstSeverity: severity,
    state: "open",
    findings: [
      {
        ...{ key: `host unreachable ${id}`, kind: "host unreachable", severity, clusterUuid: clusterUuid(cluster) },
        ...{ hostUuid: hostUuid(cluster, 1), wwid: null, storageUuid: null, since: at(-5) },
        text: `host${cluster}-1 does not answer: timeout ${id}`,
      },
    ],
    everFound: [],
    beganAt: at(-5),
    openedAt: at(-5),
    ...{ quietAt: null, resolvedAt: null, backAt: [], acknowledged: null, assigned: null, silenced: null },
    events: [],
    ...more,
  };
}

export const operation = (id: number, more: Partial<Operation> = {}): Operation => ({
  ...planned,
  id: `op-${id}`,
  nonce: "n",
  title: `Add ps-${id} to cluster-1`,
  place: JSON.stringify({ channel: "C1", threadTs: null }),
  messageId: `1700000000.00000${id}`,
  expiresAt: at(10),
  ...more,
});

type Watched = Partial<{
  incidents: readonly Incident[];
  silent: readonly string[];
  unobserved: readonly string[];
  pauses: ReturnType<WatchFacts["pauses"]>;
  /** Percent used, by storage. */
  used: readonly number[];
  /** Of storages with levels of their own, by name. */
  levels: Readonly<Record<string, readonly [number, number, number]>>;
}>;

/** Everything works, except for what is given. */
export function facts(inventory: Inventory, watched: Watched | null = {}, more: Partial<HomeFacts> = {}): HomeFacts {
  const { incidents = [], silent = [], unobserved = [], pauses = [], used = [], levels = {} } = watched ?? {};
  return {
    inventory,
    operations: [],
    observations: { keep: () => undefined, of: () => [] },
    watch:
      watched === null
        ? null
        : {
            incidents: () => incidents,
            pauses: () => pauses,
            placeOf: (id) => ({
              place: JSON.stringify({ channel: "C1", threadTs: null }),
              messageId: `1.${id.slice(4)}`,
            }),
            hosts: () =>
              inventory.hosts.map(({ uuid: host, name }) => ({
                hostUuid: host,
                observedAt: unobserved.includes(name) ? null : at(-1),
                silence: silent.includes(name) ? "timeout" : null,
                noEvents: null,
              })),
            uses: () =>
              used.map((percent, index) => ({
                storageUuid: storageUuid(index + 1),
                sizeBytes: 1000 * GB,
                freeBytes: (100 - percent) * 10 * GB,
                observedAt: at(-2),
                levels: levels[`ps-${index + 1}`] ?? [80, 90, 95],
              })),
          },
    nowMs: Date.parse(NOW),
    ...more,
  };
}

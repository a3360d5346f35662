import { createHash } from "node:crypto";
import type { AuditLog, InventoryStore } from "../flow/ports.ts";
import type { SimulatedHost } from "./simulated-hosts.ts";

/** In a fresh data folder: the tutorial's zone and cluster, with the simulated hosts registered and trusted. */
export async function firstInventory(
  store: InventoryStore,
  audit: AuditLog,
  hosts: readonly SimulatedHost[],
): Promise<void> {
  const { zones, clusters } = store.current();
  if (zones.length > 0 || clusters.length > 0) return;
  // What is registered is never older than the log.
  await audit.append("bot", null, { kind: "begun", reason: "the simulated hosts are registered" });
  const zone = { uuid: uuidOf("zone"), name: "ZONE-1" };
  const cluster = { uuid: uuidOf("cluster"), name: "cluster-1", zoneUuid: zone.uuid };
  await store.apply([
    { kind: "zone added", zone },
    { kind: "cluster added", cluster },
    ...hosts.map((host) => ({
      kind: "host added" as const,
      host: { ...host, uuid: uuidOf(host.name), clusterUuid: cluster.uuid, sanlockHostId: null },
    })),
  ]);
}

const uuidOf = (name: string): string => createHash("sha256").update(`tutorial ${name}`).digest("hex").slice(0, 32);

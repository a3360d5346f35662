import { counted } from "./counted.ts";
import type { Facts } from "./facts.ts";
import { hostsOf, storageOf } from "./find.ts";
import type { Reply } from "./reply.ts";

export async function zoneListReply(_args: object, { inventory }: Facts): Promise<Reply> {
  const rows = inventory.zones.map((zone) => {
    const clusters = inventory.clusters.filter((cluster) => cluster.zoneUuid === zone.uuid);
    const storages = inventory.primaryStorages.filter((storage) => storage.zoneUuid === zone.uuid);
    return [
      zone.name,
      clusters.map((each) => each.name).join(", ") || "none",
      storages.map((each) => each.name).join(", ") || "none",
    ];
  });
  return {
    title: counted(rows.length, "zone"),
    tone: "plain",
    parts: [{ kind: "table", columns: ["zone", "clusters", "primary storages"], rows }],
    next: rows.length === 0 ? ["zone add ZONE-1"] : [],
  };
}

export async function clusterListReply(_args: object, { inventory }: Facts): Promise<Reply> {
  const rows = inventory.clusters.map((cluster) => [
    cluster.name,
    inventory.zones.find((zone) => zone.uuid === cluster.zoneUuid)?.name ?? "",
    String(hostsOf(inventory, cluster).length),
    storageOf(inventory, cluster)?.name ?? "none",
  ]);
  return {
    title: counted(rows.length, "cluster"),
    tone: "plain",
    parts: [{ kind: "table", columns: ["cluster", "zone", "hosts", "Shared Block storage"], rows }],
    next: rows.length === 0 ? ["help cluster add"] : [],
  };
}

export async function hostListReply(_args: object, { inventory }: Facts): Promise<Reply> {
  const rows = inventory.hosts.map((host) => [
    host.name,
    inventory.clusters.find((cluster) => cluster.uuid === host.clusterUuid)?.name ?? "",
    `${host.address}:${host.port}`,
    host.user,
    String(host.sanlockHostId ?? "none"),
  ]);
  return {
    title: counted(rows.length, "host"),
    tone: "plain",
    parts: [{ kind: "table", columns: ["host", "cluster", "address", "user", "sanlock host id"], rows }],
    next: rows.length === 0 ? ["help host add"] : [],
  };
}

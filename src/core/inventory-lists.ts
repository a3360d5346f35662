import { counted } from "./counted.ts";
import type { Facts } from "./facts.ts";
import { hostsOf, storageOf } from "./find.ts";
import type { Host } from "./inventory.ts";
import { type Inline, linesPart, type Part, type Reply } from "./reply.ts";
import { few, rangesOf, sharedFacts } from "./shared-facts.ts";

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
    storageOf(inventory, cluster)?.name ?? "none",
    String(hostsOf(inventory, cluster).length),
    inventory.zones.find((zone) => zone.uuid === cluster.zoneUuid)?.name ?? "",
  ]);
  return {
    title: counted(rows.length, "cluster"),
    tone: "plain",
    parts: [{ kind: "table", columns: ["cluster", "storage", "hosts", "zone"], rows }],
    next: rows.length === 0 ? ["help cluster add"] : [],
  };
}

/** Hosts on which one screen of lines ends. */
const MOST_HOSTS = 6;

/** A line for each cluster. Of many hosts their addresses, which are their own, are for who asks for them. */
export async function hostListReply(_args: object, { inventory }: Facts): Promise<Reply> {
  const { hosts } = inventory;
  const clusterOf = (host: Host) => inventory.clusters.find(({ uuid }) => uuid === host.clusterUuid)?.name ?? "none";
  const rows = hosts.map((host) => [
    ...[host.name, clusterOf(host), `${host.user}@${host.address}:${host.port}`],
    String(host.sanlockHostId ?? "none"),
  ]);
  const table: Part = { kind: "table", columns: ["host", "cluster", "address", "sanlock host id"], rows };
  const isLong = hosts.length > MOST_HOSTS;
  const lines = sharedFacts(hosts, ({ name }) => name, clusterOf).map(({ fact, names, items }): Inline[] => [
    { bold: fact },
    ` ${counted(names.length, "host")}: ${few(names)} · ${idsText(items)}`,
  ]);
  return {
    title: counted(hosts.length, "host"),
    tone: "plain",
    parts: [isLong ? linesPart("Hosts of each cluster", lines) : table],
    next: hosts.length === 0 ? ["help host add"] : [],
    ...(isLong ? { details: { title: "Addresses and host ids", parts: [table] } } : {}),
  };
}

/** `sanlock host ids 1–97; 3 hosts without one` */
function idsText(hosts: readonly Host[]): string {
  const ids = hosts.flatMap(({ sanlockHostId }) => sanlockHostId ?? []).toSorted((left, right) => left - right);
  const without = hosts.length - ids.length;
  return [
    ...(ids.length === 0 ? [] : [`sanlock host ${ids.length === 1 ? "id" : "ids"} ${rangesOf(ids)}`]),
    ...(without === 0 ? [] : [`${counted(without, "host")} without a sanlock host id`]),
  ].join("; ");
}

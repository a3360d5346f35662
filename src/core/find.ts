import { inOrder } from "./in-order.ts";
import type { Cluster, Host, Inventory, PrimaryStorage, Zone } from "./inventory.ts";
import { Refusal } from "./refusal.ts";

/** Finding things of the inventory by the names that operators type. What is not there is a Refusal that names what is. */

export const zoneNamed = (inventory: Inventory, name: string): Zone =>
  found("zone", name, inventory.zones, ["zone list", `zone add ${name}`]);

export const clusterNamed = (inventory: Inventory, name: string): Cluster =>
  found("cluster", name, inventory.clusters, ["cluster list"]);

export const hostNamed = (inventory: Inventory, name: string): Host =>
  found("host", name, inventory.hosts, ["host list"]);

export const storageNamed = (inventory: Inventory, name: string): PrimaryStorage =>
  found("primary storage", name, inventory.primaryStorages, ["sharedblock list"]);

/** In the order of their names, so that the host that writes is the same each time. */
export const hostsOf = (inventory: Inventory, cluster: Cluster): Host[] =>
  inOrder(
    inventory.hosts.filter((host) => host.clusterUuid === cluster.uuid),
    ({ name }) => name,
  );

/** The hosts that HOST-or-CLUSTER means; a cluster without hosts is refused. */
export function hostsMeant(inventory: Inventory, name: string): Host[] {
  const host = inventory.hosts.find((each) => each.name === name);
  if (host) return [host];
  const cluster = inventory.clusters.find((each) => each.name === name);
  if (cluster === undefined) {
    throw notThere("host or cluster", name, [...inventory.clusters, ...inventory.hosts], ["inventory"]);
  }
  return someHostsOf(inventory, cluster, `looking at ${name}`);
}

/** The cluster of hosts that `hostsMeant` gave: they are always of one. */
export function clusterOf(inventory: Inventory, [first]: readonly Host[]): Cluster {
  const cluster = inventory.clusters.find((each) => each.uuid === first?.clusterUuid);
  if (cluster === undefined) throw new Error(`${first?.name} is in no cluster`);
  return cluster;
}

/** A cluster's hosts; one without hosts is refused with what to type. */
export function someHostsOf(inventory: Inventory, cluster: Cluster, doing: string): Host[] {
  const hosts = hostsOf(inventory, cluster);
  if (hosts.length === 0) throw new Refusal(doing, `${cluster.name} has no hosts`, ["help host add"]);
  return hosts;
}

/** The hosts of every cluster that a storage is attached to. */
export const attachedHosts = (inventory: Inventory, storage: PrimaryStorage): Host[] =>
  inventory.clusters
    .filter((cluster) => storage.clusterUuids.includes(cluster.uuid))
    .flatMap((cluster) => hostsOf(inventory, cluster));

/** The hosts of every cluster of a storage's zone: those that may see its LUNs, attached or not. */
export const zoneHosts = (inventory: Inventory, storage: PrimaryStorage): Host[] =>
  inventory.clusters
    .filter((cluster) => cluster.zoneUuid === storage.zoneUuid)
    .flatMap((cluster) => hostsOf(inventory, cluster));

/** All others in the inventory, of whatever cluster. */
export const otherHosts = (hosts: readonly Host[], inventory: Inventory): Host[] =>
  inventory.hosts.filter((host) => !hosts.some((each) => each.uuid === host.uuid));

export const storageOf = (inventory: Inventory, cluster: Cluster): PrimaryStorage | null =>
  inventory.primaryStorages.find((storage) => storage.clusterUuids.includes(cluster.uuid)) ?? null;

function found<T extends { readonly name: string }>(
  kind: string,
  name: string,
  all: readonly T[],
  next: readonly string[],
): T {
  const one = all.find((each) => each.name === name);
  if (one) return one;
  throw notThere(kind, name, all, next);
}

/** Names that a refusal lists. */
const MOST_NAMES = 20;

function notThere(
  kind: string,
  name: string,
  all: readonly { readonly name: string }[],
  next: readonly string[],
): Refusal {
  const names = all.slice(0, MOST_NAMES).map((each) => each.name);
  const more = all.length > names.length ? ` and ${all.length - names.length} more` : "";
  const there =
    names.length === 0 ? "there is none yet" : `there ${names.length === 1 ? "is" : "are"} ${names.join(", ")}${more}`;
  return new Refusal(`finding the ${kind} ${JSON.stringify(name)}`, `it is not in the inventory; ${there}`, next);
}

/** Refuses when there is anything to object; all objections are named at once. */
export function refuse(doing: string, objections: readonly string[], next: readonly string[]): void {
  if (objections.length > 0) throw new Refusal(doing, [...new Set(objections)], next);
}

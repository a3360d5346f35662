import { inOrder } from "./in-order.ts";
import type { Cluster, Host, Inventory, PrimaryStorage, Zone } from "./inventory.ts";
import { type Fix, Refusal, reason } from "./refusal.ts";

/**
 * Finds objects of the inventory by the names that operators type. An unknown name throws a Refusal that lists the
 * existing names.
 */

/** How objects of a kind are listed and added. */
interface Kind {
  readonly name: string;
  readonly list: string;
  readonly add: string;
}
const zones: Kind = { name: "zone", list: "zone list", add: "zone add" };
const clusters: Kind = { name: "cluster", list: "cluster list", add: "cluster add" };
const hostKind: Kind = { name: "host", list: "host list", add: "host add" };
const storages: Kind = { name: "storage", list: "sharedblock list", add: "sharedblock add" };

export const zoneNamed = (inventory: Inventory, name: string): Zone =>
  found(zones, name, inventory.zones, { run: `zone add ${name}` });

export const clusterNamed = (inventory: Inventory, name: string): Cluster => found(clusters, name, inventory.clusters);

export const hostNamed = (inventory: Inventory, name: string): Host => found(hostKind, name, inventory.hosts);

export const storageNamed = (inventory: Inventory, name: string): PrimaryStorage =>
  found(storages, name, inventory.primaryStorages);

/** Sorted by name, so that the same host writes each time. */
export const hostsOf = (inventory: Inventory, cluster: Cluster): Host[] =>
  inOrder(
    inventory.hosts.filter((host) => host.clusterUuid === cluster.uuid),
    ({ name }) => name,
  );

/** The hosts that a HOST-or-CLUSTER argument names. Throws a Refusal if the cluster has no hosts. */
export function chosenHosts(inventory: Inventory, name: string): Host[] {
  const host = inventory.hosts.find((each) => each.name === name);
  if (host) return [host];
  const cluster = inventory.clusters.find((each) => each.name === name);
  if (cluster === undefined) {
    const kind = { name: "host or cluster", list: "inventory", add: "host add" };
    throw notFound(kind, name, [...inventory.clusters, ...inventory.hosts]);
  }
  return someHostsOf(inventory, cluster, `Cluster ${name} can't be used`);
}

/** The cluster of hosts that `chosenHosts` returned. They are always in one cluster. */
export function clusterOf(inventory: Inventory, [first]: readonly Host[]): Cluster {
  const cluster = inventory.clusters.find((each) => each.uuid === first?.clusterUuid);
  if (cluster === undefined) throw new Error(`${first?.name} is in no cluster`);
  return cluster;
}

/** The hosts of a cluster. Throws a Refusal if it has none. */
export function someHostsOf(inventory: Inventory, cluster: Cluster, headline: string): Host[] {
  const hosts = hostsOf(inventory, cluster);
  if (hosts.length === 0) {
    const fix = `register a host of ${cluster.name} with host add`;
    throw new Refusal(headline, reason("NO_HOSTS", `${cluster.name} has no hosts`, fix), { next: ["help host add"] });
  }
  return hosts;
}

/** The hosts of every cluster that a storage is attached to. */
export const attachedHosts = (inventory: Inventory, storage: PrimaryStorage): Host[] =>
  inventory.clusters
    .filter((cluster) => storage.clusterUuids.includes(cluster.uuid))
    .flatMap((cluster) => hostsOf(inventory, cluster));

/** The hosts of every cluster in the storage's zone. They may see its LUNs even if the storage is not attached. */
export const zoneHosts = (inventory: Inventory, storage: PrimaryStorage): Host[] =>
  inventory.clusters
    .filter((cluster) => cluster.zoneUuid === storage.zoneUuid)
    .flatMap((cluster) => hostsOf(inventory, cluster));

/** The hosts that may use a storage. Without a cluster these are all of its zone: an interrupted delete holds its locks on one. */
export const usingHosts = (inventory: Inventory, storage: PrimaryStorage): Host[] =>
  (storage.clusterUuids.length > 0 ? attachedHosts : zoneHosts)(inventory, storage);

/** All other hosts of the inventory, in any cluster. */
export const otherHosts = (hosts: readonly Host[], inventory: Inventory): Host[] =>
  inventory.hosts.filter((host) => !hosts.some((each) => each.uuid === host.uuid));

export const storageOf = (inventory: Inventory, cluster: Cluster): PrimaryStorage | null =>
  inventory.primaryStorages.find((storage) => storage.clusterUuids.includes(cluster.uuid)) ?? null;

function found<T extends { readonly name: string }>(kind: Kind, name: string, all: readonly T[], fix?: Fix): T {
  const one = all.find((each) => each.name === name);
  if (one) return one;
  throw notFound(kind, name, all, fix);
}

/** So many names are listed in a refusal. */
const MOST_NAMES = 20;

/** Throws a Refusal. Its reason lists the existing names. */
export function notFound(kind: Kind, name: string, all: readonly { readonly name: string }[], fix?: Fix): Refusal {
  const names = all.slice(0, MOST_NAMES).map((each) => each.name);
  const more = all.length > names.length ? ` and ${all.length - names.length} more` : "";
  const why = names.length === 0 ? `there is no ${kind.name} yet` : `existing: ${names.join(", ")}${more}`;
  const add = names.length === 0 ? [{ run: kind.add }] : [];
  const headline = `${kind.name[0]?.toUpperCase()}${kind.name.slice(1)} ${JSON.stringify(name)} does not exist`;
  return new Refusal(headline, reason("NOT_FOUND", why, ...(fix === undefined ? add : [fix])), {
    next: [kind.list],
    unknown: { typed: name, existing: all.map((each) => each.name) },
  });
}

export { refuse } from "./refusal.ts";

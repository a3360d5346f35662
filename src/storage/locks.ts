import type { Cluster, Host, Inventory, PrimaryStorage } from "../core/inventory.ts";

/**
 * What no two operations may change at once. Two that could harm each other share one of these names; a storage goes by
 * its UUID, for a person may rename it between two plans.
 */

/** A cluster's hosts with their disks, maps, settings and daemons, and which storage they load. */
export const clusterLock = ({ name }: Pick<Cluster, "name">): string => `hosts of ${name}`;

/** The clusters of some hosts. */
export const clusterLocks = (hosts: readonly Host[], { clusters }: Inventory): string[] =>
  clusters.filter(({ uuid }) => hosts.some((host) => host.clusterUuid === uuid)).map(clusterLock);

/** A storage: itself, its LUNs, and the clusters that it is attached to. */
export const storageLocks = ({ uuid, sharedBlocks, clusterUuids }: PrimaryStorage, inventory: Inventory): string[] => [
  ...inventory.clusters.filter((cluster) => clusterUuids.includes(cluster.uuid)).map(clusterLock),
  ...sharedBlocks.map((block) => block.wwid),
  uuid,
];

/** A name that a storage is about to have: two must not get the same. */
export const nameLock = (name: string): string => `primary storage named ${name}`;

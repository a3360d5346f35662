import type { Cluster, Host, Inventory, PrimaryStorage } from "../core/inventory.ts";

/**
 * The names of operation locks. Two operations that could harm each other share one of these names. A storage is named
 * by its UUID, because a person may rename it between two plans.
 */

/** A cluster's hosts with their disks, maps, settings and daemons, and the storage that they load. */
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

/** A name that a storage will get. Two storages must not get the same. */
export const nameLock = (name: string): string => `primary storage named ${name}`;

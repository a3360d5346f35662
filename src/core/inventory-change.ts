import { z } from "zod";
import {
  clusterSchema,
  type Host,
  hostSchema,
  type Inventory,
  inventorySchema,
  nameSchema,
  type PrimaryStorage,
  primaryStorageSchema,
  sharedBlockSchema,
  storageStateSchema,
  timeSchema,
  uuidSchema,
  wwidSchema,
  zoneSchema,
} from "./inventory.ts";

/** What changes in the inventory, as data: planned, shown, audited and applied; applying one twice changes nothing more. */
export const inventoryChangeSchema = z.discriminatedUnion("kind", [
  z.strictObject({ kind: z.literal("zone added"), zone: zoneSchema }),
  z.strictObject({ kind: z.literal("zone removed"), uuid: uuidSchema }),
  z.strictObject({ kind: z.literal("cluster added"), cluster: clusterSchema }),
  z.strictObject({ kind: z.literal("cluster removed"), uuid: uuidSchema }),
  z.strictObject({ kind: z.literal("host added"), host: hostSchema }),
  z.strictObject({ kind: z.literal("host removed"), uuid: uuidSchema }),
  z.strictObject({ kind: z.literal("sanlock host id given"), hostUuid: uuidSchema, hostId: z.int().min(1).max(2000) }),
  /** Others use ids in a group that was taken over: none up to here is ever given to a host. */
  z.strictObject({ kind: z.literal("sanlock host ids used"), upTo: z.int().min(1).max(2000) }),
  z.strictObject({ kind: z.literal("primary storage claimed"), storage: primaryStorageSchema }),
  z.strictObject({ kind: z.literal("primary storage removed"), uuid: uuidSchema }),
  z.strictObject({
    kind: z.literal("shared block added"),
    storageUuid: uuidSchema,
    wwid: wwidSchema,
    addedAt: timeSchema,
  }),
  z.strictObject({ kind: z.literal("shared block claimed"), storageUuid: uuidSchema, block: sharedBlockSchema }),
  z.strictObject({ kind: z.literal("shared block released"), storageUuid: uuidSchema, wwid: wwidSchema }),
  z.strictObject({
    kind: z.literal("shared block grown"),
    storageUuid: uuidSchema,
    wwid: wwidSchema,
    sizeBytes: z.int().positive(),
  }),
  z.strictObject({ kind: z.literal("primary storage renamed"), uuid: uuidSchema, name: nameSchema }),
  z.strictObject({ kind: z.literal("primary storage described"), uuid: uuidSchema, description: z.string().max(2000) }),
  z.strictObject({ kind: z.literal("primary storage state wished"), uuid: uuidSchema, state: storageStateSchema }),
  z.strictObject({ kind: z.literal("cluster attached"), storageUuid: uuidSchema, clusterUuid: uuidSchema }),
  z.strictObject({ kind: z.literal("cluster detached"), storageUuid: uuidSchema, clusterUuid: uuidSchema }),
]);
export type InventoryChange = z.output<typeof inventoryChangeSchema>;

/** What changes say to a person, a phrase each; host ids that are given together stand together. */
export function phrasesOf(changes: readonly InventoryChange[]): string[] {
  const ids = changes.flatMap((change) => (change.kind === "sanlock host id given" ? change.hostId : []));
  const phrases = changes.flatMap((change) => (change.kind === "sanlock host id given" ? [] : phraseOf(change)));
  return [...(ids.length > 0 ? [`sanlock host ids ${ids.join(", ")} given to the hosts`] : []), ...phrases];
}

function phraseOf(change: Exclude<InventoryChange, { kind: "sanlock host id given" }>): string {
  switch (change.kind) {
    case "zone added":
      return `zone ${change.zone.name} added`;
    case "cluster added":
      return `cluster ${change.cluster.name} added`;
    case "host added":
      return `host ${change.host.name} added with the key that was shown`;
    case "sanlock host ids used":
      return `sanlock host ids up to ${change.upTo} are in use and never given`;
    case "primary storage claimed":
      return `${change.storage.name} and its LUNs recorded as begun`;
    case "shared block added":
      return `${change.wwid} recorded as added`;
    case "shared block claimed":
      return `${change.block.wwid} recorded as begun`;
    case "shared block released":
      return `claim of ${change.wwid} given up`;
    case "shared block grown":
      return `new size of ${change.wwid} recorded`;
    case "primary storage renamed":
      return `renamed to ${change.name}`;
    case "primary storage described":
      return "description recorded";
    case "primary storage state wished":
      return `state ${change.state} recorded`;
    case "cluster attached":
    case "cluster detached":
    case "zone removed":
    case "cluster removed":
    case "host removed":
    case "primary storage removed":
      return change.kind;
  }
}

/** The inventory after one change. Pure. Throws where the result would break a rule, which no confirmed plan may do. */
export function applyChange(inventory: Inventory, change: InventoryChange): Inventory {
  const after = applied(inventory, change);
  const problem = brokenRule(after);
  if (problem !== null) throw new Error(`the inventory can't take "${change.kind}": ${problem}`);
  return inventorySchema.parse(after);
}

function applied(inventory: Inventory, change: InventoryChange): Inventory {
  switch (change.kind) {
    case "zone added":
      return { ...inventory, zones: put(inventory.zones, change.zone) };
    case "zone removed":
      return { ...inventory, zones: without(inventory.zones, change.uuid) };
    case "cluster added":
      return { ...inventory, clusters: put(inventory.clusters, change.cluster) };
    case "cluster removed":
      return { ...inventory, clusters: without(inventory.clusters, change.uuid) };
    case "host added":
      return { ...inventory, hosts: put(inventory.hosts, change.host) };
    case "host removed":
      return { ...inventory, hosts: without(inventory.hosts, change.uuid) };
    case "sanlock host id given":
      return withHostId(inventory, change.hostUuid, change.hostId);
    case "sanlock host ids used":
      return { ...inventory, lastSanlockHostId: Math.max(inventory.lastSanlockHostId, change.upTo) };
    case "primary storage claimed":
      return { ...inventory, primaryStorages: put(inventory.primaryStorages, change.storage) };
    case "primary storage removed":
      return { ...inventory, primaryStorages: without(inventory.primaryStorages, change.uuid) };
    case "shared block added":
      return withStorage(inventory, change.storageUuid, (storage) => ({
        ...storage,
        sharedBlocks: storage.sharedBlocks.map((block) =>
          block.wwid === change.wwid ? { ...block, addedAt: change.addedAt } : block,
        ),
      }));
    case "shared block claimed":
      return withStorage(inventory, change.storageUuid, (storage) => ({
        ...storage,
        sharedBlocks: [...storage.sharedBlocks.filter(({ wwid }) => wwid !== change.block.wwid), change.block],
      }));
    case "shared block released":
      return withStorage(inventory, change.storageUuid, (storage) => ({
        ...storage,
        sharedBlocks: storage.sharedBlocks.filter(({ wwid }) => wwid !== change.wwid),
      }));
    case "shared block grown":
      return withStorage(inventory, change.storageUuid, (storage) => ({
        ...storage,
        sharedBlocks: storage.sharedBlocks.map((block) =>
          block.wwid === change.wwid ? { ...block, sizeBytes: change.sizeBytes } : block,
        ),
      }));
    case "primary storage renamed":
      return withStorage(inventory, change.uuid, (storage) => ({ ...storage, name: change.name }));
    case "primary storage described":
      return withStorage(inventory, change.uuid, (storage) => ({ ...storage, description: change.description }));
    case "primary storage state wished":
      return withStorage(inventory, change.uuid, (storage) => ({ ...storage, state: change.state }));
    case "cluster attached":
      return withStorage(inventory, change.storageUuid, (storage) => ({
        ...storage,
        clusterUuids: [...storage.clusterUuids.filter((uuid) => uuid !== change.clusterUuid), change.clusterUuid],
      }));
    case "cluster detached":
      return withStorage(inventory, change.storageUuid, (storage) => ({
        ...storage,
        clusterUuids: storage.clusterUuids.filter((uuid) => uuid !== change.clusterUuid),
      }));
  }
}

const put = <T extends { uuid: string }>(list: T[], item: T): T[] =>
  list.some((each) => each.uuid === item.uuid)
    ? list.map((each) => (each.uuid === item.uuid ? item : each))
    : [...list, item];

const without = <T extends { uuid: string }>(list: T[], uuid: string): T[] => list.filter((each) => each.uuid !== uuid);

function withHostId(inventory: Inventory, hostUuid: string, hostId: number): Inventory {
  const change = (host: Host): Host => (host.uuid === hostUuid ? { ...host, sanlockHostId: hostId } : host);
  return {
    ...inventory,
    hosts: inventory.hosts.map(change),
    lastSanlockHostId: Math.max(inventory.lastSanlockHostId, hostId),
  };
}

function withStorage(
  inventory: Inventory,
  uuid: string,
  change: (storage: PrimaryStorage) => PrimaryStorage,
): Inventory {
  return {
    ...inventory,
    primaryStorages: inventory.primaryStorages.map((storage) => (storage.uuid === uuid ? change(storage) : storage)),
  };
}

/** What is wrong with an inventory, or null: dangling references, names or host ids used twice, a LUN owned twice. */
export function brokenRule(inventory: Inventory): string | null {
  const { zones, clusters, hosts, primaryStorages } = inventory;
  const orphanCluster = clusters.find((cluster) => !zones.some((zone) => zone.uuid === cluster.zoneUuid));
  if (orphanCluster) return `cluster ${orphanCluster.name} is in no zone`;
  const orphanHost = hosts.find((host) => !clusters.some((cluster) => cluster.uuid === host.clusterUuid));
  if (orphanHost) return `host ${orphanHost.name} is in no cluster`;
  const orphanStorage = primaryStorages.find((storage) => !zones.some((zone) => zone.uuid === storage.zoneUuid));
  if (orphanStorage) return `primary storage ${orphanStorage.name} is in no zone`;
  const lists: [string, readonly (string | number)[]][] = [
    ["zone name", zones.map((zone) => zone.name)],
    ["cluster name", clusters.map((cluster) => cluster.name)],
    ["host name", hosts.map((host) => host.name)],
    ["sanlock host id", hosts.flatMap((host) => host.sanlockHostId ?? [])],
    ["primary storage name", primaryStorages.map((storage) => storage.name)],
    ["shared block", primaryStorages.flatMap((storage) => storage.sharedBlocks.map((block) => block.wwid))],
    ["cluster's storage", primaryStorages.flatMap((storage) => storage.clusterUuids)],
  ];
  for (const [what, values] of lists) {
    const twice = values.find((value, index) => values.indexOf(value) !== index);
    if (twice !== undefined) return `${what} ${twice} is there twice`;
  }
  return null;
}

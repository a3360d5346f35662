import { z } from "zod";
import {
  clusterSchema,
  hostSchema,
  type Inventory,
  inventorySchema,
  nameSchema,
  type PrimaryStorage,
  primaryStorageSchema,
  type SharedBlock,
  sharedBlockSchema,
  storageStateSchema,
  timeSchema,
  uuidSchema,
  wwidSchema,
  zoneSchema,
} from "./inventory.ts";

/** One kind of change: its data, the resulting inventory, and the phrase for people (its name by default). */
function kind<N extends string, S extends z.ZodRawShape>(
  name: N,
  shape: S,
  applied: (inventory: Inventory, change: Data<S>) => Inventory,
  phrase: (change: Data<S>) => string = () => name,
) {
  const own = z.object(shape);
  return {
    name,
    schema: z.strictObject({ kind: z.literal(name), ...shape }),
    phrase: (change: InventoryChange): string => phrase(own.parse(change)),
    applied: (inventory: Inventory, change: InventoryChange): Inventory => applied(inventory, own.parse(change)),
  };
}
type Data<S extends z.ZodRawShape> = z.output<z.ZodObject<S>>;

const hostIdSchema = z.int().min(1).max(2000);

/** Each kind once. Audit logs contain these names, so they must never change. */
const kinds = [
  kind(
    "zone added",
    { zone: zoneSchema },
    (inventory, { zone }) => ({ ...inventory, zones: put(inventory.zones, zone) }),
    ({ zone }) => `zone ${zone.name} added`,
  ),
  kind("zone removed", { uuid: uuidSchema }, (inventory, { uuid }) => ({
    ...inventory,
    zones: without(inventory.zones, uuid),
  })),
  kind(
    "cluster added",
    { cluster: clusterSchema },
    (inventory, { cluster }) => ({ ...inventory, clusters: put(inventory.clusters, cluster) }),
    ({ cluster }) => `cluster ${cluster.name} added`,
  ),
  kind("cluster removed", { uuid: uuidSchema }, (inventory, { uuid }) => ({
    ...inventory,
    clusters: without(inventory.clusters, uuid),
  })),
  kind(
    "host added",
    { host: hostSchema },
    (inventory, { host }) => ({ ...inventory, hosts: put(inventory.hosts, host) }),
    ({ host }) => `host ${host.name} added with the key that was shown`,
  ),
  kind("host removed", { uuid: uuidSchema }, (inventory, { uuid }) => ({
    ...inventory,
    hosts: without(inventory.hosts, uuid),
  })),
  kind(
    "host key trusted",
    { hostUuid: uuidSchema, hostKeySha256: hostSchema.shape.hostKeySha256 },
    (inventory, { hostUuid, hostKeySha256 }) => ({
      ...inventory,
      hosts: inventory.hosts.map((host) => (host.uuid === hostUuid ? { ...host, hostKeySha256 } : host)),
    }),
    () => "the new host key that was shown is trusted",
  ),
  kind("sanlock host id given", { hostUuid: uuidSchema, hostId: hostIdSchema }, (inventory, { hostUuid, hostId }) => ({
    ...inventory,
    hosts: inventory.hosts.map((host) => (host.uuid === hostUuid ? { ...host, sanlockHostId: hostId } : host)),
    lastSanlockHostId: Math.max(inventory.lastSanlockHostId, hostId),
  })),
  // Other hosts use ids in an imported group. The bot never gives a host an id up to this one.
  kind(
    "sanlock host ids used",
    { upTo: hostIdSchema },
    (inventory, { upTo }) => ({
      ...inventory,
      lastSanlockHostId: Math.max(inventory.lastSanlockHostId, upTo),
    }),
    ({ upTo }) => `sanlock host ids up to ${upTo} are in use and never given`,
  ),
  kind(
    "primary storage claimed",
    { storage: primaryStorageSchema },
    (inventory, { storage }) => ({ ...inventory, primaryStorages: put(inventory.primaryStorages, storage) }),
    ({ storage }) => `${storage.name} and its LUNs recorded as begun`,
  ),
  kind("primary storage removed", { uuid: uuidSchema }, (inventory, { uuid }) => ({
    ...inventory,
    primaryStorages: without(inventory.primaryStorages, uuid),
  })),
  kind(
    "shared block added",
    { storageUuid: uuidSchema, wwid: wwidSchema, addedAt: timeSchema },
    (inventory, { storageUuid, wwid, addedAt }) =>
      withBlock(inventory, storageUuid, wwid, (block) => ({ ...block, addedAt })),
    ({ wwid }) => `${wwid} recorded as added`,
  ),
  kind(
    "shared block claimed",
    { storageUuid: uuidSchema, block: sharedBlockSchema },
    (inventory, { storageUuid, block }) =>
      withStorage(inventory, storageUuid, ({ sharedBlocks }) => ({
        sharedBlocks: [...sharedBlocks.filter(({ wwid }) => wwid !== block.wwid), block],
      })),
    ({ block }) => `${block.wwid} recorded as begun`,
  ),
  kind(
    "shared block released",
    { storageUuid: uuidSchema, wwid: wwidSchema },
    (inventory, { storageUuid, wwid: released }) =>
      withStorage(inventory, storageUuid, ({ sharedBlocks }) => ({
        sharedBlocks: sharedBlocks.filter(({ wwid }) => wwid !== released),
      })),
    ({ wwid }) => `reservation of ${wwid} cancelled`,
  ),
  kind(
    "shared block grown",
    { storageUuid: uuidSchema, wwid: wwidSchema, sizeBytes: z.int().positive() },
    (inventory, { storageUuid, wwid, sizeBytes }) =>
      withBlock(inventory, storageUuid, wwid, (block) => ({ ...block, sizeBytes })),
    ({ wwid }) => `new size of ${wwid} recorded`,
  ),
  kind(
    "primary storage renamed",
    { uuid: uuidSchema, name: nameSchema },
    (inventory, { uuid, name }) => withStorage(inventory, uuid, () => ({ name })),
    ({ name }) => `renamed to ${name}`,
  ),
  kind(
    "primary storage described",
    { uuid: uuidSchema, description: z.string().max(2000) },
    (inventory, { uuid, description }) => withStorage(inventory, uuid, () => ({ description })),
    () => "description recorded",
  ),
  kind(
    "primary storage state wished",
    { uuid: uuidSchema, state: storageStateSchema },
    (inventory, { uuid, state }) => withStorage(inventory, uuid, () => ({ state })),
    ({ state }) => `state ${state} recorded`,
  ),
  kind(
    "cluster attached",
    { storageUuid: uuidSchema, clusterUuid: uuidSchema },
    (inventory, { storageUuid, clusterUuid }) =>
      withStorage(inventory, storageUuid, ({ clusterUuids }) => ({
        clusterUuids: [...clusterUuids.filter((uuid) => uuid !== clusterUuid), clusterUuid],
      })),
  ),
  kind(
    "cluster detached",
    { storageUuid: uuidSchema, clusterUuid: uuidSchema },
    (inventory, { storageUuid, clusterUuid }) =>
      withStorage(inventory, storageUuid, ({ clusterUuids }) => ({
        clusterUuids: clusterUuids.filter((uuid) => uuid !== clusterUuid),
      })),
  ),
] as const;

/**
 * A change of the inventory as data. It is planned, shown, audited and applied. Applying it twice has the same result
 * as once.
 */
export type InventoryChange = z.output<(typeof kinds)[number]["schema"]>;

const [first, ...others] = kinds;
export const inventoryChangeSchema = z.discriminatedUnion("kind", [
  first.schema,
  ...others.map(({ schema }) => schema),
]);

interface Kind {
  phrase(change: InventoryChange): string;
  applied(inventory: Inventory, change: InventoryChange): Inventory;
}
const byName: ReadonlyMap<string, Kind> = new Map(kinds.map((each) => [each.name, each]));

function kindOf(change: InventoryChange): Kind {
  const found = byName.get(change.kind);
  if (found === undefined) throw new TypeError(`there is no kind of change ${change.kind}`);
  return found;
}

/** The changes as phrases for people. Host ids that are given together make one phrase. */
export function phrasesOf(changes: readonly InventoryChange[]): string[] {
  const ids = changes.flatMap((change) => (change.kind === "sanlock host id given" ? change.hostId : []));
  const rest = changes.filter((change) => change.kind !== "sanlock host id given");
  return [
    ...(ids.length > 0 ? [`sanlock host ids ${ids.join(", ")} given to the hosts`] : []),
    ...rest.map((change) => kindOf(change).phrase(change)),
  ];
}

/** The inventory after one change. Pure. Throws if the result breaks a rule; no confirmed plan does so. */
export function applyChange(inventory: Inventory, change: InventoryChange): Inventory {
  const after = kindOf(change).applied(inventory, change);
  const problem = brokenRule(after);
  if (problem !== null) throw new Error(`the inventory can't take "${change.kind}": ${problem}`);
  return inventorySchema.parse(after);
}

const put = <T extends { uuid: string }>(list: T[], item: T): T[] =>
  list.some((each) => each.uuid === item.uuid)
    ? list.map((each) => (each.uuid === item.uuid ? item : each))
    : [...list, item];

const without = <T extends { uuid: string }>(list: T[], uuid: string): T[] => list.filter((each) => each.uuid !== uuid);

/** `change` returns the fields of the storage that are different. */
const withStorage = (
  inventory: Inventory,
  uuid: string,
  change: (storage: PrimaryStorage) => Partial<PrimaryStorage>,
): Inventory => ({
  ...inventory,
  primaryStorages: inventory.primaryStorages.map((storage) =>
    storage.uuid === uuid ? { ...storage, ...change(storage) } : storage,
  ),
});

const withBlock = (
  inventory: Inventory,
  storageUuid: string,
  wwid: string,
  change: (block: SharedBlock) => SharedBlock,
): Inventory =>
  withStorage(inventory, storageUuid, ({ sharedBlocks }) => ({
    sharedBlocks: sharedBlocks.map((block) => (block.wwid === wwid ? change(block) : block)),
  }));

/** The problem of an inventory, or null: a dangling reference, a name or host id used twice, a LUN owned twice. */
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

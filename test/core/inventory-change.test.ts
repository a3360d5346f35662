import { describe, expect, it } from "vitest";
import type { Inventory } from "../../src/core/inventory.ts";
import {
  applyChange,
  type InventoryChange,
  inventoryChangeSchema,
  phrasesOf,
} from "../../src/core/inventory-change.ts";

const uuid = (digit: string) => digit.repeat(32);
const WWID = "36b083fe000daf018000015505abbe00a";
const OTHER = "36b083fe000daf018000015615abbe7c8";
const zone = { uuid: uuid("1"), name: "ZONE-1" };
const cluster = { uuid: uuid("2"), name: "cluster-1", zoneUuid: zone.uuid };
const host = {
  ...{ uuid: uuid("3"), name: "sharedblock-host1", clusterUuid: cluster.uuid, address: "192.0.2.1", port: 22 },
  ...{ user: "root", hostKeySha256: "SHA256:abc", sanlockHostId: null },
};
const block = { wwid: WWID, sizeBytes: 1024, addedAt: null, heldWhenClaimed: ["ext4"] };
const storage = {
  ...{ uuid: uuid("4"), name: "ps-1", description: "", zoneUuid: zone.uuid, state: "Enabled" as const },
  ...{ clusterUuids: [cluster.uuid], sharedBlocks: [block] },
};
const inventory: Inventory = {
  zones: [zone],
  clusters: [cluster],
  hosts: [host],
  primaryStorages: [storage],
  lastSanlockHostId: 0,
};
const spare = { uuid: uuid("5"), name: "spare" };
const withSpare: Inventory = {
  ...inventory,
  zones: [zone, spare],
  clusters: [cluster, { ...spare, uuid: uuid("6"), zoneUuid: zone.uuid }],
};
const at = "2026-11-29T10:00:00.000Z";

/** Each kind of change: what it starts from, its phrase, and the part of the inventory that is different then. */
const cases: readonly [InventoryChange, Inventory, string, Partial<Inventory>][] = [
  [{ kind: "zone added", zone: spare }, inventory, "zone spare added", { zones: [zone, spare] }],
  [{ kind: "zone removed", uuid: spare.uuid }, withSpare, "zone removed", { zones: [zone] }],
  [
    { kind: "cluster added", cluster: { ...spare, zoneUuid: zone.uuid } },
    inventory,
    "cluster spare added",
    { clusters: [cluster, { ...spare, zoneUuid: zone.uuid }] },
  ],
  [{ kind: "cluster removed", uuid: uuid("6") }, withSpare, "cluster removed", { clusters: [cluster] }],
  [
    { kind: "host added", host: { ...host, uuid: uuid("7"), name: "sharedblock-host2" } },
    inventory,
    "host sharedblock-host2 added with the key that was shown",
    { hosts: [host, { ...host, uuid: uuid("7"), name: "sharedblock-host2" }] },
  ],
  [{ kind: "host removed", uuid: host.uuid }, inventory, "host removed", { hosts: [] }],
  [
    { kind: "host key trusted", hostUuid: host.uuid, hostKeySha256: "SHA256:new" },
    inventory,
    "the new host key that was shown is trusted",
    { hosts: [{ ...host, hostKeySha256: "SHA256:new" }] },
  ],
  [
    { kind: "sanlock host id given", hostUuid: host.uuid, hostId: 7 },
    inventory,
    "sanlock host ids 7 given to the hosts",
    { hosts: [{ ...host, sanlockHostId: 7 }], lastSanlockHostId: 7 },
  ],
  [
    { kind: "sanlock host ids used", upTo: 9 },
    inventory,
    "sanlock host ids up to 9 are in use and never given",
    { lastSanlockHostId: 9 },
  ],
  [
    { kind: "primary storage claimed", storage: { ...storage, description: "again" } },
    inventory,
    "ps-1 and its LUNs recorded as begun",
    { primaryStorages: [{ ...storage, description: "again" }] },
  ],
  [
    { kind: "primary storage removed", uuid: storage.uuid },
    inventory,
    "primary storage removed",
    { primaryStorages: [] },
  ],
  [
    { kind: "shared block added", storageUuid: storage.uuid, wwid: WWID, addedAt: at },
    inventory,
    `${WWID} recorded as added`,
    { primaryStorages: [{ ...storage, sharedBlocks: [{ ...block, addedAt: at }] }] },
  ],
  [
    { kind: "shared block claimed", storageUuid: storage.uuid, block: { ...block, wwid: OTHER } },
    inventory,
    `${OTHER} recorded as begun`,
    { primaryStorages: [{ ...storage, sharedBlocks: [block, { ...block, wwid: OTHER }] }] },
  ],
  [
    { kind: "shared block released", storageUuid: storage.uuid, wwid: WWID },
    inventory,
    `reservation of ${WWID} cancelled`,
    { primaryStorages: [{ ...storage, sharedBlocks: [] }] },
  ],
  [
    { kind: "shared block grown", storageUuid: storage.uuid, wwid: WWID, sizeBytes: 2048 },
    inventory,
    `new size of ${WWID} recorded`,
    { primaryStorages: [{ ...storage, sharedBlocks: [{ ...block, sizeBytes: 2048 }] }] },
  ],
  [
    { kind: "primary storage renamed", uuid: storage.uuid, name: "ps-gold" },
    inventory,
    "renamed to ps-gold",
    { primaryStorages: [{ ...storage, name: "ps-gold" }] },
  ],
  [
    { kind: "primary storage described", uuid: storage.uuid, description: "databases" },
    inventory,
    "description recorded",
    { primaryStorages: [{ ...storage, description: "databases" }] },
  ],
  [
    { kind: "primary storage state wished", uuid: storage.uuid, state: "Disabled" },
    inventory,
    "state Disabled recorded",
    { primaryStorages: [{ ...storage, state: "Disabled" }] },
  ],
  [
    { kind: "cluster attached", storageUuid: storage.uuid, clusterUuid: uuid("6") },
    withSpare,
    "cluster attached",
    { primaryStorages: [{ ...storage, clusterUuids: [cluster.uuid, uuid("6")] }] },
  ],
  [
    { kind: "cluster detached", storageUuid: storage.uuid, clusterUuid: cluster.uuid },
    inventory,
    "cluster detached",
    { primaryStorages: [{ ...storage, clusterUuids: [] }] },
  ],
];

describe("a change of the inventory", () => {
  it.each(cases)("$0.kind", (change, before, phrase, after) => {
    const once = applyChange(before, change);
    expect(once).toEqual({ ...before, ...after });
    expect(applyChange(once, change)).toEqual(once);
    expect(phrasesOf([change])).toEqual([phrase]);
    expect(inventoryChangeSchema.parse(JSON.parse(JSON.stringify(change)))).toEqual(change);
    expect(inventoryChangeSchema.safeParse({ ...change, more: 1 }).success).toBe(false);
  });

  it("has a case here for each of its kinds", () => {
    const kinds = inventoryChangeSchema.options.map(({ shape }) => shape.kind.value);
    expect(cases.map(([{ kind }]) => kind).toSorted()).toEqual(kinds.toSorted());
  });

  it("that breaks a rule is refused", () => {
    const second = { ...storage, uuid: uuid("8"), name: "ps-2" };
    expect(() => applyChange(inventory, { kind: "primary storage claimed", storage: second })).toThrow(
      `the inventory can't take "primary storage claimed": shared block ${WWID} is there twice`,
    );
  });
});

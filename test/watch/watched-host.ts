import type { Inventory } from "../../src/core/inventory.ts";
import type { HostSample, StorageSample, WatchedPath } from "../../src/watch/sample.ts";

const uuid = (digit: string): string => digit.repeat(32);
export const LUN = "36b083fe000daf018000015505abbe00a";
export const OTHER_LUN = "36b083fe000daf018000015505abbe00b";

/** Two hosts of one cluster with one storage on `LUN`. */
export const inventory: Inventory = {
  zones: [{ uuid: uuid("a"), name: "ZONE-1" }],
  clusters: [{ uuid: uuid("b"), name: "cluster-1", zoneUuid: uuid("a") }],
  hosts: [1, 2].map((number) => ({
    uuid: uuid(String(number)),
    name: `host${number}`,
    clusterUuid: uuid("b"),
    address: "192.0.2.1",
    port: 22,
    user: "root",
    hostKeySha256: "SHA256:x",
    sanlockHostId: number,
  })),
  primaryStorages: [
    {
      uuid: uuid("d"),
      name: "ps-1",
      description: "",
      zoneUuid: uuid("a"),
      state: "Enabled",
      clusterUuids: [uuid("b")],
      sharedBlocks: [{ wwid: LUN, sizeBytes: 10 ** 12, addedAt: "2026-11-29T00:00:00.000Z", heldWhenClaimed: [] }],
    },
  ],
  lastSanlockHostId: 2,
};

export function watchedPath(wwid: string, port: number, works = true): WatchedPath {
  const portal = `10.0.0.${port}:3260`;
  return {
    key: `${wwid} via ${portal}`,
    ...{
      wwid,
      device: `sd${port}`,
      hctl: `${port}:0:0:${wwid === LUN ? 1 : 2}`,
      map: "mpatha",
      works,
      state: works ? "active ready" : "failed faulty",
    },
    ...{ adapter: `host${port}`, port: portal, array: "iqn.2026-11.example:array", sizeBytes: 10 ** 12 },
  };
}

const storageSample: StorageSample = {
  ...{ storageUuid: uuid("d"), lock: "held", leaseAgeS: 5, ioTimeoutS: 10, otherOwner: null },
  ...{ unchangedS: new Map(), otherNames: [] },
  group: { sizeBytes: 10 ** 12, freeBytes: 5 * 10 ** 11, missing: 0 },
  volumes: [],
};

/** Everything is as it must be, but for what is given. */
export function sample(
  host: 1 | 2,
  given: Partial<HostSample> & { readonly storage?: Partial<StorageSample> } = {},
): HostSample {
  const { storage, ...rest } = given;
  return {
    ...{ hostUuid: uuid(String(host)), atMs: 0, clockAheadMs: 0, lockName: null, late: [], notRead: [] },
    paths: [1, 2].flatMap((port) => [watchedPath(LUN, port), watchedPath(OTHER_LUN, port)]),
    units: ["sanlock.service", "lvmlockd.service", "multipathd.service"].map((name) => ({
      name,
      loaded: true,
      active: true,
      enabled: true,
    })),
    storages: [{ ...storageSample, ...storage }],
    ...rest,
  };
}

import { createHash } from "node:crypto";
import type { InventoryChange } from "../../src/core/inventory-change.ts";
import { blank, physicalVolume } from "../../src/simulator/san/content.ts";
import { newHost } from "../../src/simulator/san/new-host.ts";
import { diskName } from "../../src/simulator/san/san.ts";
import type { IscsiTarget, SanHost, SanLun, SanState } from "../../src/simulator/san/san-state.ts";
import type { SimulatedHost } from "../../src/simulator/simulated-hosts.ts";

/** A site as teams have it: clusters with LUNs of their own over iSCSI, all on one array. The first LUN of each has a storage. */
export interface SiteSize {
  readonly clusters: number;
  /** In each cluster. */
  readonly hosts: number;
  /** In each cluster. */
  readonly luns: number;
}

const TARGET = "iqn.2026-11.lab.san:array1";
export const PORTALS = ["172.20.14.11", "172.20.14.12", "172.20.14.13", "172.20.14.14"];
const LUN_BYTES = 1024 ** 4;
const MEBIBYTE = 1024 ** 2;

const digestOf = (text: string): string => createHash("sha256").update(text).digest("hex");
const uuidOf = (text: string): string => digestOf(text).slice(0, 32);
const storageUuid = (cluster: number): string => uuidOf(`storage ${cluster}`);
const wwidOf = (cluster: number, lun: number): string => `36b083fe${digestOf(`LUN ${cluster} ${lun}`).slice(0, 25)}`;
const hostName = (cluster: number, host: number): string => `bench-${cluster}-${host}`;
const count = (length: number): number[] => Array.from({ length }, (_, index) => index);

export function watchedSan({ clusters, hosts, luns }: SiteSize): SanState {
  return {
    version: 1,
    luns: count(clusters).flatMap((cluster) => count(luns).map((lun) => lunOf(cluster, lun, cluster * luns + lun))),
    targets: [targetOf(count(clusters).flatMap((cluster) => count(luns).map((lun) => wwidOf(cluster, lun))))],
    failedPorts: [],
    volumeGroups: count(clusters).map((cluster) => ({
      ...{ name: storageUuid(cluster), uuid: groupUuid(cluster), tags: [], lockType: "sanlock" as const },
      lockArgs: "1.0.0:lvmlock",
      logicalVolumes: [{ name: "lvmlock", sizeBytes: 256 * MEBIBYTE, tags: [] }],
    })),
    pastLeases: [],
    hosts: count(clusters).flatMap((cluster) =>
      count(hosts).map((host) => hostOf(cluster, host, luns, cluster * hosts + host + 1)),
    ),
  };
}

const groupUuid = (cluster: number): string => `group-${uuidOf(`group ${cluster}`)}`;

function lunOf(cluster: number, lun: number, number: number): SanLun {
  const isOwned = lun === 0;
  const sizes = { sizeBytes: LUN_BYTES, dataStartBytes: MEBIBYTE };
  return {
    ...{ wwid: wwidOf(cluster, lun), number, sizeBytes: LUN_BYTES, vendor: "LIO-ORG", product: "array1" },
    ...{ revision: "4.0", logicalSectorBytes: 512 },
    content: isOwned ? physicalVolume(uuidOf(`PV ${cluster}`), sizes, groupUuid(cluster)) : blank(),
  };
}

const targetOf = (wwids: readonly string[]): IscsiTarget => ({
  name: TARGET,
  portals: PORTALS.map((address, index) => ({
    address,
    port: 3260,
    group: index + 1,
    told: address,
    answers: true,
    sendsOnTo: null,
  })),
  chap: null,
  luns: wwids.map((wwid, number) => ({ number, wwid, serial: null })),
});

function hostOf(cluster: number, place: number, luns: number, hostId: number): SanHost {
  const host = newHost(hostName(cluster, place), "root", "127.0.0.1\tlocalhost\n");
  host.units = host.units.map((unit) => ({ ...unit, active: true, enabled: true }));
  const scsiHosts = PORTALS.map((_, index) => 3 + index);
  host.scsiHosts = [...host.scsiHosts, ...scsiHosts];
  host.iscsiSessions = PORTALS.map((address, index) => ({
    sid: index + 1,
    target: TARGET,
    address,
    port: 3260,
    group: index + 1,
    sentOnTo: null,
    scsiHost: 3 + index,
  }));
  host.paths = count(luns).flatMap((lun) =>
    scsiHosts.map((scsiHost, path) => ({
      ...{ wwid: wwidOf(cluster, lun), hctl: `${scsiHost}:0:0:${cluster * luns + lun}`, sizeBytes: LUN_BYTES },
      ...{ device: diskName(1 + lun * PORTALS.length + path), state: "running" as const },
    })),
  );
  host.maps = count(luns).map((lun) => ({
    ...{
      wwid: wwidOf(cluster, lun),
      alias: `mpath${lun}`,
      minor: lun,
      sizeBytes: LUN_BYTES,
      gonePaths: 0,
      leftOut: [],
      deleted: [],
    },
  }));
  host.lockspaces = [{ volumeGroupUuid: groupUuid(cluster), hostId, staleSince: null, joined: true, orphans: [] }];
  return host;
}

/** Its zone, clusters, hosts and storages, as the bot knows them. */
export function inventoryOf(
  { clusters, hosts: perCluster }: SiteSize,
  hosts: readonly SimulatedHost[],
): InventoryChange[] {
  const zoneUuid = uuidOf("zone");
  const clusterUuid = (cluster: number) => uuidOf(`cluster ${cluster}`);
  return [
    { kind: "zone added", zone: { uuid: zoneUuid, name: "bench" } },
    ...count(clusters).map((cluster) => ({
      kind: "cluster added" as const,
      cluster: { uuid: clusterUuid(cluster), name: `cluster-${cluster + 1}`, zoneUuid },
    })),
    ...hosts.map((host, index) => ({
      kind: "host added" as const,
      host: {
        ...{ ...host, uuid: uuidOf(host.name), clusterUuid: clusterUuid(Math.floor(index / perCluster)) },
        sanlockHostId: index + 1,
      },
    })),
    ...count(clusters).map((cluster) => ({
      kind: "primary storage claimed" as const,
      storage: {
        ...{ uuid: storageUuid(cluster), name: `ps-${cluster + 1}`, description: "", zoneUuid },
        ...{ state: "Enabled" as const, clusterUuids: [clusterUuid(cluster)] },
        sharedBlocks: [
          {
            ...{ wwid: wwidOf(cluster, 0), sizeBytes: LUN_BYTES, heldWhenClaimed: [] },
            addedAt: "2026-11-01T00:00:00.000Z",
          },
        ],
      },
    })),
  ];
}

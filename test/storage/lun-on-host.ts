import type { LunOnHost } from "../../src/storage/observe/lun.ts";

/** A LUN that a host sees and nobody uses. */
export const lunOnHost = (name: string, given: Partial<LunOnHost> = {}): LunOnHost => ({
  host: {
    ...{ uuid: "1".repeat(32), name, clusterUuid: "2".repeat(32), address: "127.0.0.1", port: 22, user: "root" },
    ...{ hostKeySha256: "SHA256:x", sanlockHostId: null },
  },
  ...{ map: null, kernelName: "sda", pathSizes: new Map(), outsideMap: [], pathsAreKnown: true },
  ...{ activePaths: 1, totalPaths: 1, sizeBytes: 1024 ** 4, logicalSectorBytes: 512, readOnly: false },
  ...{
    vendor: null,
    model: null,
    models: new Map(),
    addresses: new Map(),
    identities: [],
    fileSystem: null,
    label: null,
    uuid: null,
  },
  ...{ partitions: [], mountPoints: [], holders: [], directHolders: [], users: [], possibleUsers: [], openedBy: [] },
  ...{
    unexplainedOpens: 0,
    openCount: 0,
    isUseKnown: true,
    useProblems: [],
    physicalVolume: null,
    labels: [],
    notUnderstood: [],
    otherMaps: [],
    isMapKnown: true,
  },
  ...given,
});

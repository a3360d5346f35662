import type { Facts } from "../core/command.ts";
import { storageOf } from "../core/find.ts";
import type { Cluster, PrimaryStorage } from "../core/inventory.ts";
import { Refusal } from "../core/refusal.ts";
import type { Candidate } from "./candidate.ts";
import type { Lun } from "./lun.ts";
import { sizesOf } from "./matrix.ts";

export interface Wanted {
  readonly name?: string | undefined;
  readonly description?: string | undefined;
}

/**
 * The storage that the LUNs shall become: a new one, or the one that an interrupted try of the same words has claimed,
 * with the same UUID, so that what that try left on the disks is known as ours.
 */
export function storageFor(
  wanted: Wanted,
  cluster: Cluster,
  luns: readonly Lun[],
  facts: Facts,
  doing: string,
): PrimaryStorage {
  const { inventory } = facts;
  const existing = storageOf(inventory, cluster);
  if (existing !== null) return continued(existing, wanted, cluster, luns, doing);
  const name = wanted.name ?? `sharedblock-${cluster.name}`;
  if (inventory.primaryStorages.some((storage) => storage.name === name)) {
    throw new Refusal(doing, `there is a primary storage ${name} already`, ["sharedblock list"]);
  }
  return {
    uuid: facts.uuid(`primary storage ${name}`),
    name,
    description: wanted.description ?? "",
    zoneUuid: cluster.zoneUuid,
    state: "Enabled",
    clusterUuids: [cluster.uuid],
    sharedBlocks: [],
  };
}

function continued(
  existing: PrimaryStorage,
  wanted: Wanted,
  cluster: Cluster,
  luns: readonly Lun[],
  doing: string,
): PrimaryStorage {
  const claimed = existing.sharedBlocks.filter((block) => block.addedAt === null).map((block) => block.wwid);
  const asked = luns.map((lun) => lun.wwid);
  const sameLuns = claimed.length === asked.length && asked.every((wwid) => claimed.includes(wwid));
  if (claimed.length === 0) {
    const why = `${cluster.name} has the Shared Block storage ${existing.name} already; a cluster loads one at most`;
    throw new Refusal(doing, why, [`sharedblock show ${existing.name}`]);
  }
  if (!sameLuns || (wanted.name !== undefined && wanted.name !== existing.name)) {
    const why = `${existing.name} of ${cluster.name} is half made from ${claimed.join(", ")}; finish it first`;
    throw new Refusal(doing, why, [`sharedblock add ${cluster.name} wwid=${claimed.join(",")} name=${existing.name}`]);
  }
  return existing;
}

/** The storage with its LUNs claimed, as it is recorded before the first write; itself where an earlier try did that. */
export function claimed(storage: PrimaryStorage, candidates: readonly Candidate[]): PrimaryStorage {
  if (storage.sharedBlocks.length > 0) return storage;
  const blocks = candidates.map(({ lun, held }) => ({
    wwid: lun.wwid,
    sizeBytes: sizesOf(lun)[0] ?? 0,
    addedAt: null,
    heldWhenClaimed: [...held],
  }));
  return { ...storage, sharedBlocks: blocks };
}

import type { Facts } from "../../core/command.ts";
import { storageOf } from "../../core/find.ts";
import type { Cluster, PrimaryStorage } from "../../core/inventory.ts";
import { Refusal } from "../../core/refusal.ts";
import { groupState } from "../checks/group.ts";
import type { Candidate } from "../observe/candidate.ts";
import type { HostView } from "../observe/host-view.ts";
import { type Lun, lunsOf, sizesOf } from "../observe/lun.ts";

export interface Wanted {
  readonly name?: string | undefined;
  readonly description?: string | undefined;
}

export interface Claim {
  readonly storage: PrimaryStorage;
  /** An unfinished storage of the cluster that never reached a disk and makes place for this one. */
  readonly givenUp: PrimaryStorage | null;
}

/**
 * The storage that the LUNs shall become: a new one, or the one that an interrupted try of the same words has claimed,
 * with the same UUID, so that what that try left on the disks is known as ours.
 */
export function claimFor(
  wanted: Wanted,
  cluster: Cluster,
  luns: readonly Lun[],
  views: readonly HostView[],
  facts: Facts,
  doing: string,
): Claim {
  const existing = storageOf(facts.inventory, cluster);
  if (existing === null) return { storage: newStorage(wanted, cluster, facts, null, doing), givenUp: null };
  const unfinished = existing.sharedBlocks.filter((block) => block.addedAt === null).map((block) => block.wwid);
  // What an interrupted extension has claimed is finished by extending; the storage itself is made.
  if (existing.sharedBlocks.some((block) => block.addedAt !== null)) {
    const why = `${cluster.name} has the Shared Block storage ${existing.name} already; a cluster loads one at most`;
    const extend = `sharedblock extend ${existing.name} wwid=${luns.map((lun) => lun.wwid).join(",")}`;
    throw new Refusal(doing, why, [extend, `sharedblock show ${existing.name}`]);
  }
  const asked = luns.map((lun) => lun.wwid);
  const sameLuns = unfinished.length === asked.length && asked.every((wwid) => unfinished.includes(wwid));
  if (sameLuns && (wanted.name ?? existing.name) === existing.name) return { storage: existing, givenUp: null };
  if (groupState(existing.uuid, lunsOf(views), views) !== "absent") {
    const why = `${existing.name} of ${cluster.name} is half made from ${unfinished.join(", ")}; finish it first`;
    throw new Refusal(doing, why, [
      `sharedblock add ${cluster.name} wwid=${unfinished.join(",")} name=${existing.name}`,
    ]);
  }
  return { storage: newStorage(wanted, cluster, facts, existing, doing), givenUp: existing };
}

function newStorage(
  wanted: Wanted,
  cluster: Cluster,
  facts: Facts,
  givenUp: PrimaryStorage | null,
  doing: string,
): PrimaryStorage {
  const name = wanted.name ?? `sharedblock-${cluster.name}`;
  const taken = facts.inventory.primaryStorages.find((storage) => storage.name === name);
  if (taken !== undefined && taken !== givenUp) {
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

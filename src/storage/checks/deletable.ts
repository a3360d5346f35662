import type { Facts } from "../../core/facts.ts";
import { otherHosts, zoneHosts } from "../../core/find.ts";
import { named } from "../../core/host-text.ts";
import type { Host, PrimaryStorage, SharedBlock } from "../../core/inventory.ts";
import { isRelevant } from "../../core/not-understood.ts";
import { type Reason, reason } from "../../core/refusal.ts";
import type { HostView } from "../observe/host-view.ts";
import { observeHosts } from "../observe/hosts.ts";
import { type LockState, lossReason } from "../observe/lock-state.ts";
import { type Lun, type LunOnHost, lunsOf } from "../observe/lun.ts";
import { unreadHosts } from "../observe/not-understood.ts";
import { observeStorageOn, type StorageOnHost } from "../observe/storage-on-host.ts";
import { withUses } from "../observe/use.ts";
import { observeVolumes, type Volume } from "../observe/volumes.ts";
import { inUseReasons, mapReasons, notSeen } from "./checks.ts";
import { volumeReasons } from "./deletion-guards.ts";
import { groupReasons } from "./group.ts";
import { oneLunReasons } from "./one-lun.ts";

/** An observation of a storage before it is deleted. */
export interface DeletionObservation {
  readonly storage: PrimaryStorage;
  /** The hosts of its zone. */
  readonly views: readonly HostView[];
  /** All other hosts. The array may offer the LUNs to them too. */
  readonly otherViews: readonly HostView[];
  readonly onHosts: readonly StorageOnHost[];
  readonly volumes: readonly Volume[];
}

/** LUNs that certainly have our volume group. They must be seen, or their labels would remain. */
const finished = ({ sharedBlocks }: PrimaryStorage): SharedBlock[] =>
  sharedBlocks.filter((block) => block.addedAt !== null);

/**
 * The host that does the work. It must see all LUNs. A host that an interrupted try has put into the lockspace comes
 * first, then a host with a sanlock host id. Null if no host sees them all.
 */
export function chooseWorker({ storage, views, onHosts }: DeletionObservation): HostView | null {
  const isHolder = (view: HostView) => onHosts.some(({ host, locks }) => host === view.host && locks !== "none");
  const able = views.filter((view) => view.problems.length === 0 && unseenBy(view, storage).length === 0);
  return (
    able.find(isHolder) ??
    able.find((view) => view.host.sanlockHostId !== null && seenCount(view, storage) > 0) ??
    able.toSorted((left, right) => seenCount(right, storage) - seenCount(left, storage))[0] ??
    null
  );
}

const seenCount = (view: HostView, { sharedBlocks }: PrimaryStorage): number =>
  lunsOf([view]).filter((lun) => sharedBlocks.some((block) => block.wwid === lun.wwid)).length;

/** The storage's LUNs that this host must see and does not. */
function unseenBy(view: HostView, storage: PrimaryStorage): string[] {
  const seen = new Set(lunsOf([view]).map((lun) => lun.wwid));
  return finished(storage)
    .map((block) => block.wwid)
    .filter((wwid) => !seen.has(wwid));
}

/** The storage's LUNs as the working host sees them, each with the label of our volume group, if it has one. */
export function membersOf(storage: PrimaryStorage, worker: HostView): Member[] {
  const luns = lunsOf([worker]);
  return storage.sharedBlocks.flatMap((block) => {
    const lun = luns.find((each) => each.wwid === block.wwid);
    const on = lun?.on[0];
    if (lun === undefined || on === undefined) return [];
    const volume = on.physicalVolume;
    const isOurs = volume?.volumeGroup === storage.uuid || (volume?.volumeGroup === null && isOurOrphan(block, volume));
    return [{ lun, on, labelUuid: isOurs ? (volume?.uuid ?? null) : null }];
  });
}

/** An orphan on our LUN is a remainder of our group. If it was there when the LUN was claimed, it has another owner. */
const isOurOrphan = (block: SharedBlock, volume: { readonly uuid: string }): boolean =>
  block.addedAt !== null || !block.heldWhenClaimed.some((line) => line.includes(volume.uuid));

/** Reasons that prevent removing our volume group from its LUNs, each with its host, volume or VM. */
export function deletionReasons(
  observation: DeletionObservation,
  worker: HostView,
  members: readonly Member[],
): Reason[] {
  const { storage, views, otherViews, volumes } = observation;
  const all = [...views, ...otherViews];
  const labelled = members.filter((member) => member.labelUuid !== null);
  const wwids = new Set(labelled.map(({ lun }) => lun.wwid));
  const everywhere = lunsOf(all).filter((lun) => wwids.has(lun.wwid));
  return [
    ...storageInUseReasons(observation, worker.host),
    ...labelled.flatMap(({ lun, on }) => mapReasons(lun, on)),
    ...everywhere.flatMap((lun) => [...oneLunReasons(lun.wwid, lun.on), ...inUseReasons(lun, all, storage.uuid)]),
    ...volumes.flatMap((volume) => all.flatMap((view) => volumeReasons(view, volume))),
    ...groupReasons(storage.uuid, groupLuns(storage, labelled), [worker]),
    ...foreignVolumes(storage, worker, labelled),
  ];
}

/** An orphan from an interrupted extension does not show how much of the group itself was created. */
const groupLuns = ({ uuid }: PrimaryStorage, labelled: readonly Member[]): Lun[] =>
  labelled.filter(({ on }) => on.physicalVolume?.volumeGroup === uuid).map(({ lun }) => lun);

/**
 * What prevents deletion on the hosts. The working host may be in the group's lockspace, which is deleted with the
 * group.
 */
export function storageInUseReasons(
  { storage, onHosts }: Pick<DeletionObservation, "storage" | "onHosts">,
  worker: Host | null,
): Reason[] {
  return onHosts.flatMap(({ host, volumes, locks, lockVolume }) => [
    ...[lossReason(locks, host, storage.name, storage.uuid) ?? []].flat(),
    ...volumes.map(({ name, openCount, vms }) => {
      const by = vms.length === 0 ? "" : ` by ${vms.map(named).join(", ")}`;
      const why = `${name} is active on ${host.name}${openCount === 0 ? "" : `, open ${openCount} ×${by}`}`;
      return reason("VOLUME_IN_USE", why);
    }),
    ...(host === worker ? [] : inUseBy(host, storage.name, locks, lockVolume)),
  ]);
}

/**
 * A lock volume without a lockspace keeps the LUNs in use. LVM on that host may know outdated facts about the group.
 */
function inUseBy(host: Host, name: string, locks: LockState, lockVolume: boolean): Reason[] {
  if (locks !== "none") return [reason("LOCK_STATE", `${host.name} is still in the lockspace of ${name}`)];
  const why = `sanlock's volume of ${name} is active on ${host.name} without a lockspace`;
  return lockVolume ? [reason("LOCK_STATE", why)] : [];
}

/** LVM removes a group with all its disks. A disk that the inventory does not know would lose its group too. */
function foreignVolumes(storage: PrimaryStorage, worker: HostView, labelled: readonly Member[]): Reason[] {
  const known = new Set(labelled.map((member) => member.labelUuid));
  const missing = worker.groups.find((group) => group.name === storage.uuid)?.missingPhysicalVolumes ?? 0;
  return [
    ...worker.volumes
      .filter((volume) => volume.volumeGroup === storage.uuid && !known.has(volume.uuid))
      .map(({ device }) =>
        reason(
          "GROUP_INCOMPLETE",
          `${device} on ${worker.host.name} is in the volume group, but is not a LUN of ${storage.name}`,
          `remove ${device} from the volume group with vgreduce`,
        ),
      ),
    ...(missing === 0
      ? []
      : [reason("GROUP_INCOMPLETE", `${worker.host.name} does not see ${disksText(missing)} of the volume group`)]),
  ];
}

const disksText = (count: number): string => (count === 1 ? "1 disk" : `${count} disks`);

/** A LUN of the storage as the working host sees it. */
export interface Member {
  readonly lun: Lun;
  readonly on: LunOnHost;
  /** The UUID of the physical volume that loses its label. Null if it has nothing of ours. */
  readonly labelUuid: string | null;
}

export async function observeForDeletion(storage: PrimaryStorage, facts: Facts): Promise<DeletionObservation> {
  const hosts = zoneHosts(facts.inventory, storage);
  const wwids = storage.sharedBlocks.map(({ wwid }) => wwid);
  const withTheirUses = async (asked: readonly Host[]) =>
    withUses(await observeHosts(asked, facts), wwids, facts.gather);
  const [seen, otherViews, onHosts, { volumes, hosts: listings }] = await Promise.all([
    withTheirUses(hosts),
    withTheirUses(otherHosts(hosts, facts.inventory)),
    observeStorageOn(storage.uuid, hosts, facts),
    observeVolumes(storage.uuid, hosts, facts),
  ]);
  // A host that can't report everything can't do the work, and can't prove that nothing is in use.
  const views = seen.map((view) => {
    const others = [...onHosts, ...listings].filter(({ host }) => host === view.host);
    // An object that is not understood may belong to the storage.
    const doubt = view.notUnderstood.filter(isRelevant).map(({ why }) => why);
    const problems = [...view.problems, ...doubt, ...others.flatMap((other) => other.problems)];
    return { ...view, problems: [...new Set(problems)] };
  });
  return { storage, views, otherViews, onHosts, volumes };
}

export const whyNot = (view: HostView, storage: PrimaryStorage): Reason[] =>
  view.problems.length > 0 ? unreadHosts([view], []) : unseenBy(view, storage).map((wwid) => notSeen(wwid, view.host));

export function warningsOf({ storage }: DeletionObservation, worker: HostView): string[] {
  const seen = new Set(lunsOf([worker]).map((lun) => lun.wwid));
  const unseen = storage.sharedBlocks.map((block) => block.wwid).filter((wwid) => !seen.has(wwid));
  const others = worker.groups.filter((group) => group.lockType === "sanlock" && group.name !== storage.uuid);
  return [
    ...unseen.map((wwid) => `${worker.host.name} does not see ${wwid}, which was only claimed: what is on it stays.`),
    ...others.map(
      (group) =>
        `${worker.host.name} has the shared volume group ${group.name} too: if LVM says that the global lock is gone, run lvmlockctl --gl-enable ${group.name} on one host.`,
    ),
  ];
}

export const isInItsCluster = ({ host }: HostView, worker: HostView): boolean =>
  host !== worker.host && host.clusterUuid === worker.host.clusterUuid;

export const unreadableNearWorker = ({ views }: DeletionObservation, worker: HostView): Reason[] =>
  unreadHosts(
    views.filter((view) => isInItsCluster(view, worker)),
    [],
  );

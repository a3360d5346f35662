import type { Facts } from "../../core/facts.ts";
import { type ReadCommand, whyUncertain } from "../../core/host-command.ts";
import { inOrder } from "../../core/in-order.ts";
import type { Host } from "../../core/inventory.ts";
import { noneIfNotInstalled } from "../../core/not-installed.ts";
import { type Outcome, valueOr } from "../../core/outcome.ts";
import type { ActiveVolume } from "../../core/storage.ts";
import { listActiveVolumes } from "../../host/dmsetup.ts";
import { listRunningVms, listVmDisks, type Vm } from "../../host/libvirt.ts";
import { listVolumeGroups } from "../../host/lvm.ts";
import { type HostLease, isLive, type Lease, listHostLeases } from "../../host/sanlock.ts";
import { latestOf } from "./foreign-hosts.ts";
import { lockReads, noLocks, problemsOf } from "./host-view.ts";
import { type LockState, lockStateIn, orphanedLease } from "./lock-state.ts";

/** A logical volume of a storage that is active on a host. */
export interface VolumeInUse {
  readonly name: string;
  readonly openCount: number;
  /** Names of the VMs that have it as a disk. */
  readonly vms: readonly string[];
}
/** A VM with a disk on a storage. */
export interface UsingVm extends Vm {
  /** Names of the logical volumes. */
  readonly volumes: readonly string[];
}

/** What one host has of a storage. All of it must be released before the locks can be stopped there. */
export interface StorageOnHost {
  readonly host: Host;
  /** Without sanlock's own volume, which exists as long as the lockspace. */
  readonly volumes: readonly VolumeInUse[];
  readonly vms: readonly UsingVm[];
  /** Why the VMs are not known. Null if they are known. A host without libvirt runs none. */
  readonly vmsUnknown: string | null;
  readonly locks: LockState;
  /** The orphaned lease of a dead lvmlockd. */
  readonly left: Lease | null;
  /** sanlock's own volume is active. It keeps the LUNs in use in any state of the locks. */
  readonly lockVolume: boolean;
  /** Whether lvmlockd runs. Without it, no lockspace can be joined or left. */
  readonly lvmlockdRuns: boolean;
  /** Whether LVM on this host sees the volume group. Otherwise it can neither deactivate nor stop anything. */
  readonly seesGroup: boolean;
  /** The group's host ids as this host reads them. Empty if it is not in the lockspace. */
  readonly hostLeases: readonly HostLease[];
  /** Some host ids were not understood. The id of a living host may be missing. */
  readonly isLeaseMissing: boolean;
  /** Other data that could not be read. */
  readonly problems: readonly string[];
  /** The host answered no read. */
  readonly isSilent: boolean;
}

/**
 * Hosts that may be dead: they do not answer, and no other host reads a renewed lease of theirs. A host is alive if
 * only one of its tools does not answer.
 */
export function perhapsDead(
  onHosts: readonly Pick<StorageOnHost, "host" | "hostLeases" | "isLeaseMissing" | "isSilent">[],
): Host[] {
  if (onHosts.some(({ isLeaseMissing }) => isLeaseMissing)) return [];
  const renewed = new Set(
    latestOf(onHosts.map(({ hostLeases }) => hostLeases))
      .filter(isLive)
      .map(({ hostId }) => hostId),
  );
  return onHosts.flatMap(({ host, isSilent }) =>
    isSilent && !(host.sanlockHostId !== null && renewed.has(host.sanlockHostId)) ? [host] : [],
  );
}

const readsOf = (volumeGroup: string) => ({
  ...lockReads,
  active: listActiveVolumes,
  groups: listVolumeGroups,
  hostLeases: listHostLeases(volumeGroup),
  vms: listRunningVms,
});

/** The host has nothing of the storage to release. */
export const isFree = ({ volumes, vms, locks, lockVolume }: StorageOnHost): boolean =>
  volumes.length === 0 && vms.length === 0 && locks === "none" && !lockVolume;

/** At most two round trips a host. The second one reads the VMs' disks. */
export const observeStorageOn = (volumeGroup: string, hosts: readonly Host[], facts: Facts): Promise<StorageOnHost[]> =>
  Promise.all(hosts.map((host) => storageOn(volumeGroup, host, facts)));

async function storageOn(volumeGroup: string, host: Host, facts: Facts): Promise<StorageOnHost> {
  const reads = readsOf(volumeGroup);
  const { vms: _vms, ...others } = reads;
  const seen = await facts.gather(host, reads);
  const disks = await disksOf(valueOr(seen.vms, []), host, facts);
  const vms = disks.flatMap(({ vm, sources }) => {
    const volumes = sources.flatMap((source) => volumeAt(source, volumeGroup) ?? []);
    return volumes.length === 0 ? [] : [{ ...vm, volumes }];
  });
  const usersOf = new Map<string, string[]>();
  for (const vm of vms) {
    for (const volume of new Set(vm.volumes)) usersOf.set(volume, [...(usersOf.get(volume) ?? []), vm.name]);
  }
  const active = valueOr(seen.active, []).flatMap(({ mapperName, openCount }): VolumeInUse[] => {
    const name = volumeMapped(mapperName, volumeGroup);
    if (name === null) return [];
    return [{ name, openCount, vms: usersOf.get(name) ?? [] }];
  });
  const volumes = active.filter(({ name }) => name !== LOCK_VOLUME);
  const lockspaces = valueOr(seen.lockspaces, null);
  const locks = { leases: valueOr(seen.leases, null) ?? [], lockspaces: lockspaces ?? [] };
  return {
    host,
    volumes: inOrder(volumes, ({ name }) => name),
    vms,
    vmsUnknown:
      whyUncertain(noneIfNotInstalled(seen, { vms: [] }).vms) ??
      disks.find(({ problem }) => problem !== null)?.problem ??
      null,
    locks: lockStateIn(volumeGroup, locks),
    left: orphanedLease(volumeGroup, locks),
    lockVolume: active.length > volumes.length,
    lvmlockdRuns: lockspaces !== null,
    seesGroup: valueOr(seen.groups, []).some((group) => group.name === volumeGroup),
    hostLeases: valueOr(seen.hostLeases, null) ?? [],
    isLeaseMissing: seen.hostLeases.kind === "done" && whyUncertain(seen.hostLeases) !== null,
    problems: problemsOf(others, noneIfNotInstalled(seen, nothingActive)),
    isSilent: Object.values<Outcome>(seen).every(({ kind }) => kind === "unknown"),
  };
}

/** The values for a host without LVM, lvmlockd or sanlock. */
const nothingActive = { ...noLocks, active: [], groups: [], hostLeases: null };

interface Disks {
  readonly vm: Vm;
  readonly sources: readonly string[];
  readonly problem: string | null;
}

async function disksOf(vms: readonly Vm[], host: Host, facts: Facts): Promise<Disks[]> {
  if (vms.length === 0) return [];
  const reads: Record<string, ReadCommand<string[]>> = {};
  for (const { uuid } of vms) reads[uuid] = listVmDisks(uuid);
  const seen = await facts.gather(host, reads);
  return vms.map((vm) => {
    const answer = seen[vm.uuid];
    if (answer === undefined) throw new Error(`the disks of ${vm.name} were not read on ${host.name}`);
    return { vm, sources: valueOr(answer, []), problem: whyUncertain(answer) };
  });
}

/** It contains sanlock's leases. It is active on every host in the lockspace. */
const LOCK_VOLUME = "lvmlock";

/** Names of the group's active volumes on a host, without sanlock's own volume. */
export const namesOf = (active: readonly ActiveVolume[], volumeGroup: string): string[] =>
  active
    .flatMap(({ mapperName }) => volumeMapped(mapperName, volumeGroup) ?? [])
    .filter((name) => name !== LOCK_VOLUME);

/**
 * The logical volume of the group that device-mapper names `VG-LV`, with the dashes within each name doubled. Null if
 * it is none.
 */
export function volumeMapped(mapperName: string, volumeGroup: string): string | null {
  const [, group, volume] = /^((?:[^-]|--)+)-((?:[^-]|--)+)$/.exec(mapperName) ?? [];
  return group?.replaceAll("--", "-") === volumeGroup ? (volume?.replaceAll("--", "-") ?? null) : null;
}

/** The logical volume of the group with this disk path: `/dev/VG/LV` or `/dev/mapper/VG-LV`. Null if it is none. */
export function volumeAt(path: string, volumeGroup: string): string | null {
  const [, folder, name] = /^\/dev\/([^/]+)\/([^/]+)$/.exec(path) ?? [];
  if (name === undefined) return null;
  return folder === "mapper" ? volumeMapped(name, volumeGroup) : folder === volumeGroup ? name : null;
}

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

/** What one host holds of a storage: all that must be let go before its locks can be stopped there. */
export interface StorageOnHost {
  readonly host: Host;
  /** Without sanlock's own volume, which goes with the lockspace. */
  readonly volumes: readonly VolumeInUse[];
  readonly vms: readonly UsingVm[];
  /** Why the VMs are not known; null if they are. A host without libvirt runs none. */
  readonly vmsUnknown: string | null;
  readonly locks: LockState;
  /** What an lvmlockd that died has left with sanlock. */
  readonly left: Lease | null;
  /** sanlock's own volume is active: it keeps the LUNs in use, with any state of the locks. */
  readonly lockVolume: boolean;
  /** Without lvmlockd no lockspace can be joined or left. */
  readonly lvmlockdRuns: boolean;
  /** LVM there sees the volume group, without which it neither deactivates nor stops anything. */
  readonly seesGroup: boolean;
  /** The group's host ids as this host reads them; none where it is not in the lockspace. */
  readonly hostLeases: readonly HostLease[];
  /** Not all of them are understood: the one of a host that lives may be missing. */
  readonly isLeaseMissing: boolean;
  /** What else could not be read. */
  readonly problems: readonly string[];
  /** Nothing that it was asked was answered. */
  readonly isSilent: boolean;
}

/**
 * Hosts that may be dead: they answer nothing, and no host that answers reads a lease of theirs that is still renewed. A
 * host is alive if only one tool does not answer.
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

/** Nothing of the storage is left there to be let go. */
export const isFree = ({ volumes, vms, locks, lockVolume }: StorageOnHost): boolean =>
  volumes.length === 0 && vms.length === 0 && locks === "none" && !lockVolume;

/** Two round trips a host at most: the second one asks for the VMs' disks. */
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

/** What a host without LVM, lvmlockd or sanlock has of theirs. */
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

/** sanlock's leases live in it; it is active wherever the lockspace runs. */
const LOCK_VOLUME = "lvmlock";

/** Names of the group's volumes among those that are active on a host, without sanlock's own. */
export const namesOf = (active: readonly ActiveVolume[], volumeGroup: string): string[] =>
  active
    .flatMap(({ mapperName }) => volumeMapped(mapperName, volumeGroup) ?? [])
    .filter((name) => name !== LOCK_VOLUME);

/** The logical volume of the group that device-mapper knows as `VG-LV`, the dashes within each name doubled; else null. */
export function volumeMapped(mapperName: string, volumeGroup: string): string | null {
  const [, group, volume] = /^((?:[^-]|--)+)-((?:[^-]|--)+)$/.exec(mapperName) ?? [];
  return group?.replaceAll("--", "-") === volumeGroup ? (volume?.replaceAll("--", "-") ?? null) : null;
}

/** The logical volume of the group behind a disk's path: `/dev/VG/LV` or `/dev/mapper/VG-LV`; else null. */
export function volumeAt(path: string, volumeGroup: string): string | null {
  const [, folder, name] = /^\/dev\/([^/]+)\/([^/]+)$/.exec(path) ?? [];
  if (name === undefined) return null;
  return folder === "mapper" ? volumeMapped(name, volumeGroup) : folder === volumeGroup ? name : null;
}

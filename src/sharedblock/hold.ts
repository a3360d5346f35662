import type { Facts } from "../core/command.ts";
import type { ReadCommand } from "../core/host-command.ts";
import type { Host } from "../core/inventory.ts";
import { type Outcome, reasonOf } from "../core/outcome.ts";
import { type Lease, listLeases } from "../host/lease.ts";
import { listMachineDisks, listMachines, type Machine } from "../host/libvirt.ts";
import { listLockspaces } from "../host/lockspace.ts";
import { listActiveVolumes } from "../host/logical-volumes.ts";
import { isMissing, problemsOf, valueOr } from "./look.ts";

/** A logical volume of a storage that is active on a host. */
export interface HeldVolume {
  readonly name: string;
  readonly openCount: number;
  /** Names of the machines that have it as a disk. */
  readonly machines: readonly string[];
}
/** A machine with a disk on a storage. */
export interface HeldMachine extends Machine {
  /** Names of the logical volumes. */
  readonly volumes: readonly string[];
}

/** What one host holds of a storage: all that must be let go before its locks can be stopped there. */
export interface Hold {
  readonly host: Host;
  /** Without sanlock's own volume, which goes with the lockspace. */
  readonly volumes: readonly HeldVolume[];
  readonly machines: readonly HeldMachine[];
  /** Why the machines are not known; null where they are. A host without libvirt runs none. */
  readonly machinesUnknown: string | null;
  /** lvmlockd is in its lockspace. */
  readonly locked: boolean;
  /** sanlock's lease, held or under way; null where there is none. */
  readonly lease: Lease | null;
  /** What else could not be read. */
  readonly problems: readonly string[];
}

const coreReads = { active: listActiveVolumes, lockspaces: listLockspaces, leases: listLeases };
const holdReads = { ...coreReads, machines: listMachines };

/** Two round trips a host at most: the second one asks for the machines' disks. */
export const lookAtHolds = (volumeGroup: string, hosts: readonly Host[], facts: Facts): Promise<Hold[]> =>
  Promise.all(hosts.map((host) => holdOf(volumeGroup, host, facts)));

async function holdOf(volumeGroup: string, host: Host, facts: Facts): Promise<Hold> {
  const seen = await facts.gather(host, holdReads);
  const disks = await disksOf(valueOr(seen.machines, []), host, facts);
  const machines = disks.flatMap(({ machine, sources }) => {
    const volumes = sources.flatMap((source) => volumeAt(source, volumeGroup) ?? []);
    return volumes.length === 0 ? [] : [{ ...machine, volumes }];
  });
  const volumes = valueOr(seen.active, []).flatMap(({ mapperName, openCount }): HeldVolume[] => {
    const name = volumeMapped(mapperName, volumeGroup);
    if (name === null || name === LOCK_VOLUME) return [];
    return [
      { name, openCount, machines: machines.filter((each) => each.volumes.includes(name)).map((each) => each.name) },
    ];
  });
  return {
    host,
    volumes: volumes.sort((left, right) => left.name.localeCompare(right.name, "en", { numeric: true })),
    machines,
    machinesUnknown: unlessMissing(seen.machines) ?? disks.find(({ problem }) => problem !== null)?.problem ?? null,
    locked: (valueOr(seen.lockspaces, null) ?? []).some((space) => space.volumeGroup === volumeGroup),
    lease: (valueOr(seen.leases, null) ?? []).find((lease) => lease.volumeGroup === volumeGroup) ?? null,
    problems: problemsOf(readsThere(seen), seen),
  };
}

/** Without LVM, lvmlockd or sanlock nothing of theirs is held: that is an answer. */
function readsThere(seen: { readonly [K in keyof typeof coreReads]: Outcome }): Partial<typeof coreReads> {
  const { active, lockspaces, leases } = coreReads;
  return {
    ...(isMissing(seen.active) ? {} : { active }),
    ...(isMissing(seen.lockspaces) ? {} : { lockspaces }),
    ...(isMissing(seen.leases) ? {} : { leases }),
  };
}

const unlessMissing = (outcome: Outcome): string | null => (isMissing(outcome) ? null : reasonOf(outcome));

interface Disks {
  readonly machine: Machine;
  readonly sources: readonly string[];
  readonly problem: string | null;
}

async function disksOf(machines: readonly Machine[], host: Host, facts: Facts): Promise<Disks[]> {
  if (machines.length === 0) return [];
  const reads: Record<string, ReadCommand<string[]>> = {};
  for (const { uuid } of machines) reads[uuid] = listMachineDisks(uuid);
  const seen = await facts.gather(host, reads);
  return machines.map((machine) => {
    const answer = seen[machine.uuid];
    if (answer === undefined) throw new Error(`the disks of ${machine.name} were not read on ${host.name}`);
    return { machine, sources: valueOr(answer, []), problem: reasonOf(answer) };
  });
}

/** sanlock's leases live in it; it is active wherever the lockspace runs. */
export const LOCK_VOLUME = "lvmlock";

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

import type { ReadCommand } from "../../core/host-command.ts";
import { named } from "../../core/host-text.ts";
import type { Host } from "../../core/inventory.ts";
import { valueOr } from "../../core/outcome.ts";
import type { Gather } from "../../core/step.ts";
import { readDeviceNumbers } from "../../host/device-users.ts";
import type { Vm } from "../../host/libvirt.ts";
import {
  isKnownByPath,
  readStoragePool,
  readVolumePath,
  type StoragePool,
  sourcesOfVolume,
} from "../../host/storage-pool.ts";
import {
  type DiskSource,
  readSavedState,
  readVmDefinitions,
  VMS_A_READ,
  type VmDefinition,
  type VmDisk,
} from "../../host/vm-definition.ts";
import { problemsOf, type UnknownDisk, type VmUse } from "./host-view.ts";

interface VmUses {
  readonly vms: readonly VmUse[];
  readonly problems: readonly string[];
}

/** SSH guarantees packets of 35,000 bytes, and the script of a round trip is one packet. */
export const VMS_A_TRIP = 10 * VMS_A_READ;
const READS_A_TRIP = 50;

interface KnownVms {
  readonly vms: readonly Vm[];
  /** By UUID. */
  readonly running: ReadonlySet<string>;
  /** VMs with a state that is saved on disk. */
  readonly saved: ReadonlySet<string>;
  /** Every link in /dev. */
  readonly links: ReadonlyMap<string, string>;
}

/**
 * The host's devices that libvirt's VMs use, running or only defined. One round trip. More are made only for volumes of
 * pools, and for paths with unclear names.
 */
export async function vmUses(host: Host, known: KnownVms, gather: Gather): Promise<VmUses> {
  const { vms, running, links } = known;
  const { definitions, problems } = await definitionsOf(host, known, gather);
  const volumes = await volumesOf(host, definitions, gather);
  const reported = new Map(definitions.map((definition) => [definition, definition.disks.map(volumes.resolvedOf)]));
  const disks = [...reported.values()].flat().flatMap((each) => ("why" in each ? [] : each));
  const devices = await devicesOf(host, disks, links, gather);
  const uses = vms.map(({ uuid, name }): VmUse => {
    const own = definitions.filter((each) => each.uuid === uuid).flatMap((each) => reported.get(each) ?? []);
    return {
      ...{ name, runs: running.has(uuid) },
      disks: own.flatMap((each) => ("why" in each ? [] : each.flatMap((disk) => [disk, ...devices.behind(disk)]))),
      unknownDisks: own.flatMap((each) => ("why" in each ? [each] : [])),
    };
  });
  const names = new Map(vms.map(({ uuid, name }) => [uuid, name]));
  const doubt = definitions.flatMap(({ uuid, problem }) =>
    problem === null ? [] : [notUnderstood(names.get(uuid) ?? uuid, problem)],
  );
  return { vms: uses, problems: [...problems, ...volumes.problems, ...devices.problems, ...doubt] };
}

const notUnderstood = (name: string, problem: string): string =>
  `the definition of VM ${named(name)} is not understood (${problem}); virsh dumpxml shows it`;

async function definitionsOf(
  host: Host,
  { vms, saved }: KnownVms,
  gather: Gather,
): Promise<{ readonly definitions: readonly VmDefinition[]; readonly problems: readonly string[] }> {
  const definitions: VmDefinition[] = [];
  const problems: string[] = [];
  for (const some of inBatches(vms, VMS_A_TRIP)) {
    const reads: Record<string, ReadCommand<VmDefinition[]>> = {};
    for (const [place, batch] of inBatches(some, VMS_A_READ).entries()) {
      reads[`batch ${place}`] = readVmDefinitions(batch.map(({ uuid }) => uuid));
    }
    const seen = await gather(host, reads);
    problems.push(...problemsOf(reads, seen));
    definitions.push(...Object.values(seen).flatMap((outcome) => valueOr(outcome, [])));
  }
  const ofSaved = await asked(host, gather, new Map([...saved].map((uuid) => [uuid, readSavedState(uuid)])));
  return {
    definitions: [...definitions, ...ofSaved.answers.values()],
    problems: [...problems, ...ofSaved.problems],
  };
}

interface Devices {
  /** The device at the end of the disk's path, independent of its name. */
  behind(disk: VmDisk): VmDisk[];
  readonly problems: readonly string[];
}

/** A disk's path is rarely longer than 100 bytes. */
const PATHS_A_READ = 100;

async function devicesOf(
  host: Host,
  disks: readonly VmDisk[],
  links: ReadonlyMap<string, string>,
  gather: Gather,
): Promise<Devices> {
  const paths = disks.flatMap(({ source }) => (source.kind === "path" ? [source.path] : []));
  const unknown = [...new Set(paths)].filter((path) => !links.has(path) && !SAYS_WHAT_IT_IS.test(path));
  const numbers = new Map<string, string>();
  const problems: string[] = [];
  for (const some of inBatches(unknown, PATHS_A_READ)) {
    const seen = await asked(host, gather, new Map([["numbers", readDeviceNumbers(some)]]));
    problems.push(...seen.problems);
    for (const { path, number } of [...seen.answers.values()].flat()) numbers.set(path, number);
  }
  return {
    behind(disk) {
      const number = disk.source.kind === "path" ? numbers.get(disk.source.path) : undefined;
      return number === undefined ? [] : [{ ...disk, source: { kind: "device", number } }];
    },
    problems,
  };
}

/** The kernel's own names. */
const SAYS_WHAT_IT_IS = /^\/dev\/(?:sd[a-z]+\d*|dm-\d+|sg\d+|sr\d+|bsg\/.*|pts\/.*|u?random|hwrng|null)$/;

type VolumeSource = Extract<DiskSource, { kind: "volume" }>;

interface Volumes {
  /** The disk as the host's device: several names, or none if it is no disk of the host. */
  resolvedOf(disk: VmDisk): VmDisk[] | UnknownDisk;
  readonly problems: readonly string[];
}

async function volumesOf(host: Host, definitions: readonly VmDefinition[], gather: Gather): Promise<Volumes> {
  const volumes = definitions
    .flatMap(({ disks }) => disks)
    .flatMap(({ source }) => (source.kind === "volume" ? [source] : []));
  const pools = await asked(host, gather, new Map(volumes.map(({ pool }) => [pool, readStoragePool(pool)])));
  const poolOf = ({ pool }: VolumeSource): StoragePool | null => pools.answers.get(pool) ?? null;
  const byPath = volumes.filter((volume) => {
    const pool = poolOf(volume);
    return pool !== null && isKnownByPath(pool);
  });
  const reads = byPath.map((each) => [keyOf(each), readVolumePath(each.pool, each.volume)] as const);
  const paths = await asked(host, gather, new Map(reads));
  return {
    resolvedOf(disk) {
      const { source } = disk;
      if (source.kind !== "volume") return [disk];
      const sources = sourcesOfVolume(poolOf(source), source.volume, paths.answers.get(keyOf(source)) ?? null);
      if (sources === null) return unknownVolume(disk, source, poolOf(source) !== null);
      return sources.map((each) => ({ ...disk, source: each }));
    },
    problems: [...pools.problems, ...paths.problems],
  };
}

const keyOf = (volume: VolumeSource): string => JSON.stringify(volume);

/** The host's answer to each read, by its key. */
async function asked<T>(
  host: Host,
  gather: Gather,
  all: ReadonlyMap<string, ReadCommand<T>>,
): Promise<{ readonly answers: ReadonlyMap<string, T>; readonly problems: readonly string[] }> {
  const answers = new Map<string, T>();
  const problems: string[] = [];
  for (const some of inBatches([...all], READS_A_TRIP)) {
    const reads = Object.fromEntries(some);
    const seen = await gather(host, reads);
    problems.push(...problemsOf(reads, seen));
    for (const [key, outcome] of Object.entries(seen)) {
      if (outcome.kind === "done") answers.set(key, outcome.value);
    }
  }
  return { answers, problems };
}

function unknownVolume({ device, name }: VmDisk, { pool, volume }: VolumeSource, isDefined: boolean): UnknownDisk {
  const what = `volume ${named(volume)} of storage pool ${named(pool)}`;
  return {
    ...{ device, name },
    why: isDefined ? `${what}, which does not run` : `${what}, which libvirt does not have`,
    fix: `${isDefined ? "start that pool (virsh pool-start)" : "define that pool"}, or detach the disk from the VM`,
  };
}

const inBatches = <T>(items: readonly T[], size: number): T[][] =>
  Array.from({ length: Math.ceil(items.length / size) }, (_, place) => items.slice(place * size, (place + 1) * size));

import type { ReadCommand } from "../../core/host-command.ts";
import { named } from "../../core/host-text.ts";
import type { Host } from "../../core/inventory.ts";
import type { Gather } from "../../core/plan.ts";
import type { Machine } from "../../host/libvirt.ts";
import {
  isToldByPath,
  readStoragePool,
  readVolumePath,
  type StoragePool,
  sourcesOfVolume,
} from "../../host/storage-pool.ts";
import type { DiskSource, VmDisk } from "../../host/vm-definition.ts";
import { readVmDefinitions, VMS_A_READ, type VmDefinition } from "../../host/vm-disks.ts";
import { problemsOf, valueOr } from "./host-view.ts";

export interface VmUse {
  readonly name: string;
  readonly runs: boolean;
  /** Those that it has, and those that it gets when it is started again; without volumes of pools. */
  readonly disks: readonly VmDisk[];
  /** Disks that nobody can tell: they may be any LUN. */
  readonly untold: readonly UntoldDisk[];
}
export interface UntoldDisk extends Pick<VmDisk, "device" | "name"> {
  /** What is known of it. */
  readonly why: string;
  readonly fix: string;
}

export interface VmUses {
  readonly vms: readonly VmUse[];
  readonly problems: readonly string[];
}

/** SSH promises to take packets of 35,000 bytes, and the whole script of a round trip is one. */
export const VMS_A_TRIP = 10 * VMS_A_READ;
const READS_A_TRIP = 50;

/** What libvirt's VMs have of the host, running or only defined. One round trip, and others only for volumes of pools. */
export async function vmUses(
  host: Host,
  vms: readonly Machine[],
  running: ReadonlySet<string>,
  gather: Gather,
): Promise<VmUses> {
  const { definitions, problems } = await definitionsOf(host, vms, gather);
  const volumes = await volumesOf(host, [...definitions.values()], gather);
  const uses = vms.map(({ uuid, name }): VmUse => {
    const told = (definitions.get(uuid)?.disks ?? []).map(volumes.toldOf);
    return {
      ...{ name, runs: running.has(uuid) },
      disks: told.flatMap((each) => ("why" in each ? [] : each)),
      untold: told.flatMap((each) => ("why" in each ? [each] : [])),
    };
  });
  const odd = vms.flatMap(({ uuid, name }) => {
    const problem = definitions.get(uuid)?.problem ?? null;
    return problem === null ? [] : [notUnderstood(name, problem)];
  });
  return { vms: uses, problems: [...problems, ...volumes.problems, ...odd] };
}

const notUnderstood = (name: string, problem: string): string =>
  `the definition of VM ${named(name)} is not understood (${problem}); look at it with virsh dumpxml`;

async function definitionsOf(
  host: Host,
  vms: readonly Machine[],
  gather: Gather,
): Promise<{ readonly definitions: ReadonlyMap<string, VmDefinition>; readonly problems: readonly string[] }> {
  const definitions = new Map<string, VmDefinition>();
  const problems: string[] = [];
  for (const some of inBatches(vms, VMS_A_TRIP)) {
    const reads: Record<string, ReadCommand<VmDefinition[]>> = {};
    for (const [place, batch] of inBatches(some, VMS_A_READ).entries()) {
      reads[`batch ${place}`] = readVmDefinitions(batch.map(({ uuid }) => uuid));
    }
    const seen = await gather(host, reads);
    problems.push(...problemsOf(reads, seen));
    for (const outcome of Object.values(seen)) {
      for (const definition of valueOr(outcome, [])) definitions.set(definition.uuid, definition);
    }
  }
  return { definitions, problems };
}

type VolumeSource = Extract<DiskSource, { kind: "volume" }>;

interface Volumes {
  /** The disk as what it is on the host: several names of it, or none if it is no disk of the host. */
  toldOf(disk: VmDisk): VmDisk[] | UntoldDisk;
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
    return pool !== null && isToldByPath(pool);
  });
  const reads = byPath.map((each) => [keyOf(each), readVolumePath(each.pool, each.volume)] as const);
  const paths = await asked(host, gather, new Map(reads));
  return {
    toldOf(disk) {
      const { source } = disk;
      if (source.kind !== "volume") return [disk];
      const sources = sourcesOfVolume(poolOf(source), source.volume, paths.answers.get(keyOf(source)) ?? null);
      if (sources === null) return untoldVolume(disk, source, poolOf(source) !== null);
      return sources.map((each) => ({ ...disk, source: each }));
    },
    problems: [...pools.problems, ...paths.problems],
  };
}

const keyOf = (volume: VolumeSource): string => JSON.stringify(volume);

/** What the host answers to each read, by its key. */
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

function untoldVolume({ device, name }: VmDisk, { pool, volume }: VolumeSource, isDefined: boolean): UntoldDisk {
  const what = `volume ${named(volume)} of storage pool ${named(pool)}`;
  return {
    ...{ device, name },
    why: isDefined ? `${what}, which does not run` : `${what}, which libvirt does not have`,
    fix: `${isDefined ? "start that pool (virsh pool-start)" : "define that pool"}, or detach the disk from the VM`,
  };
}

const inBatches = <T>(items: readonly T[], size: number): T[][] =>
  Array.from({ length: Math.ceil(items.length / size) }, (_, place) => items.slice(place * size, (place + 1) * size));

import type { Facts } from "../../core/facts.ts";
import type { Gathered } from "../../core/host-command.ts";
import { inOrder } from "../../core/in-order.ts";
import type { Host } from "../../core/inventory.ts";
import { noneIfNotInstalled } from "../../core/not-installed.ts";
import { valueOr } from "../../core/outcome.ts";
import { OBJECTS, runInSlices, runToEnd, SliceLimit, type Slices } from "../../core/parts.ts";
import type { LogicalVolume, VolumeLock } from "../../core/storage.ts";
import { listActiveVolumes } from "../../host/dmsetup.ts";
import { listLogicalVolumes, listVolumeGroups } from "../../host/lvm.ts";
import { listVolumeLocks } from "../../host/lvmlockctl.ts";
import { problemsOf } from "./host-view.ts";

/** One host's report of logical volumes, read in one round trip. */
const volumeReads = {
  groups: listVolumeGroups,
  listed: listLogicalVolumes,
  active: listActiveVolumes,
  locks: listVolumeLocks,
};

/** A logical volume of a volume group, and where it is in use. */
export interface Volume extends LogicalVolume {
  readonly activeOn: readonly { readonly host: Host; readonly openCount: number }[];
  readonly lockedBy: readonly { readonly host: Host; readonly mode: VolumeLock["mode"] }[];
}

export interface VolumesObservation {
  /** The hosts that see the volume group. Its metadata is the same for all. */
  readonly seenBy: readonly Host[];
  /** Sorted by name. sanlock's own volume is left out. */
  readonly volumes: readonly Volume[];
  /** Every host that was asked. A host that did not answer may use any of the volumes. */
  readonly hosts: readonly { readonly host: Host; readonly problems: readonly string[] }[];
}

/**
 * The logical volumes of a group as these hosts show them. A host that does not answer is included with its problem.
 */
export async function observeVolumes(
  volumeGroup: string,
  hosts: readonly Host[],
  facts: Facts,
): Promise<VolumesObservation> {
  const answers = await Promise.all(hosts.map(async (host) => ({ host, seen: await facts.gather(host, volumeReads) })));
  return runInSlices(makingVolumes(volumeGroup, answers));
}

interface OnHost {
  readonly host: Host;
  readonly seen: Gathered<typeof volumeReads>;
}

export const volumesIn = (volumeGroup: string, answers: readonly OnHost[]): VolumesObservation =>
  runToEnd(makingVolumes(volumeGroup, answers));

/** In slices, because each host may have 10,000 volumes. */
function* makingVolumes(volumeGroup: string, answers: readonly OnHost[]): Slices<VolumesObservation> {
  const limit = new SliceLimit(OBJECTS);
  const listed = new Map<string, Growing>();
  for (const { seen } of answers) {
    for (const volume of valueOr(seen.listed, [])) {
      if (volume.volumeGroup !== volumeGroup) continue;
      const known = listed.get(volume.uuid) ?? { activeOn: [], lockedBy: [] };
      listed.set(volume.uuid, { ...volume, activeOn: known.activeOn, lockedBy: known.lockedBy });
      if (limit.isOver(1)) yield;
    }
  }
  for (const { host, seen } of answers) {
    for (const { uuid, openCount } of valueOr(seen.active, [])) {
      listed.get(uuid)?.activeOn.push({ host, openCount });
      if (limit.isOver(1)) yield;
    }
    for (const { uuid, mode } of valueOr(seen.locks, null) ?? []) {
      listed.get(uuid)?.lockedBy.push({ host, mode });
      if (limit.isOver(1)) yield;
    }
  }
  const volumes = inOrder([...listed.values()], ({ name }) => name);
  yield;
  return {
    seenBy: answers
      .filter(({ seen }) => valueOr(seen.groups, []).some((group) => group.name === volumeGroup))
      .map(({ host }) => host),
    volumes,
    hosts: answers.map(({ host, seen }) => ({ host, problems: problemsIn(seen) })),
  };
}

interface Growing extends LogicalVolume {
  readonly activeOn: { readonly host: Host; readonly openCount: number }[];
  readonly lockedBy: { readonly host: Host; readonly mode: VolumeLock["mode"] }[];
}

/** A host without lvmlockd has no lock, which is an answer. */
const problemsIn = (seen: OnHost["seen"]): string[] =>
  problemsOf(volumeReads, noneIfNotInstalled(seen, { locks: null }));

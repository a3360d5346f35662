import type { Facts } from "../../core/command.ts";
import type { Gathered } from "../../core/host-command.ts";
import type { Host } from "../../core/inventory.ts";
import type { LogicalVolume, VolumeLock } from "../../core/storage.ts";
import { listActiveVolumes, listLogicalVolumes, listVolumeLocks } from "../../host/logical-volumes.ts";
import { listVolumeGroups } from "../../host/lvm.ts";
import { isMissing, problemsOf, valueOr } from "./host-view.ts";

/** What one host says of logical volumes, read in one round trip. */
export const volumeReads = {
  groups: listVolumeGroups,
  listed: listLogicalVolumes,
  active: listActiveVolumes,
  locks: listVolumeLocks,
};

/** A logical volume of a volume group, with where it is in use. */
export interface Volume extends LogicalVolume {
  readonly activeOn: readonly { readonly host: Host; readonly openCount: number }[];
  readonly lockedBy: readonly { readonly host: Host; readonly mode: VolumeLock["mode"] }[];
}

export interface VolumesLook {
  /** The hosts that see the volume group; its metadata is the same for all. */
  readonly seenBy: readonly Host[];
  /** In the order of their names; sanlock's own is left out. */
  readonly volumes: readonly Volume[];
  /** Every host that was asked; one that could not answer may use any of the volumes. */
  readonly hosts: readonly { readonly host: Host; readonly problems: readonly string[] }[];
}

/** The logical volumes of a group as these hosts have them; a host that does not answer is there with its problem. */
export async function lookAtVolumes(volumeGroup: string, hosts: readonly Host[], facts: Facts): Promise<VolumesLook> {
  return volumesIn(
    volumeGroup,
    await Promise.all(hosts.map(async (host) => ({ host, seen: await facts.gather(host, volumeReads) }))),
  );
}

interface OnHost {
  readonly host: Host;
  readonly seen: Gathered<typeof volumeReads>;
}

export function volumesIn(volumeGroup: string, answers: readonly OnHost[]): VolumesLook {
  const listed = new Map(
    answers
      .flatMap(({ seen }) => valueOr(seen.listed, []))
      .filter((volume) => volume.volumeGroup === volumeGroup)
      .map((volume) => [volume.uuid, volume]),
  );
  const volumes = [...listed.values()].map((volume) => withUse(volume, answers));
  return {
    seenBy: answers
      .filter(({ seen }) => valueOr(seen.groups, []).some((group) => group.name === volumeGroup))
      .map(({ host }) => host),
    volumes: volumes.sort((left, right) => left.name.localeCompare(right.name, "en", { numeric: true })),
    hosts: answers.map(({ host, seen }) => ({ host, problems: problemsIn(seen) })),
  };
}

const withUse = (volume: LogicalVolume, answers: readonly OnHost[]): Volume => ({
  ...volume,
  activeOn: answers.flatMap(({ host, seen }) =>
    valueOr(seen.active, [])
      .filter((active) => active.uuid === volume.uuid)
      .map(({ openCount }) => ({ host, openCount })),
  ),
  lockedBy: answers.flatMap(({ host, seen }) =>
    (valueOr(seen.locks, null) ?? []).filter((lock) => lock.uuid === volume.uuid).map(({ mode }) => ({ host, mode })),
  ),
});

/** A host without lvmlockd holds no lock: that is an answer. */
function problemsIn(seen: OnHost["seen"]): string[] {
  const { locks, ...others } = volumeReads;
  return isMissing(seen.locks) ? problemsOf(others, seen) : problemsOf({ ...others, locks }, seen);
}

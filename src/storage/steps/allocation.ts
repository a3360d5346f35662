import { check } from "../../core/check.ts";
import type { Facts } from "../../core/facts.ts";
import type { Host, PrimaryStorage } from "../../core/inventory.ts";
import { valueOr } from "../../core/outcome.ts";
import type { Stage } from "../../core/plan.ts";
import type { Part } from "../../core/reply.ts";
import type { Allocation, PhysicalVolume } from "../../core/storage.ts";
import { listAllocations, setAllocatable } from "../../host/lvm.ts";
import { type HostView, lunReads, problemsOf } from "../observe/host-view.ts";
import { viewMade } from "../observe/hosts.ts";
import { devicePath, lunsOf } from "../observe/lun.ts";
import { notUnderstoodAbout } from "../observe/not-understood.ts";

/** A host's view, with the physical volumes on which new volumes may be allocated. */
export interface AllocationView extends HostView {
  readonly allocations: readonly Allocation[];
}

const reads = { ...lunReads, allocations: listAllocations };

export const observeAllocations = (hosts: readonly Host[], facts: Facts): Promise<AllocationView[]> =>
  Promise.all(
    hosts.map(async (host) => {
      const seen = await facts.gather(host, reads);
      const view = await viewMade(host, seen);
      const problems = [
        ...new Set([
          ...view.problems,
          ...problemsOf({ allocations: listAllocations }, { allocations: seen.allocations }),
        ]),
      ];
      return { ...view, allocations: valueOr(seen.allocations, []), problems };
    }),
  );

/** The host sees the complete volume group, so it knows every disk of it. */
export const seesCompletely = (view: HostView, volumeGroup: string): boolean =>
  view.problems.length === 0 &&
  notUnderstoodAbout(view, [volumeGroup]).length === 0 &&
  view.groups.some((group) => group.name === volumeGroup && group.missingPhysicalVolumes === 0);

interface Disk {
  readonly volume: PhysicalVolume;
  /** The WWID, or the device's name if it is no LUN of this host. */
  readonly name: string;
  /** The device for commands: the path with the identity, if there is one. */
  readonly device: string;
  readonly allocatable: boolean;
}

/** The physical volumes of the group, with this host's names. */
export function disksOf(view: AllocationView, volumeGroup: string): Disk[] {
  const luns = lunsOf([view]).flatMap((lun) => lun.on.map((on) => ({ wwid: lun.wwid, on })));
  return view.volumes
    .filter((volume) => volume.volumeGroup === volumeGroup)
    .map((volume) => {
      const lun = luns.find(({ on }) => on.physicalVolume?.uuid === volume.uuid);
      const allocatable = view.allocations.some((each) => each.uuid === volume.uuid && each.allocatable);
      if (lun === undefined) return { volume, name: volume.device, device: volume.device, allocatable };
      return { volume, name: lun.wwid, device: devicePath(lun.wwid, lun.on), allocatable };
    });
}

/**
 * The state that the disks of a storage show, if it is not in maintenance: it is Enabled if all disks are allocatable.
 */
export const stateOnDisks = (view: AllocationView, volumeGroup: string): "Enabled" | "Disabled" =>
  disksOf(view, volumeGroup).every((disk) => disk.allocatable) ? "Enabled" : "Disabled";

/** The writing host sets it once. Then every host that serves the storage must read it from the disks. */
export function allocationStages(
  storage: PrimaryStorage,
  writer: AllocationView,
  readers: readonly Host[],
  allocatable: boolean,
): Stage[] {
  const differing = disksOf(writer, storage.uuid).filter((disk) => disk.allocatable !== allocatable);
  const devices = differing.map((disk) => disk.device);
  const why = allocatable ? "allows new volumes there again" : "allows no new volume there";
  const set: Stage = {
    kind: "hosts",
    title: allocatable ? "Allow new volumes" : "Stop new volumes",
    steps: [{ host: writer.host, command: setAllocatable(allocatable, devices), why }],
  };
  const proof: Stage = {
    kind: "hosts",
    title: `Every host reads that ${storage.name} ${allocatable ? "takes" : "takes no"} new volumes`,
    steps: readers.map((host) => ({
      host,
      check: allAre(allocatable, storage.uuid),
      why: "proves it on the disks",
    })),
  };
  return devices.length === 0 ? [proof] : [set, proof];
}

function allAre(allocatable: boolean, volumeGroup: string) {
  return check(
    listAllocations,
    (allocations) => {
      const members = allocations.filter((each) => each.volumeGroup === volumeGroup);
      if (members.length === 0) return `sees no physical volume of ${volumeGroup}`;
      const others = members.filter((each) => each.allocatable !== allocatable).length;
      if (others === 0) return null;
      return `${others} of ${members.length} physical volumes still ${allocatable ? "give no room" : "give room"} to new volumes`;
    },
    [volumeGroup],
  );
}

export function diskTable(view: AllocationView, volumeGroup: string, allocatable: boolean): Part {
  const wordOf = (yes: boolean) => (yes ? "takes new volumes" : "takes none");
  return {
    kind: "table",
    columns: ["shared block", "now", "then"],
    rows: disksOf(view, volumeGroup).map((disk) => [disk.name, wordOf(disk.allocatable), wordOf(allocatable)]),
  };
}

import type { Host, PrimaryStorage } from "../../core/inventory.ts";
import type { NotUnderstood } from "../../core/not-understood.ts";
import { type Reason, reason } from "../../core/refusal.ts";
import type { BlockDevice } from "../../core/storage.ts";
import { problemFixes } from "../../host/problem.ts";
import type { HostView } from "./host-view.ts";
import { indexOf } from "./view-index.ts";

/**
 * Output of a host that was not understood and is about one of these objects: LUNs by WWID, volume groups by name. No
 * change of such an object may use the host's answers.
 */
export function notUnderstoodAbout(view: HostView, objects: readonly string[]): readonly NotUnderstood[] {
  // In most cases there is none.
  if (view.notUnderstood.length === 0) return [];
  const names = new Set(objects.flatMap((object) => namesOf(object, view)));
  for (const name of [...names]) names.add(`/dev/${name}`).add(`/dev/mapper/${name}`);
  const { notUnderstoodByName, notUnderstoodAboutAny } = indexOf(view);
  const found = new Set([
    ...notUnderstoodAboutAny,
    ...[...names].flatMap((name) => notUnderstoodByName.get(name) ?? []),
  ]);
  return [...found].sort((left, right) => left.place - right.place).map(({ value }) => value);
}

/** The objects of a storage, for `notUnderstoodAbout`. */
export const objectsOf = ({ uuid, sharedBlocks }: Pick<PrimaryStorage, "uuid" | "sharedBlocks">): string[] => [
  uuid,
  ...sharedBlocks.map(({ wwid }) => wwid),
];

/** All names that a host's tools may use for it. */
function namesOf(object: string, view: HostView): string[] {
  const { maps, linked, rootByKernelName, disksByWwn, volumesOfGroup } = indexOf(view);
  const links = [`scsi-${object}`, `dm-uuid-mpath-${object}`];
  const devices = links.flatMap((name) => linked.get(name) ?? []);
  const itsMaps = maps.get(object) ?? [];
  const paths = itsMaps.flatMap((map) => map.paths.map(({ device }) => device));
  const disks = [
    ...[...devices, ...paths].flatMap((name) => rootByKernelName.get(name) ?? []),
    ...(disksByWwn.get(`0x${object.slice(1)}`) ?? []),
  ];
  return [
    ...[object, ...links, ...devices, ...paths],
    ...itsMaps.flatMap(({ alias, dmName }) => (alias === null ? [dmName] : [alias, dmName])),
    ...disks.flatMap(withAllAbove),
    ...(volumesOfGroup.get(object) ?? []).map((volume) => volume.device.replace(/^\/dev\//, "")),
  ];
}

const withAllAbove = (device: BlockDevice): string[] => [
  device.name,
  device.kernelName,
  ...device.children.flatMap(withAllAbove),
];

/**
 * A host that can't be read may have the LUN mounted. So nothing is written before all hosts have answered. `objects`:
 * the objects of the change, LUNs by WWID and volume groups by name.
 */
export const unreadHosts = (views: readonly HostView[], objects: readonly string[]): Reason[] =>
  views.flatMap((view) => {
    const unclear = notUnderstoodAbout(view, objects).map(({ why }) => why);
    return [...new Set([...view.problems, ...unclear])].map((why) => unreadHost(view.host, why, view.isUnreachable));
  });

/** `isUnreachable`: the host answered no read at all. */
export const unreadHost = ({ name }: Host, why: string, isUnreachable = false): Reason =>
  reason(
    isUnreachable ? "HOST_UNREACHABLE" : "HOST_UNREADABLE",
    `${name} can't be read completely: ${why}`,
    ...problemFixes(why, name),
  );

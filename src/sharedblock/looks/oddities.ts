import type { PrimaryStorage } from "../../core/inventory.ts";
import { concerns, type NotUnderstood } from "../../core/not-understood.ts";
import type { BlockDevice } from "../../core/storage.ts";
import type { HostView } from "./host-view.ts";

/**
 * What of a host's answers was not understood and is about one of these objects: LUNs by WWID, volume groups by name. No
 * change of such an object may rest on the host's answers.
 */
export function oddAbout(view: HostView, objects: readonly string[]): readonly NotUnderstood[] {
  // Mostly there is none.
  if (view.notUnderstood.length === 0) return [];
  const names = new Set(objects.flatMap((object) => namesOf(object, view)));
  for (const name of [...names]) names.add(`/dev/${name}`).add(`/dev/mapper/${name}`);
  return view.notUnderstood.filter((odd) => concerns(odd, [...names]));
}

/** What a storage is made of, as `oddAbout` asks. */
export const objectsOf = ({ uuid, sharedBlocks }: Pick<PrimaryStorage, "uuid" | "sharedBlocks">): string[] => [
  uuid,
  ...sharedBlocks.map(({ wwid }) => wwid),
];

/** By what a host's tools may name it. */
function namesOf(object: string, { maps, ids, devices, volumes }: HostView): string[] {
  const links = [`scsi-${object}`, `dm-uuid-mpath-${object}`];
  const linked = ids.flatMap(({ name, device }) => (links.includes(name) ? [device] : []));
  const itsMaps = maps.filter(({ wwid }) => wwid === object);
  const paths = itsMaps.flatMap((map) => map.paths.map(({ device }) => device));
  const disks = devices.filter(
    ({ kernelName, wwn }) =>
      linked.includes(kernelName) || paths.includes(kernelName) || wwn?.toLowerCase() === `0x${object.slice(1)}`,
  );
  return [
    ...[object, ...links, ...linked, ...paths],
    ...itsMaps.flatMap(({ alias, dmName }) => (alias === null ? [dmName] : [alias, dmName])),
    ...disks.flatMap(withAllAbove),
    ...volumes.flatMap((volume) => (volume.volumeGroup === object ? [volume.device.replace(/^\/dev\//, "")] : [])),
  ];
}

const withAllAbove = (device: BlockDevice): string[] => [
  device.name,
  device.kernelName,
  ...device.children.flatMap(withAllAbove),
];

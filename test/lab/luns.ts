export type Transport = "iscsi" | "virtio";

export interface Lun {
  readonly name: string;
  readonly transport: Transport;
  /** The array's own number. A host may see another one. */
  readonly number: number;
  readonly wwid: string;
  readonly sizeBytes: number;
  /** Shell commands that fill `$1` once, when the image is built; none for a blank LUN. */
  readonly fill: string | null;
}

const gib = 1024 ** 3;

/** tgt derives the identity of a LUN from the numbers of target (1) and LUN. scsi_id puts `3` (NAA) before it. */
const iscsi = (name: string, number: number, sizeGib: number, fill: string | null): Lun => ({
  name,
  transport: "iscsi",
  number,
  wwid: `360000000000000000e0000000001${number.toString(16).padStart(4, "0")}`,
  sizeBytes: sizeGib * gib,
  fill,
});

/** QEMU needs a 64-bit WWN. */
const virtio = (name: string, number: number, sizeGib: number, fill: string | null): Lun => ({
  name,
  transport: "virtio",
  number,
  wwid: `35000c50000001a0${number.toString(16)}`,
  sizeBytes: sizeGib * gib,
  fill,
});

/** What the array offers: each case of the main job. A shared volume group needs more than 4 GiB. */
export const luns: readonly Lun[] = [
  iscsi("blank-iscsi", 1, 8, null),
  iscsi("ext4", 2, 1, 'mkfs.ext4 -q -F -L lab-data "$1"'),
  iscsi("other-vg", 3, 1, 'pvcreate -q "$1" && vgcreate -q other_vg "$1"'),
  virtio("blank-virtio", 1, 8, null),
  virtio("gpt", 2, 1, 'printf "label: gpt\\n,\\n" | sfdisk -q "$1"'),
  virtio("orphan-pv", 3, 8, 'pvcreate -q "$1"'),
];

export function lunNamed(nameOrWwid: string): Lun {
  const lun = luns.find((each) => each.name === nameOrWwid || each.wwid === nameOrWwid);
  if (lun === undefined) throw new Error(`there is no LUN ${nameOrWwid}: ${luns.map(({ name }) => name).join(", ")}`);
  return lun;
}

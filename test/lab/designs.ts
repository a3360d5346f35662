import { type Lun, luns } from "./luns.ts";

/** How one guest differs from the others. */
export interface GuestDesign {
  readonly name: string;
  readonly user: "root" | "zstack";
  /** `mpatha`, `mpathb` … in this order; null if maps have their WWIDs as names. */
  readonly aliases: readonly Lun[] | null;
  /** The number under which the virtio controllers offer a LUN; sdX names come in this order. */
  virtioNumber(lun: Lun): number;
}

const virtioLuns = luns.filter((lun) => lun.transport === "virtio");

/**
 * mpatha of the first guest is another LUN on the third. The disks of the second have their names in another order.
 * The user of the third is not root.
 */
export const guestDesigns: readonly GuestDesign[] = [
  { name: "sharedblock-host1", user: "root", aliases: luns, virtioNumber: (lun) => lun.number },
  { name: "sharedblock-host2", user: "root", aliases: null, virtioNumber: (lun) => virtioLuns.length + 1 - lun.number },
  { name: "sharedblock-host3", user: "zstack", aliases: luns.toReversed(), virtioNumber: (lun) => lun.number },
];

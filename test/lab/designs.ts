import { type Lun, luns } from "./luns.ts";

/** How one guest differs from the others. */
export interface GuestDesign {
  readonly name: string;
  readonly user: "root" | "zstack";
  /** `mpatha`, `mpathb` … in this order; null where maps bear their WWIDs. */
  readonly aliases: readonly Lun[] | null;
  /** The number under which the virtio controllers offer a LUN; sdX names come in this order. */
  virtioNumber(lun: Lun): number;
}

const virtioLuns = luns.filter((lun) => lun.transport === "virtio");

/** mpatha of the first is another LUN on the third, the second's disks are named in another order, the third's user is not root. */
export const guestDesigns: readonly GuestDesign[] = [
  { name: "sharedblock-host1", user: "root", aliases: luns, virtioNumber: (lun) => lun.number },
  { name: "sharedblock-host2", user: "root", aliases: null, virtioNumber: (lun) => virtioLuns.length + 1 - lun.number },
  { name: "sharedblock-host3", user: "zstack", aliases: luns.toReversed(), virtioNumber: (lun) => lun.number },
];

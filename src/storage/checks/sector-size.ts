import { type Reason, reason } from "../../core/refusal.ts";
import type { Lun } from "../observe/lun.ts";

/**
 * LVM makes no volume group of disks with sectors of different sizes ("Devices have inconsistent logical block sizes"),
 * and would say so only after they were wiped. `members` are the LUNs that the group has already.
 */
export function sectorObjections(luns: readonly Lun[], members: readonly Lun[]): Reason[] {
  const sectors = [...new Set([...members, ...luns])].flatMap((lun) => {
    const bytes = lun.on.find((on) => on.logicalSectorBytes !== null)?.logicalSectorBytes ?? null;
    return bytes === null ? [] : [{ wwid: lun.wwid, bytes }];
  });
  if (new Set(sectors.map(({ bytes }) => bytes)).size < 2) return [];
  const each = sectors.map(({ wwid, bytes }) => `${wwid} ${bytes} bytes`).join(", ");
  return [reason("LUN_UNSUITABLE", `LUNs with different sector sizes can't be one volume group: ${each}`)];
}

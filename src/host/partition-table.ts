import type { Signature } from "../core/storage.ts";

/** What libblkid calls a partition table, by the names that wipefs prints. */
const TABLES: readonly string[] = [
  ...["aix", "atari", "bsd", "dasd", "dos", "gpt", "PMBR", "mac", "mbr", "minix_pt", "sgi", "solaris", "sun"],
  ...["ultrix", "unixware"],
];

/** File systems whose first sector ends with 55AA, as that of a partition table does. */
const WITH_BOOT_SECTOR: readonly string[] = ["ntfs", "exfat", "vfat", "BitLocker", "ReFS", "hpfs"];
const BOOT_SECTOR_BYTES = 512;

/** Whether a signature is of a partition table; `all` are those of the same device. */
export function isPartitionTable({ type, offsetBytes }: Signature, all: readonly Signature[]): boolean {
  const isEndOfBootSector =
    type === "dos" &&
    offsetBytes === 510 &&
    all.some((each) => WITH_BOOT_SECTOR.includes(each.type) && each.offsetBytes < BOOT_SECTOR_BYTES);
  return TABLES.includes(type) && !isEndOfBootSector;
}

/**
 * Every partition table that libblkid knows, by its name for it, for a wipefs that does not say what a signature is of.
 * minix is left out: its table lies within another, and the name is that of its file system.
 */
const TABLES: ReadonlySet<string> = new Set([
  ...["aix", "atari", "bsd", "dasd", "dos", "gpt", "mac", "PMBR", "sgi", "solaris", "sun", "ultrix", "unixware"],
  // Names of other versions and tools for the same.
  ...["mbr", "minix_pt", "solaris_x86", "amiga", "rdb", "atari_pt"],
]);

/** These begin with a boot sector of their own, whose 55AA some versions name `dos` as well. */
const WITH_BOOT_SECTOR: ReadonlySet<string> = new Set([
  ...["ntfs", "exfat", "vfat", "fat", "msdos", "hpfs", "BitLocker", "ReFS", "refs"],
]);

const BOOT_SECTOR_BYTES = 512;

interface Found {
  readonly offsetBytes: number;
  readonly type: string;
  /** As wipefs says it: `filesystem`, `raid`, `crypto`, `partition-table` …; null where this version does not. */
  readonly usage: string | null;
}

/** Whether a signature is that of a partition table, by what else lies on the disk: a file system's boot sector is none. */
export function marksPartitionTable({ offsetBytes, type, usage }: Found, all: readonly Found[]): boolean {
  const isBootSector = ["dos", "mbr"].includes(type) && offsetBytes < BOOT_SECTOR_BYTES;
  if (isBootSector && all.some((one) => WITH_BOOT_SECTOR.has(one.type) && one.offsetBytes < BOOT_SECTOR_BYTES))
    return false;
  return TABLES.has(type) || usage === "partition-table";
}

import { createHash } from "node:crypto";
import type { Content, SanPartition, SanSignature } from "./san-state.ts";

/** What may be on a LUN, as the formatting tools write it: the offsets and first bytes are measured on real ones. */

export const blank = (): Content => ({
  signatures: [],
  firstByte: null,
  firstByteOnceWiped: null,
  partitions: [],
  physicalVolume: null,
  erased: null,
});

const fileSystems = {
  ext4: { offsetBytes: 0x438, magic: "53ef", firstByte: 1026, firstByteOnceWiped: 1026 },
  xfs: { offsetBytes: 0, magic: "58465342", firstByte: 1, firstByteOnceWiped: 7 },
  swap: { offsetBytes: 0xff6, magic: "53574150535041434532", firstByte: 1025, firstByteOnceWiped: 1025 },
} as const;
type FileSystem = keyof typeof fileSystems;

/** As mkfs leaves it. */
export function fileSystem(type: FileSystem, label: string | null, uuid = fileSystemUuid(`${type} ${label}`)): Content {
  const { offsetBytes, magic, firstByte, firstByteOnceWiped } = fileSystems[type];
  return { ...blank(), signatures: [{ offsetBytes, type, label, uuid, magic }], firstByte, firstByteOnceWiped };
}

/** As sgdisk leaves it: the table, its copy in the last sector, and the protective MBR. */
export function guidPartitions(lunBytes: number, partitions: readonly SanPartition[]): Content {
  const table = { type: "gpt", label: null, uuid: null, magic: "4546492050415254" };
  return {
    ...blank(),
    signatures: [
      { ...table, offsetBytes: 0x200 },
      { ...table, offsetBytes: lunBytes - 512 },
      { offsetBytes: 0x1fe, type: "PMBR", label: null, uuid: null, magic: "55aa" },
    ],
    firstByte: 449,
    firstByteOnceWiped: 449,
    partitions: [...partitions],
  };
}

/** A partition table that Linux seldom meets; the kernel makes no partitions of it. */
export const aixTable = (): Content => ({
  ...blank(),
  signatures: [{ offsetBytes: 0, type: "aix", label: null, uuid: null, magic: "c9c2d4c1" }],
  firstByte: 1,
  firstByteOnceWiped: 5,
});

/** As Windows leaves it on a whole disk; some versions of wipefs take its boot sector for a table too. */
export const ntfsOnWholeDisk = (): Content => ({
  ...blank(),
  signatures: [
    { offsetBytes: 3, type: "ntfs", label: null, uuid: "5A1C2F3E4B6D7A80", magic: "4e54465320202020" },
    { offsetBytes: 0x1fe, type: "dos", label: null, uuid: null, magic: "55aa" },
  ],
  firstByte: 1,
  firstByteOnceWiped: 1,
});

/** Bytes that no tool knows: no signature, and not blank. */
export const unknownData = (firstByte: number): Content => ({ ...blank(), firstByte, firstByteOnceWiped: firstByte });

/** As pvcreate leaves it. `dataStartBytes` is the start of the first extent. */
export function physicalVolume(
  uuid: string,
  sizes: { readonly sizeBytes: number; readonly dataStartBytes: number },
  volumeGroupUuid: string | null,
): Content {
  return {
    ...blank(),
    signatures: [{ offsetBytes: 0x218, type: "LVM2_member", label: null, uuid, magic: "4c564d3220303031" }],
    firstByte: 513,
    firstByteOnceWiped: 513,
    physicalVolume: { uuid, ...sizes, volumeGroupUuid, allocatable: true },
  };
}

/** Erases magic strings; the other bytes stay, so a wiped LUN is not a blank one. */
export function eraseSignatures(content: Content, erased: (signature: SanSignature) => boolean): Content {
  const left = content.signatures.filter((signature) => !erased(signature));
  const gone = content.signatures.filter(erased);
  const { firstByte, partitions, physicalVolume } = content;
  const has = (...types: string[]) => left.some((signature) => types.includes(signature.type));
  return {
    signatures: left,
    firstByte: left.length > 0 ? content.firstByte : content.firstByteOnceWiped,
    firstByteOnceWiped: content.firstByteOnceWiped,
    partitions: has("gpt", "dos") ? content.partitions : [],
    physicalVolume: has("LVM2_member") ? content.physicalVolume : null,
    erased: gone.length === 0 ? content.erased : { signatures: gone, firstByte, partitions, physicalVolume },
  };
}

/** Writes bytes: an erased magic string is restored, and its signature with it. */
export function writeMagic(content: Content, offsetBytes: number, magic: string): Content {
  const { erased } = content;
  const found = erased?.signatures.find((one) => one.offsetBytes === offsetBytes && one.magic === magic);
  if (!erased || !found) return content;
  const rest = erased.signatures.filter((one) => one !== found);
  return {
    ...content,
    signatures: [...content.signatures, found].sort((a, b) => a.offsetBytes - b.offsetBytes),
    firstByte: erased.firstByte,
    partitions: ["gpt", "dos"].includes(found.type) ? erased.partitions : content.partitions,
    physicalVolume: found.type === "LVM2_member" ? erased.physicalVolume : content.physicalVolume,
    erased: rest.length === 0 ? null : { ...erased, signatures: rest },
  };
}

/** An LVM UUID that depends on its name only: `zUbBDF-i1Sg-YU3g-h2jN-m7hr-H9Dh-qgmsnF`. */
export function lvmUuid(name: string): string {
  const alphabet = "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ";
  const letters = [...createHash("sha256").update(name).digest()].map(
    (byte) => alphabet[byte % alphabet.length] ?? "0",
  );
  return [6, 4, 4, 4, 4, 4, 6].map((length) => letters.splice(0, length).join("")).join("-");
}

/** A file system's UUID that depends on its name only. */
export function fileSystemUuid(name: string): string {
  const hex = createHash("sha256").update(name).digest("hex");
  return [hex.slice(0, 8), hex.slice(8, 12), `4${hex.slice(13, 16)}`, `a${hex.slice(17, 20)}`, hex.slice(20, 32)].join(
    "-",
  );
}

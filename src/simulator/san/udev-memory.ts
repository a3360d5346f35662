import type { Content, RememberedByUdev, SanHost } from "./san-state.ts";

/** The part of a SAN that udev reads: its LUNs. */
interface Luns {
  lun(wwid: string): { readonly content: Content };
}

/**
 * What a host's udev has recorded about a LUN, and lsblk shows. udev probes when a disk or a map of the LUN appears,
 * after a program of the same host wrote to it, and on request. It does not notice writes of another host.
 */
type Remembered = Omit<RememberedByUdev, "wwid">;

export const rememberedOf = (san: Luns, host: SanHost, wwid: string): Remembered =>
  memoryOf(host, wwid) ?? onDisk(san.lun(wwid).content);

/** The host's udev reads the LUN. */
export function probeAgain(san: Luns, host: SanHost, wwid: string): void {
  const before = memoryOf(host, wwid);
  const now = { wwid, ...onDisk(san.lun(wwid).content) };
  if (before && isSame(before, now)) return;
  host.udevMemory = [...host.udevMemory.filter((each) => each !== before), now];
}

/** As at boot: of every LUN that the host has a disk or a map of. */
export function probeAll(san: Luns, host: SanHost): void {
  for (const wwid of knownTo(host)) probeAgain(san, host, wwid);
}

/** The default for a SAN without a udev record, from an older file or a new one: udev has just probed. */
export function probeUnknown(san: Luns, host: SanHost): void {
  for (const wwid of knownTo(host)) if (memoryOf(host, wwid) === null) probeAgain(san, host, wwid);
}

const knownTo = (host: SanHost): Set<string> =>
  new Set([...host.paths.filter(({ device }) => device !== null), ...host.maps].map(({ wwid }) => wwid));

const memoryOf = (host: SanHost, wwid: string): RememberedByUdev | null =>
  host.udevMemory.find((each) => each.wwid === wwid) ?? null;

const isSame = (one: Remembered, other: Remembered): boolean =>
  one.fileSystem === other.fileSystem && one.label === other.label && one.uuid === other.uuid;

/** Like udev's blkid, which names a file system or a physical volume and leaves partition tables aside. */
function onDisk({ signatures }: Content): Remembered {
  const found = signatures.find(({ type }) => !["gpt", "PMBR", "dos"].includes(type));
  return found
    ? { fileSystem: found.type, label: found.label, uuid: found.uuid }
    : { fileSystem: null, label: null, uuid: null };
}

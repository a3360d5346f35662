import type { Content, RememberedByUdev, SanHost } from "./san-state.ts";

/** The part of a SAN that udev reads: its LUNs. */
interface Luns {
  lun(wwid: string): { readonly content: Content };
}

/**
 * What a host's udev has noted of a LUN, and lsblk tells: it looks when a disk or a map of the LUN appears, when a program
 * of that same host has written to it, and when it is told to. What another host writes it does not notice.
 */
type Remembered = Omit<RememberedByUdev, "wwid">;

export const rememberedOf = (san: Luns, host: SanHost, wwid: string): Remembered =>
  memoryOf(host, wwid) ?? onDisk(san.lun(wwid).content);

/** The host's udev reads the LUN. */
export function lookAgain(san: Luns, host: SanHost, wwid: string): void {
  const before = memoryOf(host, wwid);
  const now = { wwid, ...onDisk(san.lun(wwid).content) };
  if (before && isSame(before, now)) return;
  host.udevMemory = [...host.udevMemory.filter((each) => each !== before), now];
}

/** As at boot: of every LUN that the host has a disk or a map of. */
export function lookAtAll(san: Luns, host: SanHost): void {
  for (const wwid of knownTo(host)) lookAgain(san, host, wwid);
}

/** What a SAN of an older file, or a new one, does not say of its hosts' udev: it is as if it had just looked. */
export function lookAtUnknown(san: Luns, host: SanHost): void {
  for (const wwid of knownTo(host)) if (memoryOf(host, wwid) === null) lookAgain(san, host, wwid);
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

import type { Host } from "../core/inventory.ts";
import { few } from "../core/shared-facts.ts";
import { readRealPath, readTextFile } from "../host/file.ts";
import { ETC_HOSTS, etcHosts, type HostsEntry, managedEntries, otherEntries } from "../host/hostname.ts";
import { type FileSeen, replaceFile } from "../storage/steps/replace-file.ts";
import { isLoopback } from "./addresses.ts";
import { type Difference, hasText } from "./difference.ts";

export const hostsFileReads = { hostsFile: readTextFile(ETC_HOSTS), hostsFileAt: readRealPath(ETC_HOSTS) };

/** The managed block of /etc/hosts. A block without a known line is removed, because it could only mislead. */
export function hostsFileDifference(host: Host, file: FileSeen, entries: readonly HostsEntry[]): Difference[] {
  const before = file.text;
  const text = etcHosts(before, entries);
  if (text === (before ?? "")) return [];
  const names = few(entries.map(({ name }) => name));
  const [what, proof] =
    entries.length === 0
      ? ["without our block; the rest stays", "proves that the block is gone"]
      : [`a block with ${names}; the rest stays`, "proves that the block is there"];
  const now = managedEntries(before);
  return [
    {
      host,
      what: ETC_HOSTS,
      now: now.length === 0 ? "no block of ours" : lines(now),
      wanted: entries.length === 0 ? "no block of ours: no address is certain" : lines(entries),
      steps: [
        ...replaceFile(host, file, text, what),
        { host, check: hasText(hostsFileReads.hostsFile, ETC_HOSTS, text), why: proof },
      ],
    },
  ];
}

const lines = (entries: readonly HostsEntry[]): string => few(entries.map(({ address, name }) => `${address} ${name}`));

/**
 * Lines outside the block that give a host of the cluster another address. Programs may use them. A line with a
 * loopback address for the host itself, as Debian's installer writes it (`127.0.1.1 sharedblock-host1`), misleads no
 * other host.
 */
export const contradictions = (host: Host, before: string | null, entries: readonly HostsEntry[]): string[] =>
  otherEntries(before).flatMap(({ address, name }) => {
    const ours = entries.find((entry) => entry.name === name);
    const isItself = name === host.name && isLoopback(address);
    return ours === undefined || ours.address === address || isItself
      ? []
      : [`${host.name}: ${address} ${name}, and the block says ${ours.address}`];
  });

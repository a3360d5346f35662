import type { Host } from "../core/inventory.ts";
import { ETC_HOSTS, etcHosts, type HostsEntry, managedEntries, otherEntries } from "../host/etc-hosts.ts";
import { readTextFile } from "../host/file.ts";
import { few } from "../sharedblock/matrix.ts";
import { replaceFile } from "../sharedblock/replace-file.ts";
import { type Difference, hasText } from "./difference.ts";

export const readHostsFile = readTextFile(ETC_HOSTS);

/** The managed block of /etc/hosts; `before` is the file as it is. */
export function hostsFileDifference(host: Host, before: string | null, entries: readonly HostsEntry[]): Difference[] {
  const text = etcHosts(before, entries);
  if (text === before || entries.length === 0) return [];
  const names = few(entries.map(({ name }) => name));
  const now = managedEntries(before);
  return [
    {
      host,
      what: ETC_HOSTS,
      now: now.length === 0 ? "no block of ours" : lines(now),
      wanted: lines(entries),
      steps: [
        ...replaceFile(host, ETC_HOSTS, before, text, `a block with ${names}; the rest stays`),
        { host, check: hasText(readHostsFile, ETC_HOSTS, text), why: "proves that the block is there" },
      ],
    },
  ];
}

const lines = (entries: readonly HostsEntry[]): string => few(entries.map(({ address, name }) => `${address} ${name}`));

/** Lines outside the block that give a host of the cluster another address; programs may believe those. */
export const contradictions = (host: Host, before: string | null, entries: readonly HostsEntry[]): string[] =>
  otherEntries(before).flatMap(({ address, name }) => {
    const ours = entries.find((entry) => entry.name === name);
    return ours === undefined || ours.address === address
      ? []
      : [`${host.name}: ${address} ${name}, and the block says ${ours.address}`];
  });

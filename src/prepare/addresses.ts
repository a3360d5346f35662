import type { Host } from "../core/inventory.ts";
import type { HostsEntry } from "../host/hostname.ts";

/** A host of the cluster with the addresses of its own interfaces. Null if the host was not asked or did not answer. */
export interface Neighbour {
  readonly host: Host;
  readonly own: readonly string[] | null;
}

export interface Addresses {
  readonly entries: readonly HostsEntry[];
  /** Hosts without an address, each with the reason. */
  readonly without: readonly string[];
}

const IPV4 = /^\d{1,3}(\.\d{1,3}){3}$/;
const isIp = (address: string): boolean => IPV4.test(address) || address.includes(":");
/** On another host, this address means that host itself. */
export const isLoopback = (address: string): boolean => address.startsWith("127.") || address === "::1";

/** The host is registered by an IP address that others can use, so it need not be asked. */
export const isKnownByRegistration = ({ address }: Host): boolean => isIp(address) && !isLoopback(address);

/** The address at which others reach each host: the registered one, or the only one it has. */
export function addressesOf(neighbours: readonly Neighbour[], keep: readonly HostsEntry[]): Addresses {
  const found = neighbours.map((neighbour) => ({ neighbour, address: addressOf(neighbour, keep) }));
  const entries: HostsEntry[] = [];
  const without: string[] = [];
  for (const { neighbour, address } of found) {
    const { name } = neighbour.host;
    const twins = found.filter((other) => other.address === address && other.neighbour !== neighbour);
    if (address === null) without.push(`${name}: ${whyNone(neighbour)}`);
    else if (twins.length > 0) {
      const names = twins.map((twin) => twin.neighbour.host.name).join(", ");
      without.push(`${name}: ${names} ${twins.length === 1 ? "has" : "have"} ${address} too`);
    } else entries.push({ address, name });
  }
  return { entries, without };
}

/**
 * A host keeps its address in the block while it does not answer, and while the address is one of several of its own.
 */
function addressOf({ host, own }: Neighbour, keep: readonly HostsEntry[]): string | null {
  if (isKnownByRegistration(host)) return host.address;
  const kept = keep.find((entry) => entry.name === host.name)?.address ?? null;
  if (own === null) return kept;
  const first = own.filter((address) => IPV4.test(address));
  const [only, another] = first.length > 0 ? first : own;
  if (only !== undefined && another === undefined) return only;
  return kept !== null && own.includes(kept) ? kept : null;
}

function whyNone({ host, own }: Neighbour): string {
  const register = "register it with the address that the other hosts use";
  if (own === null) return `registered with ${host.address}, and it did not report its own addresses`;
  if (own.length === 0) return `registered with ${host.address}, and it has no address of its own; ${register}`;
  return `registered with ${host.address}, and it has several of its own (${own.join(", ")}); ${register}`;
}

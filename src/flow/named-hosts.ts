import type { Finding } from "../core/finding.ts";
import type { Inventory } from "../core/inventory.ts";

export const wordsIn = (words: string): string[] => words.split(/[\s,=]+/);

const hostsNamed = new WeakMap<Inventory, Map<string, ReadonlySet<string>>>();
/**
 * The hosts that a command names, or the hosts of the clusters that it names; all if it names none. If an array dies, each
 * finding asks for them in each round.
 */
export function namedHosts(words: string, inventory: Inventory): ReadonlySet<string> {
  const known = hostsNamed.get(inventory) ?? new Map<string, ReadonlySet<string>>();
  hostsNamed.set(inventory, known);
  const found = known.get(words) ?? hostsOf(words, inventory);
  known.set(words, found);
  return found;
}

function hostsOf(words: string, { hosts, clusters }: Inventory): ReadonlySet<string> {
  const typed = new Set(wordsIn(words));
  const named = new Set(clusters.flatMap(({ uuid, name }) => (typed.has(name) ? [uuid] : [])));
  const own = hosts.filter(({ name, clusterUuid }) => typed.has(name) || named.has(clusterUuid));
  const isNone = own.length === 0 && named.size === 0;
  return new Set((isNone ? hosts : own).map(({ uuid }) => uuid));
}

/** The names that an operation locks if it changes this host. */
export function hostLocksOf({ clusterUuid, hostUuid }: Finding, inventory: Inventory): string[] {
  const names = namesIn(inventory);
  const [cluster, host] = [names.get(clusterUuid), names.get(hostUuid ?? "")];
  return [
    ...(cluster === undefined ? [] : [`hosts of ${cluster}`]),
    ...(host === undefined ? [] : [`scan of ${host}`, `iscsi of ${host}`]),
  ];
}

const namesOf = new WeakMap<Inventory, ReadonlyMap<string, string>>();
/** Names of clusters and hosts by their UUIDs. If an array dies, there are thousands of findings in each round. */
export function namesIn(inventory: Inventory): ReadonlyMap<string, string> {
  const known = namesOf.get(inventory);
  if (known !== undefined) return known;
  const names = new Map([...inventory.clusters, ...inventory.hosts].map(({ uuid, name }) => [uuid, name]));
  namesOf.set(inventory, names);
  return names;
}

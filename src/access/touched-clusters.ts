import type { Inventory } from "../core/inventory.ts";
import { type Plan, stepsOf } from "../core/plan.ts";

type Arguments = Readonly<Record<string, unknown>>;

/** The names of the clusters that a command names: itself, by one of their hosts, or by a storage that they serve. */
export function namedClusters(args: Arguments, inventory: Inventory): string[] {
  const typed = new Set(Object.values(args).flat());
  const { clusters, hosts, primaryStorages } = inventory;
  const uuids = [
    ...clusters.filter(({ name }) => typed.has(name)).map(({ uuid }) => uuid),
    ...hosts.filter(({ name }) => typed.has(name)).map(({ clusterUuid }) => clusterUuid),
    ...primaryStorages.filter(({ name }) => typed.has(name)).flatMap(({ clusterUuids }) => clusterUuids),
  ];
  return namesOf(uuids, inventory);
}

/**
 * The names of the clusters that a plan changes: those of its steps' hosts, and those that its command names. Empty: it
 * changes only the inventory, and no cluster in it.
 */
export function touchedClusters(plan: Plan, args: Arguments, inventory: Inventory): string[] {
  const ofSteps = namesOf(
    stepsOf(plan).map(({ host }) => host.clusterUuid),
    inventory,
  );
  return [...new Set([...namedClusters(args, inventory), ...ofSteps])].sort();
}

function namesOf(uuids: readonly string[], { clusters }: Inventory): string[] {
  const wanted = new Set(uuids);
  return clusters.flatMap(({ uuid, name }) => (wanted.has(uuid) ? [name] : [])).sort();
}

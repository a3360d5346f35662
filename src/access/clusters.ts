import type { Command } from "../core/command.ts";
import type { Inventory } from "../core/inventory.ts";
import { type Plan, stepsOf } from "../core/plan.ts";
import type { Needed } from "../core/role.ts";

type Arguments = Readonly<Record<string, unknown>>;

/**
 * The clusters that a command's words concern, as far as the inventory says. A storage is in the clusters that it is
 * attached to, unless the words name a cluster. `incidentCluster`: the UUID of the cluster of a named incident.
 */
function clustersNamed(
  command: Command,
  args: Arguments,
  inventory: Inventory,
  incidentCluster: string | null,
): readonly string[] {
  const [group = "", verb = ""] = command.name.split(" ");
  const own: string[] = [];
  const ofStorage: string[] = [];
  for (const [key, value] of Object.entries(args)) {
    if (Array.isArray(value) && key === "clusters") own.push(...value.map(String));
    if (typeof value !== "string") continue;
    const things = key === "name" ? thingsOf(group, verb) : key.split(/(?=[A-Z])/).map((word) => word.toLowerCase());
    if (things.includes("cluster")) own.push(...inventory.clusters.filter(isNamed(value)).map(({ name }) => name));
    if (things.includes("host")) {
      const hosts = inventory.hosts.filter(isNamed(value));
      own.push(
        ...namesOf(
          inventory,
          hosts.map(({ clusterUuid }) => clusterUuid),
        ),
      );
    }
    if (things.includes("storage")) {
      const storages = inventory.primaryStorages.filter(isNamed(value));
      ofStorage.push(
        ...namesOf(
          inventory,
          storages.flatMap(({ clusterUuids }) => clusterUuids),
        ),
      );
    }
  }
  if (incidentCluster !== null) own.push(...namesOf(inventory, [incidentCluster]));
  return [...new Set(own.length > 0 ? own : ofStorage)];
}

/** What the argument `name` names: the subject of the command. A new one has no cluster yet. */
function thingsOf(group: string, verb: string): readonly string[] {
  if (verb === "add" || verb === "import") return [];
  if (group === "sharedblock") return ["storage"];
  // The objects that `multipath history` takes.
  return group === "multipath" ? ["cluster", "host"] : [group];
}

const isNamed =
  (name: string) =>
  (each: { readonly name: string }): boolean =>
    each.name === name;

const namesOf = (inventory: Inventory, uuids: readonly string[]): string[] =>
  inventory.clusters.filter(({ uuid }) => uuids.includes(uuid)).map(({ name }) => name);

/** Where a command needs its role, as far as its words say. A change that names nothing is checked with its plan. */
export function neededByWords(
  command: Command,
  args: Arguments,
  inventory: Inventory,
  incidentCluster: string | null = null,
): Needed["clusters"] {
  const named = clustersNamed(command, args, inventory, incidentCluster);
  if (named.length > 0) return named;
  return command.kind === "change" ? "any" : "all";
}

/** Where a change needs its role: in the clusters of the hosts that it changes, and in those that its words name. */
export function neededByPlan(
  plan: Plan,
  command: Command,
  args: Arguments,
  inventory: Inventory,
): "all" | readonly string[] {
  const hosts = stepsOf(plan).map(({ host }) => host.clusterUuid);
  const all = [...new Set([...clustersNamed(command, args, inventory, null), ...namesOf(inventory, hosts)])];
  return all.length > 0 ? all : "all";
}

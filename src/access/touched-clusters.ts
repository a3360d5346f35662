import type { Command } from "../core/command.ts";
import type { Inventory } from "../core/inventory.ts";
import { type Plan, stepsOf } from "../core/plan.ts";
import type { Needed } from "../core/role.ts";

type Arguments = Readonly<Record<string, unknown>>;

/**
 * The names of the clusters that a command's words concern, as far as the inventory says. A storage is in the clusters
 * that it is attached to, unless the words name a cluster.
 */
export function namedClusters(command: Command, args: Arguments, inventory: Inventory): string[] {
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
  return [...new Set(own.length > 0 ? own : ofStorage)].sort();
}

/**
 * The names of the clusters that a plan changes: those of its steps' hosts, and those that its command names. Empty: it
 * changes only the inventory, and no cluster in it.
 */
export function touchedClusters(plan: Plan, command: Command, args: Arguments, inventory: Inventory): string[] {
  const ofSteps = stepsOf(plan).map(({ host }) => host.clusterUuid);
  return [...new Set([...namedClusters(command, args, inventory), ...namesOf(inventory, ofSteps)])].sort();
}

/** Where a person needs a role for a plan. A change of no cluster needs it for all. */
export function neededByPlan(
  plan: Plan,
  command: Command,
  args: Arguments,
  inventory: Inventory,
): "all" | readonly string[] {
  const touched = touchedClusters(plan, command, args, inventory);
  return touched.length > 0 ? touched : "all";
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

/**
 * Where a command needs its role, as far as its words say. A change that names nothing is checked with its plan.
 * `others`: the clusters of the incident or the operation that the words name.
 */
export function neededByWords(
  command: Command,
  args: Arguments,
  inventory: Inventory,
  others: readonly string[] = [],
): Needed["clusters"] {
  const named = [...new Set([...namedClusters(command, args, inventory), ...others])];
  if (named.length > 0) return named;
  return command.kind === "change" ? "any" : "all";
}

import type { Command } from "../core/command.ts";
import type { Inventory } from "../core/inventory.ts";
import type { WatchFacts } from "../core/watch-facts.ts";
import type { World } from "./ports.ts";

type Thing = "zone" | "cluster" | "host" | "sharedblock";

/**
 * Whether the inventory has every name in a command's arguments, and does not yet have a new one. Only such a command
 * is suggested. An argument's key says what it names; `name` names the subject of the command.
 */
export function namesAreKnown(
  command: Command,
  args: Readonly<Record<string, unknown>>,
  { inventory, operations, watch }: Pick<World, "inventory" | "operations" | "watch">,
): boolean {
  const [group = "", verb = ""] = command.name.split(" ");
  const now = inventory.current();
  return Object.entries(args).every(([key, value]) => {
    if (typeof value !== "string") return true;
    if (group === "operation" && key === "id") return operations.get(value) !== null;
    if (group === "incident" && key === "id") return openIncidents(watch()).includes(value);
    const own = key === "name" || key === "new" ? kindOf(group) : null;
    const isNew = key === "new" || (key === "name" && ["add", "import"].includes(verb));
    if (own !== null) return named(now, own).includes(value) !== isNew;
    const things = kindsOf(key);
    return things.length === 0 || things.some((thing) => named(now, thing).includes(value));
  });
}

/** The known names that an argument can have; empty if it names nothing known. */
export function namesFor(
  command: Command,
  key: string,
  { inventory: store, watch }: Pick<World, "inventory" | "watch">,
): string[] {
  const [group = "", verb = ""] = command.name.split(" ");
  const inventory = store.current();
  if (group === "incident" && key === "id") return openIncidents(watch());
  if (key === "new" || (key === "name" && ["add", "import"].includes(verb))) return [];
  if (key === "name") return [kindOf(group)].flatMap((thing) => (thing === null ? [] : named(inventory, thing)));
  return kindsOf(key).flatMap((thing) => named(inventory, thing));
}

/** Incidents that people may act on. */
const openIncidents = (watch: WatchFacts | null): string[] =>
  (watch?.incidents() ?? []).filter(({ openedAt }) => openedAt !== null).map(({ id }) => id);

/** `hostOrCluster` → host, cluster */
const kindsOf = (key: string): Thing[] => key.split(/(?=[A-Z])/).flatMap((word) => kindOf(word.toLowerCase()) ?? []);

const kindOf = (word: string): Thing | null =>
  word === "zone" || word === "cluster" || word === "host" || word === "sharedblock"
    ? word
    : word === "storage"
      ? "sharedblock"
      : null;

function named(inventory: Inventory, thing: Thing): string[] {
  const all = {
    zone: inventory.zones,
    cluster: inventory.clusters,
    host: inventory.hosts,
    sharedblock: inventory.primaryStorages,
  };
  return all[thing].map(({ name }) => name);
}

import type { Facts } from "./facts.ts";
import { clusterNamed, hostsOf, refuse, storageOf, zoneNamed } from "./find.ts";
import type { InventoryChange } from "./inventory-change.ts";
import { type Plan, plan } from "./plan.ts";
import { Refusal } from "./refusal.ts";
import type { Part } from "./reply.ts";

/** The plan of a change that touches no host: the inventory alone. */
export const inventoryPlan = (
  { title, verb, undo }: Pick<Plan, "title" | "verb" | "undo">,
  changes: readonly InventoryChange[],
  facts: readonly Part[] = [],
): Plan =>
  plan({
    title,
    verb,
    undo,
    facts,
    stages: [{ kind: "record", title: "Write the inventory", changes }],
    locks: ["inventory"],
  });

export async function planAddZone({ name }: { readonly name: string }, { inventory, uuid }: Facts): Promise<Plan> {
  if (inventory.zones.some((zone) => zone.name === name)) {
    throw new Refusal(`adding zone ${name}`, "there is a zone of that name already", ["zone list"]);
  }
  return inventoryPlan({ title: `Add zone ${name}`, verb: "Add Zone", undo: { command: `zone remove ${name}` } }, [
    { kind: "zone added", zone: { uuid: uuid(`zone ${name}`), name } },
  ]);
}

export async function planRemoveZone({ name }: { readonly name: string }, { inventory }: Facts): Promise<Plan> {
  const zone = zoneNamed(inventory, name);
  const clusters = inventory.clusters.filter((cluster) => cluster.zoneUuid === zone.uuid);
  const storages = inventory.primaryStorages.filter((storage) => storage.zoneUuid === zone.uuid);
  refuse(
    `removing zone ${name}`,
    [
      ...clusters.map((cluster) => `it holds cluster ${cluster.name}`),
      ...storages.map((storage) => `primary storage ${storage.name} lies in it`),
    ],
    [
      ...storages.map((storage) => `sharedblock delete ${storage.name}`),
      ...clusters.map((cluster) => `cluster remove ${cluster.name}`),
    ],
  );
  return inventoryPlan({ title: `Remove zone ${name}`, verb: "Remove Zone", undo: { command: `zone add ${name}` } }, [
    { kind: "zone removed", uuid: zone.uuid },
  ]);
}

export async function planAddCluster(
  { name, zone }: { readonly name: string; readonly zone: string },
  { inventory, uuid }: Facts,
): Promise<Plan> {
  const zoneUuid = zoneNamed(inventory, zone).uuid;
  const taken =
    inventory.clusters.some((each) => each.name === name) || inventory.hosts.some((each) => each.name === name);
  if (taken) throw new Refusal(`adding cluster ${name}`, "the name is taken by a cluster or host", ["inventory"]);
  const cluster = { uuid: uuid(`cluster ${name}`), name, zoneUuid };
  return inventoryPlan(
    { title: `Add cluster ${name} to ${zone}`, verb: "Add Cluster", undo: { command: `cluster remove ${name}` } },
    [{ kind: "cluster added", cluster }],
  );
}

export async function planRemoveCluster({ name }: { readonly name: string }, { inventory }: Facts): Promise<Plan> {
  const cluster = clusterNamed(inventory, name);
  const hosts = hostsOf(inventory, cluster);
  const storage = storageOf(inventory, cluster);
  const objections = [
    ...hosts.map((host) => `it holds host ${host.name}`),
    ...(storage === null ? [] : [`the storage ${storage.name} is attached to it`]),
  ];
  refuse(`removing cluster ${name}`, objections, [`cluster show ${name}`]);
  return inventoryPlan(
    { title: `Remove cluster ${name}`, verb: "Remove Cluster", undo: { none: "Add it again with cluster add." } },
    [{ kind: "cluster removed", uuid: cluster.uuid }],
  );
}

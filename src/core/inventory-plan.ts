import { counted } from "./counted.ts";
import type { Facts } from "./facts.ts";
import { clusterNamed, hostsOf, storageOf, zoneNamed } from "./find.ts";
import type { InventoryChange } from "./inventory-change.ts";
import { type Plan, plan } from "./plan.ts";
import { Refusal, reason, refuse } from "./refusal.ts";
import type { Inline, Part } from "./reply.ts";

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
    const why = reason("NAME_TAKEN", "a zone of that name exists already");
    throw new Refusal(`Zone ${name} can't be added`, why, { next: ["zone list"] });
  }
  return inventoryPlan({ title: `Add zone ${name}`, verb: "Add Zone", undo: { command: `zone remove ${name}` } }, [
    { kind: "zone added", zone: { uuid: uuid(`zone ${name}`), name } },
  ]);
}

export async function planRemoveZone({ name }: { readonly name: string }, { inventory }: Facts): Promise<Plan> {
  const zone = zoneNamed(inventory, name);
  const clusters = inventory.clusters.filter((cluster) => cluster.zoneUuid === zone.uuid);
  const storages = inventory.primaryStorages.filter((storage) => storage.zoneUuid === zone.uuid);
  refuse(`Zone ${name} can't be removed`, [
    ...storages.map((each) =>
      reason("NOT_EMPTY", `storage ${each.name} is in it`, { run: `sharedblock delete ${each.name}` }),
    ),
    ...clusters.map((each) =>
      reason("NOT_EMPTY", `cluster ${each.name} is in it`, { run: `cluster remove ${each.name}` }),
    ),
  ]);
  return inventoryPlan({ title: `Remove zone ${name}`, verb: "Remove Zone", undo: { command: `zone add ${name}` } }, [
    { kind: "zone removed", uuid: zone.uuid },
  ]);
}

export async function planAddCluster(
  { name, zone }: { readonly name: string; readonly zone: string },
  facts: Facts,
): Promise<Plan> {
  const { inventory, uuid } = facts;
  const zoneUuid = zoneNamed(inventory, zone).uuid;
  const taken =
    inventory.clusters.some((each) => each.name === name) || inventory.hosts.some((each) => each.name === name);
  if (taken) {
    const why = reason("NAME_TAKEN", `${name} is the name of a cluster or host`);
    throw new Refusal(`Cluster ${name} can't be added`, why, { next: ["inventory"] });
  }
  const cluster = { uuid: uuid(`cluster ${name}`), name, zoneUuid };
  const added = inventoryPlan(
    { title: `Add cluster ${name} to ${zone}`, verb: "Add Cluster", undo: { command: `cluster remove ${name}` } },
    [{ kind: "cluster added", cluster }],
  );
  return { ...added, afterwards: namesPart(name, (s) => ` already, and count${s} for the new cluster`, facts) };
}

export async function planRemoveCluster({ name }: { readonly name: string }, facts: Facts): Promise<Plan> {
  const { inventory } = facts;
  const cluster = clusterNamed(inventory, name);
  const hosts = hostsOf(inventory, cluster);
  const storage = storageOf(inventory, cluster);
  const reasons = [
    ...(storage === null
      ? []
      : [
          reason("NOT_EMPTY", `the storage ${storage.name} is attached to it`, {
            run: `sharedblock detach ${storage.name} ${name}`,
          }),
        ]),
    ...hosts.map((host) => reason("NOT_EMPTY", `host ${host.name} is in it`, { run: `host remove ${host.name}` })),
  ];
  refuse(`Cluster ${name} can't be removed`, reasons, { next: [`cluster show ${name}`] });
  const removed = inventoryPlan(
    { title: `Remove cluster ${name}`, verb: "Remove Cluster", undo: { none: "Add it again with cluster add." } },
    [{ kind: "cluster removed", uuid: cluster.uuid }],
  );
  return { ...removed, afterwards: namesPart(name, (s) => `, and stay${s} for a new cluster of this name`, facts) };
}

/**
 * What names a cluster and is in no inventory: granted roles, its channel, policy rules, freezes that are not over and
 * schedules. A plan that runs at once is never shown, so its end shows this too.
 */
function namesPart(name: string, consequence: (s: string) => string, facts: Facts): Plan["afterwards"] {
  const { access, policies, askedAt } = facts;
  const roles = access.grants().filter(({ clusters }) => clusters !== "all" && clusters.includes(name)).length;
  const channels = access.channels().filter(({ cluster }) => cluster === name).length;
  const rules = [...policies.set(), ...policies.configured].filter(({ cluster }) => cluster === name).length;
  const { freezes, schedules } = facts.freezes();
  // Planning again must give the same plan.
  const isOver = (until: string | null) => until !== null && Date.parse(until) <= Date.parse(askedAt);
  const frozen = freezes.filter(({ cluster, until }) => cluster === name && !isOver(until)).length;
  const weekly = schedules.filter(({ cluster }) => cluster === name).length;
  const all = [
    { count: roles, what: counted(roles, "role"), command: "role list" },
    { count: channels, what: "a channel", command: "channel list" },
    { count: rules, what: counted(rules, "policy rule"), command: "policy show" },
    { count: frozen, what: counted(frozen, "freeze"), command: "freeze list" },
    { count: weekly, what: counted(weekly, "freeze schedule"), command: "freeze list" },
  ].filter(({ count }) => count > 0);
  if (all.length === 0) return [];
  const s = all.length === 1 && all[0]?.count === 1 ? "s" : "";
  const text: Inline[] = [
    ...listed(all.map(({ what }) => what)),
    ` name${s} ${name}${consequence(s)}. To list them: `,
    ...listed([...new Set(all.map(({ command }) => command))].map((command) => ({ code: command }))),
    ".",
  ];
  return [{ part: { kind: "text", tone: "warning", text }, after: [] }];
}

/** `a, b and c` */
const listed = (all: readonly Inline[]): Inline[] =>
  all.flatMap((each, index) => (index === 0 ? [each] : [index === all.length - 1 ? " and " : ", ", each]));

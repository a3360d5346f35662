import { z } from "zod";
import { defineChange, type Facts } from "../../src/core/command.ts";
import { attachedHosts, hostNamed, storageNamed } from "../../src/core/find.ts";
import { type Host, nameSchema, type PrimaryStorage } from "../../src/core/inventory.ts";
import type { Plan } from "../../src/core/plan.ts";
import { Refusal } from "../../src/core/refusal.ts";
import { finishWords, isUnmade } from "../../src/storage/checks/unfinished.ts";
import { lookForRepair } from "../../src/storage/health/repair-observation.ts";
import { reconnectionPlan, repairsOf } from "../../src/storage/plans/reconnect.ts";

const args = z.strictObject({
  name: nameSchema.describe("name of the primary storage"),
  host: nameSchema.describe("the host to bring back; without it every host").optional(),
});

export const sharedBlockReconnect = defineChange({
  name: "sharedblock reconnect",
  summary:
    "bring a host or all back to a storage: scan, maps, settings, services, locks; says what was wrong with each",
  risk: "reversible",
  args,
  positional: ["name", "host"],
  examples: ["sharedblock reconnect ps-1", "sharedblock reconnect ps-1 sharedblock-host2"],
  plan,
});

async function plan({ name, host: hostName }: z.output<typeof args>, facts: Facts): Promise<Plan> {
  const storage = storageNamed(facts.inventory, name);
  const what = hostName === undefined ? name : `${hostName} to ${name}`;
  const doing = `reconnecting ${what}`;
  refuseOutOfService(doing, storage, facts);
  const all = attachedHosts(facts.inventory, storage);
  const hosts = hostName === undefined ? all : [attachedHost(doing, hostName, all, storage, facts)];
  if (hosts.length === 0) throw new Refusal(doing, "no host of its clusters is registered", ["help host add"]);
  const repairs = repairsOf(hosts, storage, await lookForRepair(all, storage, facts));
  if (repairs.every(({ hopeless }) => hopeless)) {
    const why = repairs.map(({ look, wrong, cannot }) => `${look.host.name}: ${[...wrong, ...cannot].join("; ")}`);
    const prepare = why.some((each) => /install/.test(each)) ? hosts.map((each) => `host prepare ${each.name}`) : [];
    throw new Refusal(doing, why, [
      ...prepare.slice(0, 3),
      ...hosts.slice(0, 3).map((each) => `host show ${each.name}`),
    ]);
  }
  return reconnectionPlan(storage, repairs, what, facts);
}

/** What is not to be connected is not brought back. */
function refuseOutOfService(doing: string, storage: PrimaryStorage, facts: Facts): void {
  const { name, state, clusterUuids } = storage;
  if (state === "Maintenance") {
    const why = `${name} is in maintenance: its locks are stopped on purpose. Enabling it brings in every host that can come, and what is then left out is what reconnecting is for; a host that still holds its locks is let go by maintaining again`;
    throw new Refusal(doing, why, [`sharedblock enable ${name}`, `sharedblock maintain ${name}`]);
  }
  if (clusterUuids.length === 0) {
    throw new Refusal(doing, `${name} is attached to no cluster`, [`help sharedblock attach`]);
  }
  if (isUnmade(storage)) {
    throw new Refusal(doing, `${name} is not finished yet`, [finishWords(storage, facts.inventory)]);
  }
}

function attachedHost(
  doing: string,
  hostName: string,
  all: readonly Host[],
  storage: PrimaryStorage,
  { inventory }: Facts,
): Host {
  const host = hostNamed(inventory, hostName);
  if (all.includes(host)) return host;
  const cluster = inventory.clusters.find((each) => each.uuid === host.clusterUuid);
  const why = `${hostName} is in ${cluster?.name}, which ${storage.name} is not attached to`;
  throw new Refusal(doing, why, [`sharedblock attach ${storage.name} ${cluster?.name}`]);
}

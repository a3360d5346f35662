import { z } from "zod";
import { defineChange, type Facts } from "../../src/core/command.ts";
import { attachedHosts, refuse, storageNamed, zoneHosts } from "../../src/core/find.ts";
import { type Host, nameSchema, type PrimaryStorage } from "../../src/core/inventory.ts";
import type { InventoryChange } from "../../src/core/inventory-change.ts";
import { inventoryPlan } from "../../src/core/inventory-plan.ts";
import type { Plan, Stage } from "../../src/core/plan.ts";
import { Refusal } from "../../src/core/refusal.ts";
import type { Part } from "../../src/core/reply.ts";
import {
  type AllocationView,
  allocationStages,
  disksOf,
  diskTable,
  holdsLease,
  lookAtAllocations,
  seesWhole,
  stateOnDisks,
} from "../../src/sharedblock/allocation.ts";
import { storageNow } from "../../src/sharedblock/attachment.ts";
import { unreadHosts } from "../../src/sharedblock/checks.ts";
import { storageLocks } from "../../src/sharedblock/locks.ts";
import { prepareObjections } from "../../src/sharedblock/prepare.ts";
import { idLock, serveStages } from "../../src/sharedblock/serve.ts";
import { survey } from "../../src/sharedblock/survey.ts";

export const sharedBlockEnable = defineChange({
  name: "sharedblock enable",
  summary: "let a storage take new volumes again, and bring it back from maintenance",
  risk: "reversible",
  args: z.strictObject({ name: nameSchema.describe("name of the primary storage") }),
  positional: ["name"],
  examples: ["sharedblock enable ps-1"],
  plan,
});

async function plan({ name }: { name: string }, facts: Facts): Promise<Plan> {
  const { inventory } = facts;
  const storage = storageNamed(inventory, name);
  const doing = `enabling ${name}`;
  if (storage.clusterUuids.length === 0) return planWhileDetached(storage, doing, facts);
  const hosts = attachedHosts(inventory, storage);
  const inMaintenance = storage.state === "Maintenance";
  const views = await lookAtAllocations(hosts, facts);
  const serving = views.filter(
    (view) => seesWhole(view, storage.uuid) && (inMaintenance || holdsLease(view, storage.uuid)),
  );
  const [writer] = serving;
  if (writer === undefined) {
    const why = inMaintenance
      ? `no host sees all of ${name}`
      : `no host sees all of ${name} and holds its lease, which changing its volume group needs`;
    throw new Refusal(doing, [why, ...unreadHosts(views)], [`sharedblock show ${name}`]);
  }
  if (storage.state === "Enabled" && disksOf(writer, storage.uuid).every((disk) => disk.allocatable)) {
    throw new Refusal(doing, `${name} is enabled already`, [`sharedblock show ${name}`]);
  }
  const readers = serving.map((view) => view.host);
  const back = inMaintenance ? await comesBack(storage, readers, doing, facts) : { stages: [], locks: [] };
  const leftOut = leftOutParts(views, serving, storage);
  return {
    title: `Enable ${name}`,
    facts: [diskTable(writer, storage.uuid, true), ...leftOut],
    irreversible: [],
    stages: [
      ...back.stages,
      ...allocationStages(storage, writer, readers, true),
      {
        kind: "record",
        title: "Record the state",
        changes: [{ kind: "primary storage state wished", uuid: storage.uuid, state: "Enabled" }],
      },
    ],
    typedConfirmation: null,
    locks: [...storageLocks(storage, inventory), ...back.locks],
    afterwards: [],
    result: async (later) => [...leftOut, ...(await storageNow(storage, later))],
  };
}

/**
 * Without a cluster no host may change the volume group, but maintenance must end before it can be attached again: it is
 * then what its LUNs say that it is.
 */
async function planWhileDetached(storage: PrimaryStorage, doing: string, facts: Facts): Promise<Plan> {
  const { name, uuid } = storage;
  const next = ["cluster list", "help sharedblock attach"];
  if (storage.state !== "Maintenance") {
    throw new Refusal(doing, `${name} is attached to no cluster: no host serves it`, next);
  }
  const views = await lookAtAllocations(zoneHosts(facts.inventory, storage), facts);
  const [witness] = views.filter((view) => seesWhole(view, uuid));
  if (witness === undefined) {
    throw new Refusal(doing, [`no host of its zone sees all of ${name}`, ...unreadHosts(views)], next);
  }
  const state = stateOnDisks(witness, uuid);
  const text = `${name} leaves maintenance. It is attached to no cluster${
    state === "Enabled" ? "." : " and its LUNs take no new volumes: attach it, then enable it."
  }`;
  const parts: Part[] = [{ kind: "text", text }];
  const changes: InventoryChange[] = [{ kind: "primary storage state wished", uuid, state }];
  return { ...inventoryPlan(`Enable ${name}`, changes, parts), result: async () => parts };
}

/** What maintenance took down: the lockspace on every host. Its machines are started by who stopped them. */
async function comesBack(
  storage: PrimaryStorage,
  hosts: readonly Host[],
  doing: string,
  facts: Facts,
): Promise<{ stages: Stage[]; locks: string[] }> {
  const surveys = await survey(hosts, facts);
  refuse(doing, surveys.flatMap(prepareObjections), [`sharedblock show ${storage.name}`]);
  return { stages: serveStages(surveys, storage.uuid), locks: idLock(surveys) };
}

/** Hosts that this leaves as they are, each with the reason: one dead host must not keep a storage from all others. */
function leftOutParts(
  views: readonly AllocationView[],
  serving: readonly AllocationView[],
  storage: PrimaryStorage,
): Part[] {
  return views
    .filter((view) => !serving.includes(view))
    .map((view) => {
      const why = view.problems.join("; ") || "it does not see all of the volume group, or holds no lease of it";
      const next = `/zstack sharedblock reconnect ${storage.name} ${view.host.name}`;
      return {
        kind: "text",
        text: `${view.host.name} is left out: ${why}. Once it is mended: ${next}`,
        tone: "warning",
      };
    });
}

import { z } from "zod";
import { defineChange, type Facts } from "../../src/core/command.ts";
import { attachedHosts, storageNamed, zoneHosts } from "../../src/core/find.ts";
import { nameSchema, type PrimaryStorage } from "../../src/core/inventory.ts";
import type { InventoryChange } from "../../src/core/inventory-change.ts";
import { inventoryPlan } from "../../src/core/inventory-plan.ts";
import type { Plan } from "../../src/core/plan.ts";
import { Refusal } from "../../src/core/refusal.ts";
import type { Part } from "../../src/core/reply.ts";
import { storageLocks } from "../../src/storage/locks.ts";
import { unreadHosts } from "../../src/storage/observe/host-view.ts";
import { lookAtHosts } from "../../src/storage/observe/hosts.ts";
import { servesGroup } from "../../src/storage/observe/lock-state.ts";
import { statusOf } from "../../src/storage/observe/status.ts";
import { storageNow } from "../../src/storage/plans/attach.ts";
import { areIn, lookAtReturn, type Return, returnStages, whyNot, writerOf } from "../../src/storage/plans/enable.ts";
import { storageParts } from "../../src/storage/render/storage-fields.ts";
import {
  type AllocationView,
  allocationStages,
  disksOf,
  diskTable,
  lookAtAllocations,
  seesWhole,
  stateOnDisks,
} from "../../src/storage/steps/allocation.ts";
import { idLock } from "../../src/storage/steps/serve.ts";

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
  const views = await lookAtAllocations(attachedHosts(inventory, storage), facts);
  if (storage.state === "Disabled") return roomPlan(storage, views, doing, facts);
  const back = await lookAtReturn(storage, views, facts);
  const writer = writerOf(back, views, storage.uuid);
  if (writer === null) {
    const why = back.leftOut.map(({ host, why }) => `${host.name}: ${why}`);
    // Reconnecting is refused in maintenance: it would start the locks.
    const mends =
      storage.state === "Maintenance"
        ? clustersOf(storage, facts).map((cluster) => `host rescan ${cluster}`)
        : [`sharedblock reconnect ${name}`];
    throw new Refusal(
      doing,
      [`no host of ${name} can come into service`, ...why],
      [...mends, `sharedblock show ${name}`],
    );
  }
  const takesVolumes = disksOf(writer, storage.uuid).every((disk) => disk.allocatable);
  if (storage.state === "Enabled" && takesVolumes && areIn(back, storage)) {
    const mends = back.leftOut.length === 0 ? [] : [`sharedblock reconnect ${name}`];
    throw new Refusal(doing, `${name} is enabled already`, [...mends, `sharedblock show ${name}`]);
  }
  const leftOut = leftOutParts(storage, back.leftOut);
  return {
    title: `Enable ${name}`,
    verb: "Enable Storage",
    undo: { command: `sharedblock disable ${name}` },
    facts: [diskTable(writer, storage.uuid, true), ...leftOut],
    irreversible: [],
    stages: returnStages(storage, back, writer),
    typedConfirmation: null,
    locks: [...storageLocks(storage, inventory), ...idLock(back.surveys)],
    afterwards: [],
    result: async (later) => [...leftOut, ...(await returned(storage, back, later))],
  };
}

const clustersOf = ({ clusterUuids }: PrimaryStorage, { inventory }: Facts): string[] =>
  inventory.clusters.filter(({ uuid }) => clusterUuids.includes(uuid)).map((cluster) => cluster.name);

/** Who serves a storage that is disabled goes on; its volumes only get room again. */
function roomPlan(storage: PrimaryStorage, views: readonly AllocationView[], doing: string, facts: Facts): Plan {
  const { name, uuid } = storage;
  const serving = views.filter((view) => seesWhole(view, uuid) && servesGroup(view, uuid));
  const [writer] = serving;
  if (writer === undefined) {
    const why = `no host sees all of ${name} and holds its lease, which changing its volume group needs`;
    throw new Refusal(
      doing,
      [why, ...unreadHosts(views, [uuid])],
      [`sharedblock reconnect ${name}`, `sharedblock show ${name}`],
    );
  }
  const others = views.filter((view) => !serving.includes(view));
  const leftOut = leftOutParts(
    storage,
    others.map((view) => ({ host: view.host, why: whyNot(view, storage) })),
  );
  return {
    title: `Enable ${name}`,
    verb: "Enable Storage",
    undo: { command: `sharedblock disable ${name}` },
    facts: [diskTable(writer, uuid, true), ...leftOut],
    irreversible: [],
    stages: [
      ...allocationStages(
        storage,
        writer,
        serving.map((view) => view.host),
        true,
      ),
      {
        kind: "record",
        title: "Record the state",
        changes: [{ kind: "primary storage state wished", uuid, state: "Enabled" }],
      },
    ],
    typedConfirmation: null,
    locks: storageLocks(storage, facts.inventory),
    afterwards: [],
    result: async (later) => [...leftOut, ...(await storageNow(storage, later))],
  };
}

/** The storage as it is then, and of those that should have come in who did not. */
async function returned(storage: PrimaryStorage, { surveys }: Return, facts: Facts): Promise<Part[]> {
  const views = await lookAtHosts(attachedHosts(facts.inventory, storage), facts);
  const now = facts.inventory.primaryStorages.find(({ uuid }) => uuid === storage.uuid) ?? storage;
  const out = views.filter(
    (view) => surveys.some(({ host }) => host.uuid === view.host.uuid) && statusOf(now, view) !== "Connected",
  );
  return [
    ...out.map((view): Part => {
      const next = `/zstack sharedblock reconnect ${storage.name} ${view.host.name}`;
      return { kind: "text", text: `${view.host.name} did not come in. What brings it in: ${next}`, tone: "warning" };
    }),
    ...storageParts(now, views, facts.inventory),
  ];
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
    const zone = facts.inventory.clusters.filter(({ zoneUuid }) => zoneUuid === storage.zoneUuid);
    const scans = zone.map((cluster) => `host rescan ${cluster.name}`);
    throw new Refusal(doing, [`no host of its zone sees all of ${name}`, ...unreadHosts(views, [uuid])], scans);
  }
  const state = stateOnDisks(witness, uuid);
  const text = `${name} leaves maintenance. It is attached to no cluster${
    state === "Enabled" ? "." : " and its LUNs take no new volumes: attach it, then enable it."
  }`;
  const parts: Part[] = [{ kind: "text", text }];
  const changes: InventoryChange[] = [{ kind: "primary storage state wished", uuid, state }];
  const locks = storageLocks(storage, facts.inventory);
  const what = {
    title: `Enable ${name}`,
    verb: "Enable Storage",
    undo: { command: `sharedblock disable ${name}` },
  } as const;
  return { ...inventoryPlan(what, changes, parts), locks, result: async () => parts };
}

/** Hosts that this leaves as they are, each with the reason: one dead host must not keep a storage from all others. */
const leftOutParts = ({ name }: PrimaryStorage, leftOut: Return["leftOut"]): Part[] =>
  leftOut.map(({ host, why }) => {
    const next = `/zstack sharedblock reconnect ${name} ${host.name}`;
    return { kind: "text", text: `${host.name} is left out: ${why}. Once it is mended: ${next}`, tone: "warning" };
  });

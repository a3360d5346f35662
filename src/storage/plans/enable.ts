import type { Facts } from "../../core/facts.ts";
import { attachedHosts, storageNamed, zoneHosts } from "../../core/find.ts";
import type { Host, PrimaryStorage } from "../../core/inventory.ts";
import type { InventoryChange } from "../../core/inventory-change.ts";
import { inventoryPlan } from "../../core/inventory-plan.ts";
import { type Plan, type PlanResult, plan, type Stage } from "../../core/plan.ts";
import { Refusal, reason, reasonText } from "../../core/refusal.ts";
import type { Part } from "../../core/reply.ts";
import { few, sharedFacts } from "../../core/shared-facts.ts";
import type { Step } from "../../core/step.ts";
import { storageLocks } from "../locks.ts";
import { observeHosts } from "../observe/hosts.ts";
import { lockStateIn, lossReasons, servesGroup } from "../observe/lock-state.ts";
import { unreadHosts } from "../observe/not-understood.ts";
import { statusOf } from "../observe/status.ts";
import { storageNow, storageResult } from "../render/storage.ts";
import {
  type AllocationView,
  allocationStages,
  disksOf,
  diskTable,
  observeAllocations,
  seesCompletely,
  stateOnDisks,
} from "../steps/allocation.ts";
import { prepareReasons, prepareSteps } from "../steps/lock-settings.ts";
import { hostIdChanges, idLock, isServing, lockStages } from "../steps/serve.ts";
import { type HostSurvey, survey } from "../steps/survey.ts";
import { noWriter } from "./disable.ts";

export async function planEnable({ name }: { name: string }, facts: Facts): Promise<Plan> {
  const { inventory } = facts;
  const storage = storageNamed(inventory, name);
  const headline = `${name} can't be enabled`;
  if (storage.clusterUuids.length === 0) return planWhileDetached(storage, headline, facts);
  const views = await observeAllocations(attachedHosts(inventory, storage), facts);
  if (storage.state === "Disabled") return roomPlan(storage, views, headline, facts);
  const back = await observeReturn(storage, views, facts);
  const writer = writerOf(back, views, storage.uuid);
  if (writer === null) {
    const why = back.leftOut.map(({ host, why }) => reason("CANT_BE_FIXED", `${host.name}: ${why}`));
    // `reconnect` is refused in maintenance, because it would start the locks.
    const fixes =
      storage.state === "Maintenance"
        ? clustersOf(storage, facts).map((cluster) => ({ run: `host rescan ${cluster}` }))
        : [{ run: `sharedblock reconnect ${name}` }];
    throw new Refusal(headline, [reason("CANT_BE_FIXED", `no host of ${name} can serve it`), ...why], {
      fixes,
      next: [`sharedblock show ${name}`],
    });
  }
  const takesVolumes = disksOf(writer, storage.uuid).every((disk) => disk.allocatable);
  if (storage.state === "Enabled" && takesVolumes && areIn(back, storage)) {
    const fixes = back.leftOut.length === 0 ? [] : [{ run: `sharedblock reconnect ${name}` }];
    const why = reason("NOTHING_TO_DO", `${name} is enabled already`, ...fixes);
    throw new Refusal(headline, why, { next: [`sharedblock show ${name}`] });
  }
  const leftOut = leftOutParts(storage, back.leftOut);
  return plan({
    title: `Enable ${name}`,
    verb: "Enable Storage",
    undo: { command: `sharedblock disable ${name}` },
    facts: [diskTable(writer, storage.uuid, true), ...leftOut],
    stages: returnStages(storage, back, writer),
    leftOut: back.leftOut.map(({ host }) => host),
    locks: [...storageLocks(storage, inventory), ...idLock(back.surveys)],
    result: async (later) => withBefore(leftOut, await returned(storage, back, later)),
  });
}

/** How the hosts of a storage connect again. */
interface Return {
  /** The hosts that serve the storage, or will. */
  readonly surveys: readonly HostSurvey[];
  /** The hosts that can't, each with the reason. */
  readonly leftOut: readonly { readonly host: Host; readonly why: string }[];
}

/** A host that sees the complete group can connect, unless a person must check it first. */
async function observeReturn(storage: PrimaryStorage, views: readonly AllocationView[], facts: Facts): Promise<Return> {
  const whole = views.filter((view) => seesCompletely(view, storage.uuid));
  const blind = views
    .filter((view) => !whole.includes(view))
    .map((view) => ({ host: view.host, why: whyNot(view, storage) }));
  const surveys = await survey(
    whole.map(({ host }) => host),
    facts,
  );
  const judged = surveys.map((each) => ({
    each,
    reasons: [
      ...each.view.problems,
      ...[...prepareReasons(each), ...lossReasons(storage, [each.view])].map(reasonText),
    ],
  }));
  return {
    surveys: judged.filter(({ reasons }) => reasons.length === 0).map(({ each }) => each),
    leftOut: [
      ...blind,
      ...judged
        .filter(({ reasons }) => reasons.length > 0)
        .map(({ each, reasons }) => ({ host: each.host, why: reasons.join("; ") })),
    ],
  };
}

const whyNot = (view: AllocationView, { uuid }: PrimaryStorage): string =>
  view.problems.join("; ") ||
  (seesCompletely(view, uuid)
    ? `it does not hold its locks (${lockStateIn(uuid, view)})`
    : "it does not see all of the volume group");

/** The host that writes into the group: one that serves it already, else the first that connects. */
function writerOf({ surveys }: Return, views: readonly AllocationView[], uuid: string): AllocationView | null {
  const able = views.filter(({ host }) => surveys.some((each) => each.host === host));
  return able.find((view) => servesGroup(view, uuid)) ?? able[0] ?? null;
}

/**
 * The desired state is recorded first. If a host then does not connect, `reconnect` fixes it. Each host connects alone.
 * The writing host makes the disks allocatable as soon as it is connected.
 */
function returnStages(storage: PrimaryStorage, { surveys }: Return, writer: AllocationView): Stage[] {
  const { uuid } = storage;
  const hosts = surveys.map(({ host }) => host);
  const room = allocationStages(storage, writer, hosts, true);
  const differs = disksOf(writer, uuid).some((disk) => !disk.allocatable);
  const steps = surveys.flatMap((each) => [
    ...prepareSteps(each),
    ...stepsIn(lockStages([each], uuid)),
    ...(differs && each.host === writer.host ? stepsIn(room).filter((step) => step.host === writer.host) : []),
  ]);
  return [
    {
      kind: "record",
      title: "Record the state",
      changes: [...hostIdChanges(surveys), { kind: "primary storage state wished", uuid, state: "Enabled" }],
    },
    {
      kind: "hosts",
      title: "Connect every host and check it",
      steps,
      waitingFor: "sanlock's lease of each host, about half a minute side by side",
      eachHostAlone: true,
    },
    ...room.slice(-1),
  ];
}

const stepsIn = (stages: readonly Stage[]): Step[] =>
  stages.flatMap((stage) => (stage.kind === "hosts" ? [...stage.steps] : []));

/** All hosts that can connect are connected. */
const areIn = ({ surveys }: Return, { uuid }: PrimaryStorage): boolean =>
  surveys.every((each) => isServing(each, uuid));

const clustersOf = ({ clusterUuids }: PrimaryStorage, { inventory }: Facts): string[] =>
  inventory.clusters.filter(({ uuid }) => clusterUuids.includes(uuid)).map((cluster) => cluster.name);

/** Hosts that serve a disabled storage continue. Only its disks become allocatable again. */
function roomPlan(storage: PrimaryStorage, views: readonly AllocationView[], headline: string, facts: Facts): Plan {
  const { name, uuid } = storage;
  const serving = views.filter((view) => seesCompletely(view, uuid) && servesGroup(view, uuid));
  const [writer] = serving;
  if (writer === undefined) {
    throw new Refusal(headline, [noWriter(name), ...unreadHosts(views, [uuid])], {
      next: [`sharedblock show ${name}`],
    });
  }
  const others = views.filter((view) => !serving.includes(view));
  const leftOut = leftOutParts(
    storage,
    others.map((view) => ({ host: view.host, why: whyNot(view, storage) })),
  );
  return plan({
    title: `Enable ${name}`,
    verb: "Enable Storage",
    undo: { command: `sharedblock disable ${name}` },
    facts: [diskTable(writer, uuid, true), ...leftOut],
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
    leftOut: others.map(({ host }) => host),
    locks: storageLocks(storage, facts.inventory),
    result: async (later) => withBefore(leftOut, await storageNow(storage, later)),
  });
}

const withBefore = (parts: readonly Part[], result: PlanResult): PlanResult => ({
  ...result,
  shown: [...parts, ...result.shown],
});

/** The storage after the change, and the hosts that did not connect. */
async function returned(storage: PrimaryStorage, { surveys }: Return, facts: Facts): Promise<PlanResult> {
  const views = await observeHosts(attachedHosts(facts.inventory, storage), facts);
  const now = facts.inventory.primaryStorages.find(({ uuid }) => uuid === storage.uuid) ?? storage;
  const out = views.filter(
    (view) => surveys.some(({ host }) => host.uuid === view.host.uuid) && statusOf(now, view) !== "Connected",
  );
  const parts = out.map((view): Part => {
    const next = `/zstack sharedblock reconnect ${storage.name} ${view.host.name}`;
    return { kind: "text", text: `${view.host.name} did not come in. What brings it in: ${next}`, tone: "warning" };
  });
  return withBefore(parts, storageResult(now, views, facts.inventory));
}

/**
 * Without a cluster, no host may change the volume group. But maintenance must end before the storage can be attached
 * again. Its state is then the one that its LUNs show.
 */
async function planWhileDetached(storage: PrimaryStorage, headline: string, facts: Facts): Promise<Plan> {
  const { name, uuid } = storage;
  const next = ["cluster list", "help sharedblock attach"];
  if (storage.state !== "Maintenance") {
    const why = reason("STORAGE_NOT_ATTACHED", `${name} is attached to no cluster, so no host serves it`);
    throw new Refusal(headline, why, { next });
  }
  const views = await observeAllocations(zoneHosts(facts.inventory, storage), facts);
  const [witness] = views.filter((view) => seesCompletely(view, uuid));
  if (witness === undefined) {
    const zone = facts.inventory.clusters.filter(({ zoneUuid }) => zoneUuid === storage.zoneUuid);
    const fixes = zone.map((cluster) => ({ run: `host rescan ${cluster.name}` }));
    const unseen = reason("LUN_NOT_SEEN", `no host of its zone sees all LUNs of ${name}`);
    throw new Refusal(headline, [unseen, ...unreadHosts(views, [uuid])], { fixes });
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
  return { ...inventoryPlan(what, changes, parts), locks, result: async () => ({ shown: parts }) };
}

/** Hosts that this plan does not change, each with the reason. One dead host must not stop all others. */
const leftOutParts = ({ name }: PrimaryStorage, leftOut: Return["leftOut"]): Part[] =>
  sharedFacts(
    leftOut,
    ({ host }) => host.name,
    ({ why }) => why,
  ).map(({ names, fact }) => {
    const one = names.length === 1;
    const next = `/zstack sharedblock reconnect ${name}${one ? ` ${names[0]}` : ""}`;
    return {
      kind: "text",
      text: `${few(names)} ${one ? "is" : "are"} left out: ${fact}. When it is fixed: ${next}`,
      tone: "warning",
    };
  });

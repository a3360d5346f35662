import { z } from "zod";
import { defineChange, type Facts } from "../../src/core/command.ts";
import { hostNamed, hostsBeside, refuse, storageNamed, zoneHosts } from "../../src/core/find.ts";
import { type Host, type Inventory, nameSchema, type PrimaryStorage } from "../../src/core/inventory.ts";
import { matters } from "../../src/core/not-understood.ts";
import type { Plan } from "../../src/core/plan.ts";
import { Refusal } from "../../src/core/refusal.ts";
import { typedWords } from "../../src/core/typed-words.ts";
import { type Asking, answersOf } from "../../src/storage/checks/unasked.ts";
import { unaskedSchema } from "../../src/storage/host-names.ts";
import { isFree, lookAtHolds } from "../../src/storage/observe/holds.ts";
import { type HostView, unreadHosts } from "../../src/storage/observe/host-view.ts";
import { lookAtHosts } from "../../src/storage/observe/hosts.ts";
import { lunsOf } from "../../src/storage/observe/lun.ts";
import { sightProblems } from "../../src/storage/observe/sight.ts";
import { withUses } from "../../src/storage/observe/use.ts";
import { lookAtVolumes } from "../../src/storage/observe/volumes.ts";
import {
  type DeletionLook,
  deletionObjections,
  membersOf,
  unseenBy,
  workerAmong,
} from "../../src/storage/plans/deletable.ts";
import { deletionPlan } from "../../src/storage/plans/delete.ts";
import {
  forgetWords,
  gonePlan,
  isSeenNowhere,
  leftObjections,
  silentWords,
  whyItStays,
} from "../../src/storage/plans/delete-gone.ts";
import { few } from "../../src/storage/render/matrix.ts";
import { prepareObjections } from "../../src/storage/steps/lock-settings.ts";
import { survey } from "../../src/storage/steps/survey.ts";

const args = z.strictObject({
  name: nameSchema.describe("name of the primary storage; it must be detached from every cluster"),
  volumes: z.literal("destroy").describe("destroy: the volumes on it may be destroyed").optional(),
  host: nameSchema.describe("host that does the work; without it one of the zone that sees all its LUNs").optional(),
  unasked: unaskedSchema,
});

export const sharedBlockDelete = defineChange({
  name: "sharedblock delete",
  summary: "take a detached storage off its LUNs and out of the inventory",
  risk: "destructive",
  args,
  positional: ["name"],
  examples: ["sharedblock delete ps-1", "sharedblock delete ps-1 volumes=destroy host=sharedblock-host1"],
  plan,
});

async function plan(asked: z.output<typeof args>, facts: Facts): Promise<Plan> {
  const { inventory } = facts;
  const storage = storageNamed(inventory, asked.name);
  const doing = `deleting ${storage.name}`;
  refuseAttached(doing, storage, inventory);
  const wanted = asked.host === undefined ? null : hostNamed(inventory, asked.host);
  const look = await lookBefore(storage, facts);
  if (isSeenNowhere(look)) {
    const stays = await whyItStays(look, facts);
    if (stays !== null) throw new Refusal(doing, stays.why, stays.next);
    return gonePlan(storage, zoneHosts(inventory, storage), inventory);
  }
  const worker = workerFor(doing, wanted, look, inventory);
  const members = membersOf(storage, worker);
  const others = answersOf(doing, askingOf(asked, look, worker, inventory));
  const objections = [...deletionObjections(look, worker, members), ...unreadBesideWorker(look, worker)];
  refuse(
    doing,
    [...objections, ...others.objections],
    objections.length === 0 && others.next.length > 0
      ? others.next
      : [
          ...stoppedBy(look, worker, inventory),
          `sharedblock volumes ${storage.name}`,
          `host show ${worker.host.name}`,
          ...silentWords(look),
        ],
  );
  if (asked.volumes !== "destroy") refuseVolumes(doing, look);
  const groupStands = worker.groups.some((group) => group.name === storage.uuid);
  const [surveyed] = await survey([worker.host], facts);
  if (surveyed === undefined) throw new Error("one host was to be surveyed");
  if (groupStands) refuse(doing, prepareObjections(surveyed), [`host show ${worker.host.name}`]);
  const cluster = inventory.clusters.find((each) => each.uuid === worker.host.clusterUuid);
  if (cluster === undefined) throw new Error(`${worker.host.name} is in no cluster`);
  return deletionPlan({
    storage,
    worker: surveyed,
    cluster,
    inventory,
    asked: others.hosts,
    luns: lunsOf([...look.views, ...look.otherViews]).filter(({ wwid }) =>
      members.some(({ lun }) => lun.wwid === wwid),
    ),
    groupStands,
    volumes: look.volumes,
    members,
    warnings: warningsOf(look, worker),
  });
}

/** Hosts of the worker's cluster share what it writes on; of the others a person may vouch for those that are silent. */
function askingOf(asked: z.output<typeof args>, look: DeletionLook, worker: HostView, inventory: Inventory): Asking {
  const { storage, views, otherViews } = look;
  const luns = storage.sharedBlocks.map(
    ({ wwid }) => lunsOf(views).find((lun) => lun.wwid === wwid) ?? { wwid, on: [] },
  );
  const sharing = views.filter((view) => isBeside(view, worker) || view === worker);
  return {
    ...{ sharing, beside: [...views, ...otherViews].filter((view) => !sharing.includes(view)) },
    ...{ luns, vouchedFor: asked.unasked, inventory },
    // A host of the zone may have had the storage: it must say what it holds, too.
    problemsOf: (view) => [...(views.includes(view) ? view.problems : []), ...sightProblems(view, luns)],
    again: (unasked) =>
      typedWords("sharedblock delete", [asked.name], { volumes: asked.volumes, host: asked.host, unasked }),
  };
}

const isBeside = ({ host }: HostView, worker: HostView): boolean =>
  host !== worker.host && host.clusterUuid === worker.host.clusterUuid;

const unreadBesideWorker = ({ views }: DeletionLook, worker: HostView): string[] =>
  unreadHosts(
    views.filter((view) => isBeside(view, worker)),
    [],
  );

function refuseAttached(doing: string, { name, clusterUuids }: PrimaryStorage, inventory: Inventory): void {
  const clusters = inventory.clusters.filter((cluster) => clusterUuids.includes(cluster.uuid));
  refuse(
    doing,
    clusters.map((cluster) => `it is attached to ${cluster.name}`),
    clusters.map((cluster) => `sharedblock detach ${name} ${cluster.name}`),
  );
}

/** Detaching stops what a cluster's hosts still hold, also where the inventory has it detached already. */
function stoppedBy({ storage, holds }: DeletionLook, worker: HostView, inventory: Inventory): string[] {
  const holding = holds.filter((hold) => hold.volumes.length > 0 || (hold.host !== worker.host && !isFree(hold)));
  const uuids = new Set(holding.map(({ host }) => host.clusterUuid));
  return inventory.clusters
    .filter((cluster) => uuids.has(cluster.uuid))
    .map((cluster) => `sharedblock detach ${storage.name} ${cluster.name}`);
}

async function lookBefore(storage: PrimaryStorage, facts: Facts): Promise<DeletionLook> {
  const hosts = zoneHosts(facts.inventory, storage);
  const wwids = storage.sharedBlocks.map(({ wwid }) => wwid);
  const withTheirUses = async (asked: readonly Host[]) =>
    withUses(await lookAtHosts(asked, facts), wwids, facts.gather);
  const [seen, otherViews, holds, { volumes, hosts: listings }] = await Promise.all([
    withTheirUses(hosts),
    withTheirUses(hostsBeside(hosts, facts.inventory)),
    lookAtHolds(storage.uuid, hosts, facts),
    lookAtVolumes(storage.uuid, hosts, facts),
  ]);
  // Who can't say all of it can't be trusted with the work, nor to say that nothing is in use.
  const views = seen.map((view) => {
    const others = [...holds, ...listings].filter(({ host }) => host === view.host);
    // An object that is not understood may be one of the storage's.
    const odd = view.notUnderstood.filter(matters).map(({ why }) => why);
    const problems = [...view.problems, ...odd, ...others.flatMap((other) => other.problems)];
    return { ...view, problems: [...new Set(problems)] };
  });
  return { storage, views, otherViews, holds, volumes };
}

function workerFor(doing: string, wanted: Host | null, look: DeletionLook, inventory: Inventory): HostView {
  const { storage, views } = look;
  if (views.length === 0) throw new Refusal(doing, "its zone has no hosts: none can reach its LUNs", ["help host add"]);
  if (wanted === null) {
    const worker = workerAmong(look);
    if (worker !== null) return worker;
    throw noWorker(doing, look, inventory);
  }
  const view = views.find((each) => each.host === wanted);
  if (view === undefined) throw new Refusal(doing, `${wanted.name} is not in its zone`, ["host list"]);
  refuse(doing, whyNot(view, storage), [
    `host rescan ${wanted.name}`,
    `host show ${wanted.name}`,
    `sharedblock delete ${storage.name}`,
  ]);
  return view;
}

/** What a host sees that can't be read is not known. */
function noWorker(doing: string, look: DeletionLook, inventory: Inventory): Refusal {
  const { storage, views } = look;
  const unread = views.filter(({ problems }) => problems.length > 0);
  const why = views.flatMap((view) => whyNot(view, storage));
  if (unread.length === views.length) {
    const shown = unread.slice(0, 2).map(({ host }) => `host show ${host.name}`);
    return new Refusal(doing, why, [...shown, `sharedblock delete ${storage.name}`]);
  }
  return new Refusal(
    doing,
    [
      `no host of its zone ${unread.length > 0 ? "that can be read " : ""}sees all its LUNs`,
      ...why,
      ...leftObjections(look),
    ],
    [...forgetWords(look, inventory), ...silentWords(look), `sharedblock show ${storage.name}`, "help host rescan"],
  );
}

const whyNot = (view: HostView, storage: PrimaryStorage): string[] =>
  view.problems.length > 0
    ? unreadHosts([view], [])
    : unseenBy(view, storage).map((wwid) => `${view.host.name} does not see ${wwid}`);

function refuseVolumes(doing: string, { storage, volumes }: DeletionLook): void {
  if (volumes.length === 0) return;
  const names = few(volumes.map((volume) => volume.name));
  const why = `${volumes.length === 1 ? "a volume is" : `${volumes.length} volumes are`} on it: ${names}`;
  throw new Refusal(doing, why, [
    `sharedblock volumes ${storage.name}`,
    `sharedblock delete ${storage.name} volumes=destroy`,
  ]);
}

function warningsOf({ storage }: DeletionLook, worker: HostView): string[] {
  const seen = new Set(lunsOf([worker]).map((lun) => lun.wwid));
  const unseen = storage.sharedBlocks.map((block) => block.wwid).filter((wwid) => !seen.has(wwid));
  const others = worker.groups.filter((group) => group.lockType === "sanlock" && group.name !== storage.uuid);
  return [
    ...unseen.map((wwid) => `${worker.host.name} does not see ${wwid}, which was only claimed: what is on it stays.`),
    ...others.map(
      (group) =>
        `${worker.host.name} has the shared volume group ${group.name} too: if LVM says that the global lock is gone, run lvmlockctl --gl-enable ${group.name} on one host.`,
    ),
  ];
}

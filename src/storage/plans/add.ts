import type { Facts } from "../../core/facts.ts";
import { clusterNamed, otherHosts, someHostsOf, storageOf } from "../../core/find.ts";
import type { Cluster, Inventory, PrimaryStorage } from "../../core/inventory.ts";
import type { InventoryChange } from "../../core/inventory-change.ts";
import { valueOr } from "../../core/outcome.ts";
import { type Plan, type PlanResult, plan, type Stage } from "../../core/plan.ts";
import { Refusal, reason, refuse } from "../../core/refusal.ts";
import type { Part } from "../../core/reply.ts";
import type { Step } from "../../core/step.ts";
import { typedWords } from "../../core/typed-words.ts";
import { lunsText } from "../arguments.ts";
import { contentReasons } from "../checks/checks.ts";
import { groupReasons, groupState } from "../checks/group.ts";
import { resolveLun } from "../checks/resolve.ts";
import { answersOf, unaskedParts } from "../checks/unasked.ts";
import { candidatesOf, lunReasons, refuseOwned, sectorReasons, withTheirUses } from "../checks/wanted-luns.ts";
import { clusterLock, nameLock, storageLocks } from "../locks.ts";
import type { AskedHosts, Candidate } from "../observe/candidate.ts";
import type { HostView } from "../observe/host-view.ts";
import { observeHosts } from "../observe/hosts.ts";
import { type Lun, lunsOf, sizesOf } from "../observe/lun.ts";
import { unreadHosts } from "../observe/not-understood.ts";
import { chosenLuns, missingPathsParts } from "../render/matrix.ts";

import { storageResult } from "../render/storage.ts";
import { createStage } from "../steps/create-group.ts";
import { backupOf, blankParts, lossConfirmation, lossSentences, wipeStage } from "../steps/erase.ts";
import { prepareReasons, prepareSteps } from "../steps/lock-settings.ts";
import { hostIdChanges, idLock, lockStages } from "../steps/serve.ts";
import { type HostSurvey, survey } from "../steps/survey.ts";

interface AddRequest {
  readonly cluster: string;
  readonly wwid: readonly string[];
  readonly name?: string | undefined;
  readonly description?: string | undefined;
  readonly wipe: boolean;
  readonly unasked: readonly string[];
}

export async function planAdd(asked: AddRequest, facts: Facts): Promise<Plan> {
  const { inventory, askedAt } = facts;
  const cluster = clusterNamed(inventory, asked.cluster);
  const headline = `${lunsText(asked.wwid)} can't be added to ${cluster.name}`;
  const hosts = someHostsOf(inventory, cluster, headline);
  const [surveys, otherViews] = await Promise.all([
    survey(hosts, facts),
    observeHosts(otherHosts(hosts, inventory), facts),
  ]);
  const views = surveys.map((each) => each.view);
  refuse(headline, unreadHosts(views, []), { next: [`multipath status ${cluster.name}`, `lun list ${cluster.name}`] });

  const seen = lunsOf(views);
  const luns = [...new Set(asked.wwid.map((given) => resolveLun(given, seen, views, cluster.name)))];
  const isContinued = (claimedBy: PrimaryStorage) => claimedBy.clusterUuids.includes(cluster.uuid);
  for (const lun of luns) refuseOwned(headline, lun, inventory, isContinued);
  const { storage, replaced } = claimFor(asked, cluster, luns, views, facts, headline);
  const wanted = await withTheirUses({ luns, views, otherViews }, facts);
  const others = answersOf(headline, {
    ...{ sharing: views, elsewhere: otherViews, confirmedUninvolved: asked.unasked, inventory },
    luns,
    again: (unasked) => againWith(asked, unasked),
  });
  const next = [...luns.map((lun) => `lun show ${cluster.name} ${lun.wwid}`), "help sharedblock add"];
  const reasons = [
    ...lunReasons(wanted, storage.uuid),
    ...unreadHosts(views, [storage.uuid]),
    ...sectorReasons(luns, []),
    ...groupReasons(storage.uuid, luns, views),
    ...surveys.flatMap(prepareReasons),
  ];
  refuse(headline, [...reasons, ...others.reasons], {
    fixes: reasons.length > 0 ? [] : others.fixes,
    next: [...others.next, ...next],
  });

  const made = groupState(storage.uuid, luns, views) === "whole";
  const candidates = await candidatesOf(wanted, others.hosts, storage, facts);
  if (!made)
    refuse(
      headline,
      candidates.flatMap((candidate) => contentReasons(candidate, asked.wipe)),
      { next },
    );
  return additionPlan({
    cluster,
    storage,
    replaced,
    asked: others.hosts,
    surveys,
    candidates,
    made,
    inventory,
    askedAt,
  });
}

/** The data for making LUNs into a storage. Nothing prevents it any more. */
interface Addition {
  readonly cluster: Cluster;
  readonly storage: PrimaryStorage;
  readonly replaced: PrimaryStorage | null;
  readonly asked: AskedHosts;
  readonly surveys: readonly HostSurvey[];
  readonly candidates: readonly Candidate[];
  /** Whether an earlier try created the volume group. */
  readonly made: boolean;
  readonly inventory: Inventory;
  readonly askedAt: string;
}

function additionPlan(addition: Addition): Plan {
  const { cluster, storage, candidates, made } = addition;
  const full = made ? [] : candidates.filter((candidate) => !candidate.blank);
  const { host, prepare } = writerOf(addition);
  const wipefsCan = valueOr(prepare.wipefsBacksUp, false);
  const backups = full.map((candidate) => backupOf(host, wipefsCan, candidate, addition.askedAt));
  return plan({
    title: `Add ${storage.name} to ${cluster.name}`,
    verb: full.length > 0 ? "Wipe and Add" : "Add Storage",
    undo: { command: `sharedblock delete ${storage.name}` },
    facts: factsOf(addition),
    irreversible: lossSentences(full),
    stages: stagesOf(
      addition,
      full,
      backups.flatMap(({ steps }) => steps),
    ),
    typedConfirmation: lossConfirmation(full),
    locks: [
      clusterLock(cluster),
      ...[storage, ...(addition.replaced === null ? [] : [addition.replaced])].flatMap((each) =>
        storageLocks(each, addition.inventory),
      ),
      ...candidates.map(({ lun }) => lun.wwid),
      nameLock(storage.name),
      ...idLock(addition.surveys),
    ],
    afterwards: backups.map(({ part, steps }) => ({ part, after: steps })),
    result: (facts) => resultParts(addition, facts),
  });
}

function factsOf({ storage, replaced, asked, surveys, candidates, made, inventory }: Addition): Part[] {
  const views = surveys.map((each) => each.view);
  const luns = candidates.map((candidate) => candidate.lun);
  const parts: Part[] = [...unaskedParts(asked), chosenLuns(luns, views, inventory)];
  if (made) {
    parts.push({
      kind: "text",
      text: `The volume group ${storage.uuid} exists already; only what is missing is done now.`,
    });
  }
  if (!made) parts.push(...blankParts(candidates));
  if (replaced !== null) {
    parts.push({ kind: "text", text: `The unfinished ${replaced.name} is cancelled: no host sees its volume group.` });
  }
  return [...parts, ...missingPathsParts(luns)];
}

function stagesOf(addition: Addition, full: readonly Candidate[], backups: readonly Step[]): Stage[] {
  const { storage, surveys, candidates, made, askedAt } = addition;
  const first = writerOf(addition);
  const hostname = valueOr(first.prepare.hostname, first.host.name);
  const prepare = surveys.flatMap(prepareSteps);
  const signed = full.filter(({ signatureLines }) => signatureLines.length > 0);
  return [
    { kind: "record", title: "Claim the LUNs", changes: claims(addition) },
    { kind: "hosts", title: "Prepare LVM and sanlock", steps: prepare },
    { kind: "hosts", title: "Back up what will be erased", steps: backups },
    wipeStage(first.host, signed),
    ...(made ? [] : [createStage(first.host, hostname, storage, candidates, askedAt)]),
    ...lockStages(surveys, storage.uuid),
    {
      kind: "record",
      title: "Record the shared blocks",
      changes: candidates.map(({ lun }) => added(storage, lun.wwid, askedAt)),
    },
  ];
}

/** The storage now, with the multipath state of its LUNs. */
async function resultParts({ storage, surveys }: Addition, facts: Facts): Promise<PlanResult> {
  const recorded = facts.inventory.primaryStorages.find((each) => each.uuid === storage.uuid);
  if (recorded === undefined) return { shown: [] };
  const hosts = facts.inventory.hosts.filter((host) => surveys.some((each) => each.host.uuid === host.uuid));
  return storageResult(recorded, await observeHosts(hosts, facts), facts.inventory);
}

/** The writing host: the first one, so that planning again chooses the same. */
function writerOf({ surveys }: Addition): HostSurvey {
  const [first] = surveys;
  if (first === undefined) throw new Error("a storage needs at least one host");
  return first;
}

/** The LUNs are recorded as ours before the first write, so that no other plan can take them. */
function claims({ storage, replaced, surveys, candidates }: Addition): InventoryChange[] {
  const ids = hostIdChanges(surveys);
  const after = claimed(storage, candidates);
  const place: InventoryChange[] = replaced === null ? [] : [{ kind: "primary storage removed", uuid: replaced.uuid }];
  return after === storage ? ids : [...ids, ...place, { kind: "primary storage claimed", storage: after }];
}

const added = (storage: PrimaryStorage, wwid: string, addedAt: string): InventoryChange => ({
  kind: "shared block added",
  storageUuid: storage.uuid,
  wwid,
  addedAt,
});

interface Wanted {
  readonly name?: string | undefined;
  readonly description?: string | undefined;
}

interface Claim {
  readonly storage: PrimaryStorage;
  /** An unfinished storage of the cluster that never wrote to a disk, and is replaced by this one. */
  readonly replaced: PrimaryStorage | null;
}

/**
 * The storage that the LUNs become: a new one, or the one that an interrupted try of the same command has claimed. It
 * keeps that UUID, so that the bot recognises its own data on the disks.
 */
function claimFor(
  wanted: Wanted,
  cluster: Cluster,
  luns: readonly Lun[],
  views: readonly HostView[],
  facts: Facts,
  headline: string,
): Claim {
  const existing = storageOf(facts.inventory, cluster);
  if (existing === null) return { storage: newStorage(wanted, cluster, facts, null, headline), replaced: null };
  const unfinished = existing.sharedBlocks.filter((block) => block.addedAt === null).map((block) => block.wwid);
  // LUNs that an interrupted extension has claimed are finished by extending. Here only the storage itself is made.
  if (existing.sharedBlocks.some((block) => block.addedAt !== null)) {
    const why = `${cluster.name} has the storage ${existing.name} already, and a cluster has at most one`;
    const extend = `sharedblock extend ${existing.name} wwid=${luns.map((lun) => lun.wwid).join(",")}`;
    const fix = { when: `to add the LUNs to ${existing.name}`, run: extend };
    throw new Refusal(headline, reason("STORAGE_ATTACHED", why, fix), { next: [`sharedblock show ${existing.name}`] });
  }
  const asked = luns.map((lun) => lun.wwid);
  const sameLuns = unfinished.length === asked.length && asked.every((wwid) => unfinished.includes(wwid));
  if (sameLuns && (wanted.name ?? existing.name) === existing.name) return { storage: existing, replaced: null };
  if (groupState(existing.uuid, lunsOf(views), views) !== "absent") {
    const why = `${existing.name} of ${cluster.name} on ${unfinished.join(", ")} is not finished`;
    const finish = `sharedblock add ${cluster.name} wwid=${unfinished.join(",")} name=${existing.name}`;
    throw new Refusal(headline, reason("STORAGE_UNFINISHED", why, { run: finish }));
  }
  return { storage: newStorage(wanted, cluster, facts, existing, headline), replaced: existing };
}

function newStorage(
  wanted: Wanted,
  cluster: Cluster,
  facts: Facts,
  replaced: PrimaryStorage | null,
  headline: string,
): PrimaryStorage {
  const name = wanted.name ?? `sharedblock-${cluster.name}`;
  const taken = facts.inventory.primaryStorages.find((storage) => storage.name === name);
  if (taken !== undefined && taken !== replaced) {
    const fix = "type another name with name=";
    throw new Refusal(headline, reason("NAME_TAKEN", `a storage ${name} exists already`, fix), {
      next: ["sharedblock list"],
    });
  }
  return {
    uuid: facts.uuid(`primary storage ${name}`),
    name,
    description: wanted.description ?? "",
    zoneUuid: cluster.zoneUuid,
    state: "Enabled",
    clusterUuids: [cluster.uuid],
    sharedBlocks: [],
  };
}

/**
 * The storage with its claimed LUNs, as it is recorded before the first write. Unchanged if an earlier try recorded it.
 */
function claimed(storage: PrimaryStorage, candidates: readonly Candidate[]): PrimaryStorage {
  if (storage.sharedBlocks.length > 0) return storage;
  const blocks = candidates.map(({ lun, signatureLines }) => ({
    wwid: lun.wwid,
    sizeBytes: sizesOf(lun)[0] ?? 0,
    addedAt: null,
    heldWhenClaimed: [...signatureLines],
  }));
  return { ...storage, sharedBlocks: blocks };
}

const againWith = ({ cluster, wwid, name, description, wipe }: AddRequest, unasked: string): string =>
  typedWords("sharedblock add", [cluster], {
    ...{ wwid: wwid.join(","), name, description },
    ...{ wipe: wipe ? "true" : undefined, unasked },
  });

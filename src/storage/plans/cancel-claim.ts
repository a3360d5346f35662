import { check } from "../../core/check.ts";
import type { Facts } from "../../core/facts.ts";
import { attachedHosts, zoneHosts } from "../../core/find.ts";
import type { Inventory, PrimaryStorage, SharedBlock } from "../../core/inventory.ts";
import type { InventoryChange } from "../../core/inventory-change.ts";
import { type Plan, plan } from "../../core/plan.ts";
import { Refusal, reason, refuse } from "../../core/refusal.ts";
import type { Step } from "../../core/step.ts";
import { listSignatures } from "../../host/wipefs.ts";
import { inUseReasons, readingReasons } from "../checks/checks.ts";
import { isMember } from "../checks/group.ts";
import { oneLunReasons } from "../checks/one-lun.ts";
import { type AnswersNeeded, answersOf, unaskedParts } from "../checks/unasked.ts";
import { finishWords, hasNoFinishedLun } from "../checks/unfinished.ts";
import { clusterLocks, storageLocks } from "../locks.ts";
import { type AskedHosts, type Candidate, candidateOf } from "../observe/candidate.ts";
import { readContents, signatureLine } from "../observe/contents.ts";
import type { HostView } from "../observe/host-view.ts";
import { devicePath, type Lun, lunsOf } from "../observe/lun.ts";
import { objectsOf, unreadHosts } from "../observe/not-understood.ts";
import { lunTable } from "../render/matrix.ts";
import { wwidEnding } from "../steps/erase.ts";
import { seesGroup } from "../steps/join.ts";
import { labelSteps, type OrphanedLabel } from "../steps/label-removal.ts";
import { freshMemoryStage } from "../steps/udev-memory.ts";

/** A LUN that a storage has claimed and that is not in its volume group yet. */
export interface LunClaim {
  readonly storage: PrimaryStorage;
  readonly block: SharedBlock;
}

/** What the interrupted try left on it, as the hosts that share the storage see it. */
export interface ClaimObservation extends LunClaim {
  readonly views: readonly HostView[];
  /** The hosts that were asked whether the LUN is in use. */
  readonly asked: AskedHosts;
  /** Null if none of them sees the LUN. */
  readonly candidate: Candidate | null;
  /** The label that vgextend writes before it adds the disk to the group. */
  readonly label: OrphanedLabel | null;
  /** Content that is not from the bot, one line a signature. */
  readonly signatureLines: readonly string[];
}

/** Throws a Refusal if the LUN is in the storage's volume group. Such an extension can only be finished. */
export async function observeClaim(
  headline: string,
  claim: LunClaim,
  all: readonly HostView[],
  typed: Pick<AnswersNeeded, "confirmedUninvolved" | "again">,
  facts: Facts,
): Promise<ClaimObservation> {
  const { storage, block } = claim;
  const views = sharingViews(claim, all, facts.inventory);
  refuse(headline, unreadHosts(views, objectsOf(storage)), { next: [`sharedblock show ${storage.name}`, "host list"] });
  const lun = lunsOf(views).find(({ wwid }) => wwid === block.wwid);
  if (lun === undefined) {
    refuseUncertain(headline, claim, views, facts);
    return { ...claim, views, asked: { asked: [], unasked: [] }, candidate: null, label: null, signatureLines: [] };
  }
  if (isMember(lun, storage.uuid)) {
    const why = `${lun.wwid} is in the volume group of ${storage.name} already`;
    const finish = { run: finishWords(storage, facts.inventory) };
    throw new Refusal(headline, reason("LUN_OWNED", why, finish), { next: [`sharedblock show ${storage.name}`] });
  }
  const contents = (await readContents([lun], facts)).get(lun) ?? [];
  const others = answersOf(headline, {
    ...{ ...typed, sharing: views, elsewhere: all.filter((view) => !views.includes(view)) },
    ...{ luns: [lun], inventory: facts.inventory },
  });
  const elsewhere = lunsOf(all).flatMap(({ wwid, on }) => (wwid === lun.wwid ? on : []));
  const candidate = candidateOf(
    lun,
    elsewhere.filter(({ host }) => !lun.on.some((on) => on.host === host)),
    others.hosts,
    contents,
    storage,
  );
  const next = [`sharedblock show ${storage.name}`];
  refuse(headline, readingReasons(candidate), { next });
  const label = candidate.leftByUs ? looseLabelOn(lun) : null;
  if (label !== null) {
    const everywhere = lunsOf(all).filter(({ wwid }) => wwid === lun.wwid);
    const used = everywhere.flatMap((each) => [...oneLunReasons(each.wwid, each.on), ...inUseReasons(each, all, null)]);
    const fixes = used.length > 0 ? [] : others.fixes;
    refuse(headline, [...used, ...others.reasons], { fixes, next: [...others.next, ...next] });
  }
  return {
    ...claim,
    views,
    asked: others.hosts,
    candidate,
    label,
    signatureLines: label === null ? candidate.signatureLines : [],
  };
}

/** The hosts that share the storage. If it is attached to no cluster, all hosts that may share it. */
export function sharingViews({ storage }: LunClaim, all: readonly HostView[], inventory: Inventory): HostView[] {
  const sharing = attachedHosts(inventory, storage);
  const hosts = sharing.length > 0 ? sharing : zoneHosts(inventory, storage);
  return all.filter(({ host }) => hosts.includes(host));
}

/** Null if the label is in a volume group. The LUN then has another owner. */
function looseLabelOn(lun: Lun): OrphanedLabel | null {
  const on = lun.on.find(({ physicalVolume }) => physicalVolume !== null);
  const isLoose = lun.on.every(({ physicalVolume }) => (physicalVolume?.volumeGroup ?? null) === null);
  return on?.physicalVolume && isLoose ? { lun, on, labelUuid: on.physicalVolume.uuid } : null;
}

/**
 * If a host sees a group with all its disks, none of them is a disk that no host sees. A group that no host sees may
 * still exist.
 */
function refuseUncertain(
  headline: string,
  { storage, block }: LunClaim,
  views: readonly HostView[],
  facts: Facts,
): void {
  const isComplete = views.some(({ groups }) => groups.some(({ name }) => name === storage.uuid));
  const missing = views.some(({ groups }) =>
    groups.some((group) => group.name === storage.uuid && group.missingPhysicalVolumes > 0),
  );
  if (isComplete && !missing) return;
  const clusters = facts.inventory.clusters.filter(({ uuid }) => storage.clusterUuids.includes(uuid));
  const detach = clusters.map(({ name }) => ({ run: `sharedblock detach ${storage.name} ${name}` }));
  const scan = clusters.map(({ name }) => ({
    first: "map it to the hosts again on the array",
    run: `host rescan ${name}`,
  }));
  const fixes = hasNoFinishedLun(storage) ? [...detach, { run: `sharedblock delete ${storage.name}` }] : scan;
  const why = `no host sees ${block.wwid}, and the volume group of ${storage.name} may be on it`;
  throw new Refusal(headline, reason("LUN_NOT_SEEN", why, ...fixes), { next: [`sharedblock show ${storage.name}`] });
}

/** Whether the LUN has the same signatures as at its claim. Then nothing is written back. */
export const isUnchangedSinceClaim = ({ block, signatureLines }: ClaimObservation): boolean =>
  signatureLines.join() === block.heldWhenClaimed.join();

/** Ends the claim without writing anything back. At most our own label is removed. */
export function cancelClaimPlan(observation: ClaimObservation, facts: Facts): Plan {
  const { storage, block, views, asked, candidate, label } = observation;
  const { wwid } = block;
  return plan({
    title: `Rescue ${wwid}`,
    verb: "Release LUN",
    undo: { none: `Add the LUN to ${storage.name} again.` },
    facts: [
      ...(label === null ? [] : unaskedParts(asked)),
      ...(candidate === null ? [] : [lunTable([candidate.lun], views, facts.inventory)]),
      { kind: "text", text: `It is reserved for ${storage.name}, but not part of it. ${stateOf(observation)}` },
    ],
    irreversible: label === null ? [] : [`${wwid}: the LVM label is removed. The LUN has no other data.`],
    stages: [
      {
        kind: "hosts",
        title: "Take our label off",
        steps: label === null ? [] : labelSteps(withAllHosts(label, candidate), asked),
      },
      { kind: "hosts", title: "It is in no use by the storage", steps: checks(observation) },
      freshMemoryStage(candidate === null ? [] : [candidate.lun]),
      { kind: "record", title: "Cancel the reservation", changes: [released(storage, wwid)] },
    ],
    typedConfirmation:
      label === null ? null : { expected: wwidEnding({ wwid }), label: "Last six characters of the WWID" },
    locks: [
      wwid,
      ...storageLocks(storage, facts.inventory),
      ...clusterLocks(label === null ? [] : [label.on.host], facts.inventory),
    ],
  });
}

/** The label's LUN as all hosts saw it, including those of other clusters. */
export const withAllHosts = (label: OrphanedLabel, candidate: Candidate | null): OrphanedLabel =>
  candidate === null
    ? label
    : { ...label, lun: { wwid: label.lun.wwid, on: [...candidate.lun.on, ...candidate.elsewhere] } };

function stateOf(observation: ClaimObservation): string {
  const { storage, block, candidate, label, signatureLines } = observation;
  if (candidate === null) return `No host sees it, and the volume group of ${storage.name} is whole without it.`;
  const now = signatureLines.join(", ") || "no signature";
  const left = label === null ? "Nothing is written on it" : "Only the label of the interrupted try is removed";
  if (isUnchangedSinceClaim(observation)) return `Its content is the same as then (${now}). ${left}.`;
  return `It had ${block.heldWhenClaimed.join(", ") || "no signature"} then and has ${now} now. No kept backup fits, so it does not change. ${left}.`;
}

/** Every host still shows what the plan showed. */
function checks({ storage, views, candidate, signatureLines }: ClaimObservation): Step[] {
  if (candidate === null) {
    const seeing = views.filter(({ groups }) => groups.some(({ name }) => name === storage.uuid));
    const why = "proves that its volume group is whole without it";
    return seeing.map(({ host }) => ({ host, check: seesGroup(storage.uuid), why }));
  }
  const { lun } = candidate;
  return lun.on.map((on) => ({
    host: on.host,
    check: hasOnly(devicePath(lun.wwid, on), signatureLines),
    withinMs: 10_000,
    why: "proves that it has nothing else",
  }));
}

function hasOnly(device: string, lines: readonly string[]) {
  return check(listSignatures(device), (signatures) => {
    const now = signatures.map(signatureLine);
    return now.join() === lines.join() ? null : `has ${now.join(", ") || "no signature"} now`;
  });
}

/** A storage that was never created and has no other claimed LUN is removed with its claim. */
export const released = ({ uuid, sharedBlocks }: PrimaryStorage, wwid: string): InventoryChange =>
  sharedBlocks.every((block) => block.wwid === wwid)
    ? { kind: "primary storage removed", uuid }
    : { kind: "shared block released", storageUuid: uuid, wwid };

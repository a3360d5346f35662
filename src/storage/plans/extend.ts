import type { Facts } from "../../core/facts.ts";
import { attachedHosts, otherHosts, storageNamed } from "../../core/find.ts";
import type { Host, PrimaryStorage } from "../../core/inventory.ts";
import type { InventoryChange } from "../../core/inventory-change.ts";
import { valueOr } from "../../core/outcome.ts";
import { type Plan, plan, type Stage } from "../../core/plan.ts";
import { refuse } from "../../core/refusal.ts";
import type { Part } from "../../core/reply.ts";
import type { Step } from "../../core/step.ts";
import { typedWords } from "../../core/typed-words.ts";
import { extendVolumeGroup } from "../../host/lvm.ts";
import { canBackUpSignatures } from "../../host/wipefs.ts";
import { lunsText } from "../arguments.ts";
import { contentReasons } from "../checks/checks.ts";
import { isMember } from "../checks/group.ts";
import { deviceOn, guardOf } from "../checks/guards.ts";
import { resolveLun } from "../checks/resolve.ts";
import { answersOf, unaskedParts } from "../checks/unasked.ts";
import { candidatesOf, lunReasons, refuseOwned, sectorReasons, withTheirUses } from "../checks/wanted-luns.ts";
import { refuseDevicesFiles, refuseUnserved, writerOn } from "../checks/writable.ts";
import { storageLocks } from "../locks.ts";
import type { AskedHosts, Candidate } from "../observe/candidate.ts";
import type { HostView } from "../observe/host-view.ts";
import { observeHosts } from "../observe/hosts.ts";
import { lunsOf, sizesOf } from "../observe/lun.ts";
import { chosenLuns, missingPathsParts } from "../render/matrix.ts";
import { connectedPart, storageResult } from "../render/storage.ts";
import { metadataSizeMiB } from "../steps/create-group.ts";
import { type Backup, backupOf, blankParts, lossConfirmation, lossSentences, wipeStage } from "../steps/erase.ts";
import { capacityPart, readsVolumes } from "../steps/group-size.ts";

interface ExtendRequest {
  readonly name: string;
  readonly wwid: readonly string[];
  readonly wipe: boolean;
  readonly unasked: readonly string[];
}

export async function planExtend(asked: ExtendRequest, facts: Facts): Promise<Plan> {
  const { name, wwid, wipe } = asked;
  const { inventory } = facts;
  const storage = storageNamed(inventory, name);
  const headline = `${name} can't be extended with ${lunsText(wwid)}`;
  // LVM may put new volumes on a new LUN at once.
  const takesVolumes = "a new LUN would take new volumes";
  refuseUnserved(headline, storage, inventory, { Disabled: takesVolumes, Maintenance: takesVolumes });
  const hosts = attachedHosts(inventory, storage);
  const [views, otherViews] = await Promise.all([
    observeHosts(hosts, facts),
    observeHosts(otherHosts(hosts, inventory), facts),
  ]);
  const writer = writerOn(headline, storage, views);
  await refuseDevicesFiles(headline, storage, views, facts);
  const clusters = inventory.clusters.filter((cluster) => storage.clusterUuids.includes(cluster.uuid));
  const cluster = clusters[0]?.name ?? "";
  const seen = lunsOf(views);
  const luns = [...new Set(wwid.map((given) => resolveLun(given, seen, views, cluster)))];
  for (const lun of luns) refuseOwned(headline, lun, inventory, (claimedBy) => claimedBy.uuid === storage.uuid);
  const wanted = await withTheirUses({ luns, views, otherViews }, facts);
  const others = answersOf(headline, {
    ...{ sharing: views, elsewhere: otherViews, confirmedUninvolved: asked.unasked, inventory },
    luns,
    again: (unasked) => againWith(asked, unasked),
  });
  const next = [...luns.map((lun) => `lun show ${cluster} ${lun.wwid}`), "help sharedblock extend"];
  const members = seen.filter((lun) => isMember(lun, storage.uuid));
  const reasons = [...lunReasons(wanted, storage.uuid), ...sectorReasons(luns, members)];
  refuse(headline, [...reasons, ...others.reasons], {
    fixes: reasons.length > 0 ? [] : others.fixes,
    next: [...others.next, ...next],
  });

  const candidates = await candidatesOf(wanted, others.hosts, storage, facts);
  const joining = candidates.filter(({ lun }) => !isMember(lun, storage.uuid));
  refuse(
    headline,
    joining.flatMap((candidate) => contentReasons(candidate, wipe)),
    { next },
  );
  const { wipefsBacksUp } = await facts.gather(writer, { wipefsBacksUp: canBackUpSignatures });
  return extensionPlan({
    ...{ storage, views, joining, facts, writer },
    joined: candidates.filter(({ lun }) => isMember(lun, storage.uuid)),
    wipefsBacksUp: valueOr(wipefsBacksUp, false),
    asked: others.hosts,
  });
}

/** The data for adding LUNs to a storage. Nothing prevents it any more. */
interface Extension {
  readonly storage: PrimaryStorage;
  /** Every host of the clusters that the storage is attached to. */
  readonly views: readonly HostView[];
  /** The writing host, which has the group's lease. */
  readonly writer: Host;
  readonly wipefsBacksUp: boolean;
  /** LUNs that an earlier try, or ZStack itself, has already added to the group. */
  readonly joined: readonly Candidate[];
  readonly joining: readonly Candidate[];
  readonly asked: AskedHosts;
  readonly facts: Facts;
}

function extensionPlan(extension: Extension): Plan {
  const { storage, views, writer, joining, facts } = extension;
  const full = joining.filter((candidate) => !candidate.blank);
  const backups = full.map((candidate) => backupOf(writer, extension.wipefsBacksUp, candidate, facts.askedAt));
  return plan({
    title: `Extend ${storage.name}`,
    verb: full.length > 0 ? "Wipe and Extend" : "Extend Storage",
    undo: { none: `Only sharedblock delete ${storage.name} frees its LUNs.` },
    facts: factsOf(extension),
    irreversible: lossSentences(full),
    stages: stagesOf(extension, full, backups),
    typedConfirmation: lossConfirmation(full),
    locks: [...storageLocks(storage, facts.inventory), ...all(extension).map(({ lun }) => lun.wwid)],
    afterwards: backups.map(({ part, steps }) => ({ part, after: steps })),
    result: async (later) => {
      const now = await observeHosts(attachedHosts(later.inventory, storage), later);
      const { next = [] } = storageResult(storage, now, later.inventory);
      return { shown: [capacityPart(storage, views, now), connectedPart(storage, now)], next };
    },
  });
}

const all = ({ joined, joining }: Extension): Candidate[] => [...joined, ...joining];

function factsOf(extension: Extension): Part[] {
  const { storage, views, joined, joining, asked, facts } = extension;
  const luns = all(extension).map(({ lun }) => lun);
  const parts: Part[] = [...unaskedParts(asked), chosenLuns(luns, views, facts.inventory), ...blankParts(joining)];
  if (joined.length > 0) {
    const wwids = joined.map(({ lun }) => lun.wwid).join(", ");
    parts.push({ kind: "text", text: `Already in the volume group of ${storage.name}: ${wwids}.` });
  }
  return [...parts, ...missingPathsParts(luns)];
}

function stagesOf(extension: Extension, full: readonly Candidate[], backups: readonly Backup[]): Stage[] {
  const { storage, writer, joining, facts } = extension;
  const signed = full.filter(({ signatureLines }) => signatureLines.length > 0);
  return [
    { kind: "record", title: "Claim the LUNs", changes: claims(storage, all(extension)) },
    { kind: "hosts", title: "Back up what will be erased", steps: backups.flatMap(({ steps }) => steps) },
    wipeStage(writer, signed),
    {
      kind: "hosts",
      title: "Extend the shared volume group",
      steps: joining.map((candidate) => joinStep(writer, candidate, storage)),
    },
    { kind: "hosts", title: "Every host reads the new size", steps: sizeChecks(extension) },
    {
      kind: "record",
      title: "Record the shared blocks",
      changes: all(extension).map(({ lun }) => ({
        kind: "shared block added",
        storageUuid: storage.uuid,
        wwid: lun.wwid,
        addedAt: facts.askedAt,
      })),
    },
  ];
}

/**
 * Recorded as ours before the first write. A claim of an interrupted try does not change. A LUN that another program
 * has added to the group is claimed too, because only a claimed LUN can be recorded.
 */
const claims = (storage: PrimaryStorage, candidates: readonly Candidate[]): InventoryChange[] =>
  candidates
    .filter(({ lun }) => !storage.sharedBlocks.some((block) => block.wwid === lun.wwid))
    .map(({ lun, signatureLines }) => ({
      kind: "shared block claimed",
      storageUuid: storage.uuid,
      block: { wwid: lun.wwid, sizeBytes: sizesOf(lun)[0] ?? 0, addedAt: null, heldWhenClaimed: [...signatureLines] },
    }));

/** One LUN a step. Each LUN gets a metadata size that fits it, and an interrupted try leaves complete LUNs. */
const joinStep = (writer: Host, candidate: Candidate, storage: PrimaryStorage): Step => ({
  host: writer,
  command: extendVolumeGroup({
    name: storage.uuid,
    metadataSizeMiB: metadataSizeMiB(Math.min(...sizesOf(candidate.lun))),
    device: deviceOn(writer, candidate),
  }),
  guard: guardOf(writer, [candidate], () => []),
  why: `makes ${candidate.lun.wwid} part of ${storage.name}`,
});

function sizeChecks({ storage, views, joined, joining }: Extension): Step[] {
  const group = views.flatMap(({ groups }) => groups).find(({ name }) => name === storage.uuid);
  const members = views[0]?.volumes.filter(({ volumeGroup }) => volumeGroup === storage.uuid).length ?? 0;
  const moreThanBytes = joining.length > 0 ? (group?.sizeBytes ?? 0) : 0;
  const check = readsVolumes(storage.uuid, members + joining.length, moreThanBytes);
  const what = joined.length + joining.length === 1 ? "the new LUN" : "the new LUNs";
  return views.map(({ host }) => ({
    host,
    check,
    withinMs: 10_000,
    why: `proves that this host reads the group with ${what}`,
  }));
}

const againWith = ({ name, wwid, wipe }: ExtendRequest, unasked: string): string =>
  typedWords("sharedblock extend", [name], { wwid: wwid.join(","), wipe: wipe ? "true" : undefined, unasked });

import type { Facts } from "../../core/command.ts";
import type { Cluster, Inventory, PrimaryStorage } from "../../core/inventory.ts";
import type { InventoryChange } from "../../core/inventory-change.ts";
import type { Plan, Stage, Step } from "../../core/plan.ts";
import type { Part } from "../../core/reply.ts";
import { unaskedParts } from "../checks/unasked.ts";
import { clusterLock, nameLock, storageLocks } from "../locks.ts";
import type { AskedHosts } from "../observe/asked-hosts.ts";
import type { Candidate } from "../observe/candidate.ts";
import { lookAtHosts } from "../observe/hosts.ts";
import { lunTable, missingPathsParts } from "../render/matrix.ts";
import { storageParts } from "../render/storage-fields.ts";
import { createStage } from "../steps/create-group.ts";
import { backupOf, blankParts, lossConfirmation, lossParts, lossSentences, wipeStage } from "../steps/erase.ts";
import { prepareSteps } from "../steps/lock-settings.ts";
import { idLock, idsGiven, lockStages, withoutEmpty } from "../steps/serve.ts";
import type { HostSurvey } from "../steps/survey.ts";
import { claimed } from "./claim.ts";

/** All that is known when LUNs become a storage; nothing here speaks against it any more. */
export interface Addition {
  readonly cluster: Cluster;
  readonly storage: PrimaryStorage;
  readonly givenUp: PrimaryStorage | null;
  readonly asked: AskedHosts;
  readonly surveys: readonly HostSurvey[];
  readonly candidates: readonly Candidate[];
  /** Whether the volume group stands already, made by an earlier try. */
  readonly made: boolean;
  readonly inventory: Inventory;
  readonly askedAt: string;
}

export function additionPlan(addition: Addition): Plan {
  const { cluster, storage, candidates, made } = addition;
  const full = made ? [] : candidates.filter((candidate) => !candidate.blank);
  const { host, prepare } = writerOf(addition);
  const wipefsCan = prepare.wipefsBacksUp.kind === "done" && prepare.wipefsBacksUp.value;
  const backups = full.map((candidate) => backupOf(host, wipefsCan, candidate, addition.askedAt));
  return {
    title: `Add ${storage.name} to ${cluster.name}`,
    verb: full.length > 0 ? "Wipe and Add" : "Add Storage",
    undo: { command: `sharedblock delete ${storage.name}` },
    facts: factsOf(addition, full),
    irreversible: irreversible(addition, full),
    stages: stagesOf(
      addition,
      full,
      backups.flatMap(({ steps }) => steps),
    ),
    typedConfirmation: lossConfirmation(full),
    locks: [
      clusterLock(cluster),
      ...[storage, ...(addition.givenUp === null ? [] : [addition.givenUp])].flatMap((each) =>
        storageLocks(each, addition.inventory),
      ),
      ...candidates.map(({ lun }) => lun.wwid),
      nameLock(storage.name),
      ...idLock(addition.surveys),
    ],
    afterwards: backups.map(({ part, steps }) => ({ part, after: steps })),
    result: (facts) => resultParts(addition, facts),
  };
}

function factsOf(
  { storage, givenUp, asked, surveys, candidates, made, inventory }: Addition,
  full: readonly Candidate[],
): Part[] {
  const views = surveys.map((each) => each.view);
  const luns = candidates.map((candidate) => candidate.lun);
  const parts: Part[] = [...unaskedParts(asked), lunTable(luns, views, inventory)];
  if (made) {
    parts.push({ kind: "text", text: `The volume group ${storage.uuid} stands already; what is left is done now.` });
  }
  parts.push(...lossParts(full), ...(made ? [] : blankParts(candidates)));
  if (givenUp !== null) {
    parts.push({ kind: "text", text: `The unfinished ${givenUp.name} is given up: no host sees its volume group.` });
  }
  return [...parts, ...missingPathsParts(luns)];
}

function irreversible({ made, candidates }: Addition, full: readonly Candidate[]): string[] {
  if (made) return [];
  return [
    ...lossSentences(full),
    `${candidates.map(({ lun }) => lun.wwid).join(", ")} will hold a volume group that only its removal takes off again.`,
  ];
}

function stagesOf(addition: Addition, full: readonly Candidate[], backups: readonly Step[]): Stage[] {
  const { storage, surveys, candidates, made, askedAt } = addition;
  const first = writerOf(addition);
  const hostname = first.prepare.hostname.kind === "done" ? first.prepare.hostname.value : first.host.name;
  const prepare = surveys.flatMap(prepareSteps);
  const signed = full.filter(({ held }) => held.length > 0);
  const stages: Stage[] = [
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
  return withoutEmpty(stages);
}

/** The storage as it is now, with the multipath state of its LUNs. */
async function resultParts({ storage, surveys }: Addition, facts: Facts): Promise<Part[]> {
  const recorded = facts.inventory.primaryStorages.find((each) => each.uuid === storage.uuid);
  if (recorded === undefined) return [];
  const hosts = facts.inventory.hosts.filter((host) => surveys.some((each) => each.host.uuid === host.uuid));
  return storageParts(recorded, await lookAtHosts(hosts, facts), facts.inventory);
}

/** The host that writes: the first, so that planning again names the same. */
function writerOf({ surveys }: Addition): HostSurvey {
  const [first] = surveys;
  if (first === undefined) throw new Error("a storage needs at least one host");
  return first;
}

/** The LUNs are recorded as ours before the first write, so that no other plan can take them. */
function claims({ storage, givenUp, surveys, candidates }: Addition): InventoryChange[] {
  const ids = idsGiven(surveys);
  const after = claimed(storage, candidates);
  const place: InventoryChange[] = givenUp === null ? [] : [{ kind: "primary storage removed", uuid: givenUp.uuid }];
  return after === storage ? ids : [...ids, ...place, { kind: "primary storage claimed", storage: after }];
}

const added = (storage: PrimaryStorage, wwid: string, addedAt: string): InventoryChange => ({
  kind: "shared block added",
  storageUuid: storage.uuid,
  wwid,
  addedAt,
});

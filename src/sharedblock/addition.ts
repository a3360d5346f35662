import type { Facts } from "../core/command.ts";
import type { Cluster, Inventory, PrimaryStorage } from "../core/inventory.ts";
import type { InventoryChange } from "../core/inventory-change.ts";
import type { Plan, Stage, Step } from "../core/plan.ts";
import type { Part } from "../core/reply.ts";
import type { Candidate } from "./candidate.ts";
import { claimed } from "./claim.ts";
import { backupFolder, backupSteps, createStage, lockstartStage, verifyStage, wipeStage } from "./create.ts";
import { lookAtHosts } from "./look.ts";
import { lunTable } from "./matrix.ts";
import { prepareSteps } from "./prepare.ts";
import { storageParts } from "./show.ts";
import type { HostSurvey } from "./survey.ts";

/** All that is known when LUNs become a storage; nothing here speaks against it any more. */
export interface Addition {
  readonly cluster: Cluster;
  readonly storage: PrimaryStorage;
  readonly givenUp: PrimaryStorage | null;
  /** Hosts of other clusters that could not be asked whether they use the LUNs, with the reason. */
  readonly unasked: readonly string[];
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
  const backups = full.map((candidate) => backupOf(addition, candidate));
  const endings = full.map(({ lun }) => lun.wwid.slice(-6));
  return {
    title: `Add ${storage.name} to ${cluster.name}`,
    facts: factsOf(addition, full),
    irreversible: irreversible(addition, full),
    stages: stagesOf(
      addition,
      full,
      backups.flatMap(({ steps }) => steps),
    ),
    typedConfirmation:
      full.length === 0
        ? null
        : {
            expected: endings.join(" "),
            label: `Last six characters of the WWID${full.length > 1 ? "s, with spaces between" : ""}`,
          },
    locks: [cluster.name, `hosts of ${cluster.name}`, ...candidates.map(({ lun }) => lun.wwid), ...idLock(addition)],
    afterwards: backups.map(({ part, steps }) => ({ part, after: steps })),
    result: (facts) => resultParts(addition, facts),
  };
}

function factsOf(
  { storage, givenUp, unasked, surveys, candidates, made, inventory }: Addition,
  full: readonly Candidate[],
): Part[] {
  const views = surveys.map((each) => each.view);
  const luns = candidates.map((candidate) => candidate.lun);
  const parts: Part[] = [lunTable(luns, views, inventory)];
  if (made) {
    parts.push({ kind: "text", text: `The volume group ${storage.uuid} stands already; what is left is done now.` });
  }
  if (full.length > 0) {
    const rows = full.flatMap(({ lun, held }) =>
      (held.length > 0 ? held : ["data without a known signature"]).map((line) => [lun.wwid, line]),
    );
    parts.push({ kind: "table", caption: "Would be lost", columns: ["WWID", "on it now"], rows });
  }
  if (givenUp !== null) {
    parts.push({ kind: "text", text: `The unfinished ${givenUp.name} is given up: no host sees its volume group.` });
  }
  if (unasked.length > 0) {
    parts.push({ kind: "text", text: `Not asked whether they use it: ${unasked.join("; ")}.`, tone: "warning" });
  }
  const degraded = luns.flatMap((lun) =>
    lun.on
      .filter((on) => on.activePaths < on.totalPaths)
      .map((on) => `${lun.wwid} on ${on.host.name} has ${on.activePaths} of ${on.totalPaths} paths`),
  );
  if (degraded.length > 0)
    parts.push({ kind: "text", text: `Paths are missing: ${degraded.join("; ")}.`, tone: "warning" });
  return parts;
}

function irreversible({ made, candidates }: Addition, full: readonly Candidate[]): string[] {
  if (made) return [];
  const wiped = full.map(
    ({ lun }) =>
      `What is on ${lun.wwid} is lost. A backup of its signatures and first MiB can bring the label back, not what LVM writes over it.`,
  );
  return [
    ...wiped,
    `${candidates.map(({ lun }) => lun.wwid).join(", ")} will hold a volume group that only its removal takes off again.`,
  ];
}

function stagesOf(addition: Addition, full: readonly Candidate[], backups: readonly Step[]): Stage[] {
  const { storage, surveys, candidates, made, askedAt } = addition;
  const first = writerOf(addition);
  const isLocked = ({ view }: HostSurvey) =>
    view.leases.some((lease) => lease.volumeGroup === storage.uuid && lease.underWay === null);
  const unlocked = surveys.filter((each) => !isLocked(each)).map(({ host }) => host);
  const hostname = first.prepare.hostname.kind === "done" ? first.prepare.hostname.value : first.host.name;
  const prepare = surveys.flatMap(prepareSteps);
  const signed = full.filter(({ held }) => held.length > 0);
  const stages: Stage[] = [
    { kind: "record", title: "Claim the LUNs", changes: claims(addition) },
    { kind: "hosts", title: "Prepare LVM and sanlock", steps: prepare },
    { kind: "hosts", title: "Back up what will be erased", steps: backups },
    wipeStage(first.host, signed),
    ...(made ? [] : [createStage(first.host, hostname, storage, candidates, askedAt)]),
    lockstartStage(unlocked, storage.uuid),
    verifyStage(new Map(surveys.map(({ host, hostId }) => [host, hostId])), storage.uuid),
    {
      kind: "record",
      title: "Record the shared blocks",
      changes: candidates.map(({ lun }) => added(storage, lun.wwid, askedAt)),
    },
  ];
  return stages.filter((stage) => (stage.kind === "hosts" ? stage.steps.length > 0 : stage.changes.length > 0));
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

function backupOf(addition: Addition, candidate: Candidate): { part: Part; steps: Step[] } {
  const { host, prepare } = writerOf(addition);
  const wipefsCan = prepare.wipefsBacksUp.kind === "done" && prepare.wipefsBacksUp.value;
  const place = `${host.name}:${backupFolder(candidate, addition.askedAt)}`;
  return {
    part: { kind: "text", text: ["Backup of ", { code: candidate.lun.wwid }, ": ", { code: place }] },
    steps: backupSteps(host, wipefsCan, candidate, addition.askedAt),
  };
}

/** The LUNs are recorded as ours before the first write, so that no other plan can take them. */
function claims({ storage, givenUp, surveys, candidates }: Addition): InventoryChange[] {
  const ids = surveys
    .filter(({ host }) => host.sanlockHostId === null)
    .map(({ host, hostId }) => ({ kind: "sanlock host id given" as const, hostUuid: host.uuid, hostId }));
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

/** Two operations that give out sanlock host ids would give the same ones. */
const idLock = ({ surveys }: Addition): string[] =>
  surveys.some(({ host }) => host.sanlockHostId === null) ? ["sanlock host ids"] : [];

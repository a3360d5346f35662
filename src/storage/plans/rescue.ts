import { check } from "../../core/check.ts";
import type { Facts } from "../../core/facts.ts";
import type { Host, Inventory, PrimaryStorage } from "../../core/inventory.ts";
import { type Plan, type PlanResult, plan } from "../../core/plan.ts";
import { type Reason, Refusal, reason, refuse } from "../../core/refusal.ts";
import type { Part } from "../../core/reply.ts";
import { guardRead, type LunGuard, type Step } from "../../core/step.ts";
import { typedWords } from "../../core/typed-words.ts";
import { restoreBytes } from "../../host/backup.ts";
import { listSignatures } from "../../host/wipefs.ts";
import { lunsText } from "../arguments.ts";
import { inUseReasons, mapReasons } from "../checks/checks.ts";
import { deviceOn, freeGuards } from "../checks/guards.ts";
import { oneLunReasons } from "../checks/one-lun.ts";
import { isBareWwid, wwidNamed } from "../checks/resolve.ts";
import { answersOf, unaskedParts } from "../checks/unasked.ts";
import { clusterLocks, storageLocks } from "../locks.ts";
import type { AskedHosts, Candidate } from "../observe/candidate.ts";
import { readContents, signatureLine } from "../observe/contents.ts";
import type { HostView } from "../observe/host-view.ts";
import { observeHosts } from "../observe/hosts.ts";
import {
  foreignSignatures,
  isRestoredAt,
  type KeptBackup,
  keptBackups,
  missingPieces,
  signaturesOf,
} from "../observe/kept-backups.ts";
import { type Lun, lunsOf } from "../observe/lun.ts";
import { unreadHosts } from "../observe/not-understood.ts";
import { withUses } from "../observe/use.ts";
import { ownerOf } from "../owner.ts";
import { contentsPart } from "../render/lun.ts";
import { lunTable } from "../render/matrix.ts";
import { type Backup, backupOf, wwidEnding } from "../steps/erase.ts";
import { labelSteps, type OrphanedLabel } from "../steps/label-removal.ts";
import { freshMemoryStage } from "../steps/udev-memory.ts";
import {
  type ClaimObservation,
  cancelClaimPlan,
  isUnchangedSinceClaim,
  type LunClaim,
  observeClaim,
  released,
  sharingViews,
  withAllHosts,
} from "./cancel-claim.ts";

interface RescueRequest {
  readonly wwid: string;
  readonly at?: string | undefined;
  readonly unasked: readonly string[];
}

export async function planRescue(
  { wwid: given, at, unasked: confirmedUninvolved }: RescueRequest,
  facts: Facts,
): Promise<Plan> {
  const { inventory } = facts;
  const wwid = await wwidOf(given, facts);
  const headline = `${lunsText([wwid])} can't be rescued`;
  const claim = claimOf(headline, wwid, inventory);
  const [{ backups, unasked }, seenViews] = await Promise.all([
    keptBackups(wwid, inventory.hosts, facts),
    observeHosts(inventory.hosts, facts),
  ]);
  const typed = {
    confirmedUninvolved,
    again: (names: string) => typedWords("lun rescue", [given], { at, unasked: names }),
  };
  const views = await withUses(seenViews, [wwid], facts.gather);
  const left = claim === null ? null : await observeClaim(headline, claim, views, typed, facts);
  const fitting = at === undefined && claim !== null ? fittingOf(backups, claim) : backups;
  if (left !== null && at === undefined && isToCancel(left, fitting, unasked)) return cancelClaimPlan(left, facts);
  const chosen = chosenOf(headline, wwid, at, fitting, unasked);
  // Hosts that share the LUN, or are in the cluster of the writing host, must have answered.
  const near = views.filter(({ host }) => host.clusterUuid === chosen.host.clusterUuid);
  const far = views.filter((view) => !near.includes(view));
  refuse(headline, unreadHosts(near, [wwid]), { next: ["host list"] });
  const sharing = claim === null ? [] : sharingViews(claim, views, inventory);
  const others = answersOf(headline, {
    ...{ ...typed, sharing: [...new Set([...near, ...sharing])], inventory },
    luns: lunsOf(near).filter((lun) => lun.wwid === wwid),
    elsewhere: far.filter((view) => !sharing.includes(view)),
  });
  const label = left?.label ?? null;
  const seen = await candidateAt(headline, wwid, chosen, near, far, others.hosts, facts);
  const candidate = label === null ? seen : withoutSignatures(seen);
  const cluster = inventory.clusters.find(({ uuid }) => uuid === chosen.host.clusterUuid)?.name ?? "";
  const reasons = reasonsAgainst(candidate, chosen, near, far);
  const next = [`lun show ${cluster} ${wwid}`];
  refuse(headline, [...reasons, ...others.reasons], {
    fixes: reasons.length > 0 ? [] : others.fixes,
    next: [...others.next, ...next],
  });
  if (missingPieces(candidate, chosen).length === 0 && claim === null && isReportedAlike(candidate)) {
    const why = `everything in the backup of ${chosen.time} is on the LUN`;
    throw new Refusal(headline, reason("NOTHING_TO_DO", why), { next });
  }
  const claimedBy = claim?.storage ?? null;
  return rescuePlan({
    candidate,
    views: near,
    backups,
    chosen,
    claimedBy,
    label,
    facts,
  });
}

/** The data for restoring a LUN's signatures. Nothing prevents it any more. */
interface Rescue {
  /** The LUN as the hosts in the backup's cluster see it. */
  readonly candidate: Candidate;
  readonly views: readonly HostView[];
  readonly backups: readonly KeptBackup[];
  readonly chosen: KeptBackup;
  /** A storage that has claimed the LUN and never used it. The claim is cancelled. */
  readonly claimedBy: PrimaryStorage | null;
  /** The label that an interrupted extension has written since then. It is removed first. */
  readonly label: OrphanedLabel | null;
  readonly facts: Facts;
}

function rescuePlan(rescue: Rescue): Plan {
  const { candidate, chosen, claimedBy, label, facts } = rescue;
  const { lun, elsewhere } = candidate;
  const restored = missingPieces(candidate, chosen);
  const backups = backupsBefore(rescue, restored);
  return plan({
    title: `Rescue ${lun.wwid}`,
    verb: "Restore LUN",
    undo: { none: "What is overwritten is in the backup." },
    facts: factsOf(rescue),
    irreversible: irreversible(rescue, restored),
    stages: [
      // Before the backup: otherwise the backup would contain our own label, and a later rescue would restore it.
      { kind: "hosts", title: "Take our label off", steps: labelStepsOf(rescue) },
      { kind: "hosts", title: "Back up what will be overwritten", steps: backups.flatMap(({ steps }) => steps) },
      { kind: "hosts", title: "Write the signatures back", steps: restored.map((piece) => restoreStep(rescue, piece)) },
      { kind: "hosts", title: "Every host reads them", steps: lun.on.map((on) => checkStep(rescue, on.host)) },
      freshMemoryStage([{ wwid: lun.wwid, on: [...lun.on, ...elsewhere] }]),
      {
        kind: "record",
        title: "Cancel the reservation",
        changes: claimedBy === null ? [] : [released(claimedBy, lun.wwid)],
      },
    ],
    typedConfirmation:
      restored.length === 0 ? null : { expected: wwidEnding(lun), label: "Last six characters of the WWID" },
    locks: [
      lun.wwid,
      ...(claimedBy === null ? [] : storageLocks(claimedBy, facts.inventory)),
      ...clusterLocks([chosen.host, ...(label === null ? [] : [label.on.host])], facts.inventory),
    ],
    afterwards: backups.map(({ part, steps }) => ({ part, after: steps })),
    result: (later) => resultParts(rescue, later),
  });
}

type Piece = KeptBackup["pieces"][number];

const labelStepsOf = ({ candidate, label }: Rescue): Step[] =>
  label === null ? [] : labelSteps(withAllHosts(label, candidate), candidate.asked);

/**
 * If wipefs kept magic strings, only these are restored. Otherwise complete ranges are restored, and newer data in them
 * is overwritten.
 */
function irreversible({ candidate: { lun }, chosen }: Rescue, restored: readonly Piece[]): string[] {
  if (restored.length === 0) return [];
  const ranges = restored.flatMap(({ offsetBytes, rangeBytes }) =>
    rangeBytes === null ? [] : [`${offsetBytes} to ${offsetBytes + rangeBytes - 1}`],
  );
  if (ranges.length === 0) {
    return [
      `${restored.length === 1 ? "1 piece of the backup is" : `${restored.length} pieces of the backup are`} written to ${lun.wwid}. What was written over its data since the wipe does not change.`,
    ];
  }
  const kept = restored.some(isBeginning) ? ", except a copy of the beginning" : "";
  return [
    `Bytes ${ranges.join(", ")} of ${lun.wwid} are overwritten with the backup ${chosen.time}. Later content of these bytes is lost${kept}.`,
  ];
}

const isBeginning = ({ offsetBytes, rangeBytes }: Piece): boolean => offsetBytes === 0 && rangeBytes !== null;

/** The present data where the beginning is restored, in its own folder. */
function backupsBefore({ candidate, chosen, backups, facts }: Rescue, restored: readonly Piece[]): Backup[] {
  if (!restored.some(isBeginning)) return [];
  return [backupOf(chosen.host, false, candidate, unusedTime(facts.askedAt, backups))];
}

/** The time of the command, or the next second without a backup. No backup must be overwritten. */
function unusedTime(askedAt: string, backups: readonly KeptBackup[]): string {
  const taken = new Set(backups.map(({ time }) => time));
  let at = new Date(askedAt);
  while (
    taken.has(
      at
        .toISOString()
        .replaceAll(/[^0-9]/g, "")
        .slice(0, 14),
    )
  )
    at = new Date(at.getTime() + 1000);
  return at.toISOString();
}

function factsOf({ candidate, views, backups, chosen, claimedBy, facts }: Rescue): Part[] {
  const rows = backups.map((backup) => [
    backup.time,
    backup.host.name,
    signaturesOf(backup).join("; ") || "no signature",
    backup.host === chosen.host && backup.folder === chosen.folder ? "is restored" : "",
  ]);
  const writing =
    missingPieces(candidate, chosen).length > 0 ? "What is written back: " : "On the LUN already is what is kept in ";
  const parts: Part[] = [
    ...unaskedParts(candidate.asked),
    lunTable([candidate.lun], views, facts.inventory),
    { kind: "table", compared: true, caption: "Kept backups", columns: ["at (UTC)", "on", "holds", ""], rows },
    { kind: "text", text: [writing, { code: `${chosen.host.name}:${chosen.folder}` }] },
  ];
  if (claimedBy !== null) {
    parts.push({
      kind: "text",
      text: `It is reserved for ${claimedBy.name}, but not part of it. The reservation is cancelled.`,
    });
  }
  return parts;
}

const restoreStep = ({ candidate, chosen }: Rescue, piece: Piece): Step => {
  const device = deviceOn(chosen.host, candidate);
  return {
    host: chosen.host,
    command: restoreBytes(piece.file, device, piece.offsetBytes),
    guard: rescueGuard(candidate, chosen, device),
    why: `restores what was at byte ${piece.signaturesAt.join(", ")}`,
  };
};

/** Nothing uses the LUN on any host, and nothing was written to it since the wipe. */
function rescueGuard(candidate: Candidate, chosen: KeptBackup, device: string): LunGuard {
  const content = guardRead(chosen.host, { signatures: listSignatures(device) }, ({ signatures }) => {
    const foreign = foreignSignatures(signatures, chosen);
    const why = `on ${candidate.lun.wwid} is now ${foreign.map(signatureLine).join(", ")}`;
    return foreign.length === 0 ? null : reason("CONTENT_CHANGED", why);
  });
  const [first, ...others] = freeGuards(chosen.host, [candidate]);
  return [first, content, ...others];
}

function checkStep({ candidate, chosen }: Rescue, host: Host): Step {
  return {
    host,
    check: hasSignatures(deviceOn(host, candidate), chosen),
    withinMs: 10_000,
    why: "proves that the signatures are back",
  };
}

function hasSignatures(device: string, chosen: KeptBackup) {
  const offsets = chosen.pieces.flatMap(({ signaturesAt }) => signaturesAt);
  return check(listSignatures(device), (now) => {
    const missing = offsets.filter((offset) => !isRestoredAt(offset, now, chosen));
    return missing.length === 0 ? null : `does not read what was at byte ${missing.join(", ")} of ${device}`;
  });
}

async function resultParts({ candidate, views }: Rescue, facts: Facts): Promise<PlanResult> {
  const hosts = views.map(({ host }) => host).filter((host) => candidate.lun.on.some((on) => on.host === host));
  const luns = lunsOf(await observeHosts(hosts, facts)).filter(({ wwid }) => wwid === candidate.lun.wwid);
  const contents = [...(await readContents(luns, facts)).values()].flat();
  return { shown: [contentsPart(contents)] };
}

async function wwidOf(given: string, facts: Facts): Promise<string> {
  if (isBareWwid(given)) return given;
  const views = await observeHosts(facts.inventory.hosts, facts);
  return wwidNamed(given, lunsOf(views), views);
}

/** If not, the udev of a host has earlier content: an earlier rescue was interrupted before udev was refreshed. */
const isReportedAlike = ({ lun, elsewhere }: Candidate): boolean =>
  new Set([...lun.on, ...elsewhere].map(({ fileSystem, uuid }) => `${fileSystem} ${uuid}`)).size < 2;

/** Only an interrupted claim can be cancelled. */
function claimOf(headline: string, wwid: string, inventory: Inventory): LunClaim | null {
  const owner = ownerOf(wwid, inventory);
  if (owner === null || owner.block.addedAt === null) return owner;
  const { name } = owner.storage;
  const why = `${wwid} is a shared block of ${name} since ${owner.block.addedAt}`;
  const fix = `rescue is for a LUN without an owner: delete ${name} first if its data is not needed`;
  throw new Refusal(headline, reason("LUN_OWNED", why, fix), { next: [`sharedblock show ${name}`] });
}

/**
 * Backups that fit a claimed LUN, the best first. A later try backs up what it finds, which may be our own label or a
 * half-restored LUN.
 */
const fittingOf = (backups: readonly KeptBackup[], { block }: LunClaim): KeptBackup[] =>
  backups
    .filter(({ signatures }) => signatures.every((one) => block.heldWhenClaimed.includes(signatureLine(one))))
    .toSorted((left, right) => signaturesOf(right).length - signaturesOf(left).length);

/** There is nothing to write back: the LUN is unchanged or gone, or no backup fits what was written since then. */
function isToCancel(left: ClaimObservation, backups: readonly KeptBackup[], unasked: readonly string[]): boolean {
  if (left.candidate === null || isUnchangedSinceClaim(left)) return true;
  const latest = backups.find(({ pieces }) => pieces.length > 0);
  if (latest === undefined) return unasked.length === 0;
  const now = left.label === null ? (left.candidate.contents[0]?.signatures ?? []) : [];
  return foreignSignatures(now, latest).length > 0;
}

/** The LUN as it will be after our own label is removed. */
const withoutSignatures = (candidate: Candidate): Candidate => ({
  ...candidate,
  signatureLines: [],
  contents: candidate.contents.map((each) => ({ ...each, signatures: [] })),
});

function chosenOf(
  headline: string,
  wwid: string,
  at: string | undefined,
  backups: readonly KeptBackup[],
  unasked: readonly string[],
): KeptBackup {
  const chosen = backups.find(({ time, pieces }) => pieces.length > 0 && (at === undefined || time === at));
  if (chosen !== undefined) return chosen;
  const times = backups.filter(({ pieces }) => pieces.length > 0).map(({ time, host }) => `${time} on ${host.name}`);
  const why =
    times.length > 0
      ? `there is no backup of ${at}; existing: ${times.join(", ")}`
      : backups.length > 0
        ? `no kept backup of ${wwid} has a signature`
        : `no host keeps a backup of ${wwid}`;
  const silent = unasked.map((host) => reason("HOST_UNREACHABLE", `not asked: ${host}`));
  const fixes = times.length > 0 ? ["type at= with one of these times"] : [];
  const next = ["help lun rescue", "host list"];
  throw new Refusal(headline, [reason("BACKUP_NOT_USABLE", why, ...fixes), ...silent], { next });
}

async function candidateAt(
  headline: string,
  wwid: string,
  chosen: KeptBackup,
  near: readonly HostView[],
  far: readonly HostView[],
  asked: AskedHosts,
  facts: Facts,
): Promise<Candidate> {
  const [lun, elsewhere] = [near, far].map((views) => lunsOf(views).find((each) => each.wwid === wwid));
  if (lun === undefined || !lun.on.some((on) => on.host.uuid === chosen.host.uuid)) {
    const why = `${chosen.host.name} keeps the backup of ${chosen.time} but does not see the LUN`;
    throw new Refusal(headline, reason("LUN_NOT_SEEN", why, { run: `host rescan ${chosen.host.name}` }));
  }
  const contents = (await readContents([lun], facts)).get(lun) ?? [];
  const signatureLines =
    contents.find(({ host }) => host.uuid === chosen.host.uuid)?.signatures.map(signatureLine) ?? [];
  const blank = signatureLines.length === 0 && contents.every((each) => each.blankness?.blank === true);
  return { lun, elsewhere: elsewhere?.on ?? [], asked, contents, signatureLines, blank, leftByUs: false };
}

function reasonsAgainst(
  { lun, elsewhere, contents, signatureLines }: Candidate,
  chosen: KeptBackup,
  near: readonly HostView[],
  far: readonly HostView[],
): Reason[] {
  const beyond: Lun = { wwid: lun.wwid, on: elsewhere };
  const now = contents.flatMap(({ host, signatures }) => (host.uuid === chosen.host.uuid ? signatures : []));
  const foreign = foreignSignatures(now, chosen);
  return [
    ...lun.on.flatMap((on) => mapReasons(lun, on)),
    ...oneLunReasons(lun.wwid, [...lun.on, ...elsewhere]),
    ...inUseReasons(lun, near, null),
    ...inUseReasons(beyond, far, null),
    ...contents.flatMap(({ host, problems }) =>
      problems.map((why) => reason("HOST_UNREADABLE", `${host.name} can't read ${lun.wwid}: ${why}`)),
    ),
    ...contents
      .filter(
        ({ problems, signatures }) =>
          problems.length === 0 && signatures.map(signatureLine).join() !== signatureLines.join(),
      )
      .map(({ host }) => {
        const why = `${host.name} does not read the same on ${lun.wwid} as ${chosen.host.name}`;
        return reason("LUN_AMBIGUOUS", why, { run: `host rescan ${host.name}` });
      }),
    ...(foreign.length === 0
      ? []
      : [
          reason(
            "LUN_HAS_DATA",
            `${lun.wwid} has ${foreign.map(signatureLine).join(", ")}, made after the backup of ${chosen.time}`,
            "remove these signatures yourself if their data is not needed",
          ),
        ]),
  ];
}

import { z } from "zod";
import { defineChange, type Facts } from "../../src/core/command.ts";
import { refuse } from "../../src/core/find.ts";
import type { Inventory } from "../../src/core/inventory.ts";
import type { Plan } from "../../src/core/plan.ts";
import { Refusal } from "../../src/core/refusal.ts";
import { typedWords } from "../../src/core/typed-words.ts";
import { inUseObjections, mapObjections } from "../../src/storage/checks/checks.ts";
import { oneLunObjections } from "../../src/storage/checks/one-lun.ts";
import { isBareWwid, wwidNamed } from "../../src/storage/checks/resolve.ts";
import { answersOf } from "../../src/storage/checks/unasked.ts";
import { unaskedSchema } from "../../src/storage/host-names.ts";
import type { AskedHosts } from "../../src/storage/observe/asked-hosts.ts";
import type { Candidate } from "../../src/storage/observe/candidate.ts";
import { readContents, signatureLine } from "../../src/storage/observe/contents.ts";
import { type HostView, unreadHosts } from "../../src/storage/observe/host-view.ts";
import { lookAtHosts } from "../../src/storage/observe/hosts.ts";
import { type Lun, lunsOf } from "../../src/storage/observe/lun.ts";
import { withUses } from "../../src/storage/observe/use.ts";
import { ownerOf } from "../../src/storage/owner.ts";
import {
  type ClaimLook,
  givingUpPlan,
  isAsClaimed,
  type LunClaim,
  lookAtClaim,
  sharingViews,
} from "../../src/storage/plans/give-up-claim.ts";
import { holdsOf, type KeptBackup, keptBackups } from "../../src/storage/plans/kept-backup.ts";
import { missingPieces, rescuePlan, strangeSignatures } from "../../src/storage/plans/rescue.ts";
import { wwidNameSchema } from "../../src/storage/wwid.ts";

const args = z.strictObject({
  wwid: wwidNameSchema.describe("the LUN's WWID or its name in /dev/disk/by-id"),
  at: z
    .string()
    .transform((text) => text.replaceAll(/[^0-9]/g, "").slice(0, 14))
    .pipe(z.string().length(14, "is not a time such as 20261122100000"))
    .describe("which backup, by its time (UTC); without it the latest that holds a signature")
    .optional(),
  unasked: unaskedSchema,
});

export const lunRescue = defineChange({
  name: "lun rescue",
  summary:
    "give a LUN back as it was: undoes a wipe that should not have been, and an add or extend that was interrupted",
  risk: "destructive",
  args,
  positional: ["wwid"],
  examples: [
    "lun rescue 36b083fe000daf018000015505abbe00a",
    "lun rescue 36b083fe000daf018000015505abbe00a at=20261122100000",
  ],
  plan,
});

async function plan({ wwid: given, at, unasked: vouchedFor }: z.output<typeof args>, facts: Facts): Promise<Plan> {
  const { inventory } = facts;
  const wwid = await wwidOf(given, facts);
  const doing = `rescuing ${wwid}`;
  const claim = claimOf(doing, wwid, inventory);
  const [{ backups, unasked }, seenViews] = await Promise.all([
    keptBackups(wwid, inventory.hosts, facts),
    lookAtHosts(inventory.hosts, facts),
  ]);
  const asking = { vouchedFor, again: (names: string) => typedWords("lun rescue", [given], { at, unasked: names }) };
  const views = await withUses(seenViews, [wwid], facts.gather);
  const left = claim === null ? null : await lookAtClaim(doing, claim, views, asking, facts);
  const fitting = at === undefined && claim !== null ? fittingOf(backups, claim) : backups;
  if (left !== null && at === undefined && isToGiveUp(left, fitting, unasked)) return givingUpPlan(left, facts);
  const chosen = chosenOf(doing, wwid, at, fitting, unasked);
  // Who shares the LUN, or is in the cluster of the host that writes, must have answered.
  const near = views.filter(({ host }) => host.clusterUuid === chosen.host.clusterUuid);
  const far = views.filter((view) => !near.includes(view));
  refuse(doing, unreadHosts(near, [wwid]), ["host list"]);
  const sharing = claim === null ? [] : sharingViews(claim, views, inventory);
  const others = answersOf(doing, {
    ...{ ...asking, sharing: [...new Set([...near, ...sharing])], inventory },
    luns: lunsOf(near).filter((lun) => lun.wwid === wwid),
    beside: far.filter((view) => !sharing.includes(view)),
  });
  const label = left?.label ?? null;
  const seen = await candidateAt(doing, wwid, chosen, near, far, others.hosts, facts);
  const candidate = label === null ? seen : withoutSignatures(seen);
  const cluster = inventory.clusters.find(({ uuid }) => uuid === chosen.host.clusterUuid)?.name ?? "";
  const objections = objectionsTo(candidate, chosen, near, far);
  const next = objections.length > 0 ? [] : others.next;
  refuse(doing, [...objections, ...others.objections], [...next, `lun show ${cluster} ${wwid}`]);
  if (missingPieces(candidate, chosen).length === 0 && claim === null && isToldAlike(candidate)) {
    throw new Refusal(doing, `what the backup of ${chosen.time} holds is all on the LUN`, [
      `lun show ${cluster} ${wwid}`,
    ]);
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

async function wwidOf(given: string, facts: Facts): Promise<string> {
  if (isBareWwid(given)) return given;
  const views = await lookAtHosts(facts.inventory.hosts, facts);
  return wwidNamed(given, lunsOf(views), views);
}

/** Where not, the udev of a host remembers what was there before: an earlier rescue was interrupted before it was told. */
const isToldAlike = ({ lun, elsewhere }: Candidate): boolean =>
  new Set([...lun.on, ...elsewhere].map(({ fileSystem, uuid }) => `${fileSystem} ${uuid}`)).size < 2;

/** Only a claim that somebody has interrupted can be given up. */
function claimOf(doing: string, wwid: string, inventory: Inventory): LunClaim | null {
  const owner = ownerOf(wwid, inventory);
  if (owner === null || owner.block.addedAt === null) return owner;
  const { name } = owner.storage;
  throw new Refusal(doing, `${wwid} is a shared block of ${name} since ${owner.block.addedAt}`, [
    `sharedblock show ${name}`,
  ]);
}

/**
 * Those that a claimed LUN may get back, the best first: each later try keeps what it finds, which may be our own label,
 * or half of what an earlier rescue has brought back.
 */
const fittingOf = (backups: readonly KeptBackup[], { block }: LunClaim): KeptBackup[] =>
  backups
    .filter(({ signatures }) => signatures.every((one) => block.heldWhenClaimed.includes(signatureLine(one))))
    .toSorted((left, right) => holdsOf(right).length - holdsOf(left).length);

/** There is nothing to write back: the LUN is as it was, is gone, or no backup fits what came there since. */
function isToGiveUp(left: ClaimLook, backups: readonly KeptBackup[], unasked: readonly string[]): boolean {
  if (left.candidate === null || isAsClaimed(left)) return true;
  const latest = backups.find(({ pieces }) => pieces.length > 0);
  if (latest === undefined) return unasked.length === 0;
  const now = left.label === null ? (left.candidate.contents[0]?.signatures ?? []) : [];
  return strangeSignatures(now, latest).length > 0;
}

/** As it will be once our own label is off. */
const withoutSignatures = (candidate: Candidate): Candidate => ({
  ...candidate,
  held: [],
  contents: candidate.contents.map((each) => ({ ...each, signatures: [] })),
});

function chosenOf(
  doing: string,
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
      ? `there is no backup of ${at}; there are ${times.join(", ")}`
      : backups.length > 0
        ? `no kept backup of ${wwid} holds a signature`
        : `no host keeps a backup of ${wwid}`;
  throw new Refusal(doing, [why, ...unasked.map((host) => `not asked: ${host}`)], ["help lun rescue", "host list"]);
}

async function candidateAt(
  doing: string,
  wwid: string,
  chosen: KeptBackup,
  near: readonly HostView[],
  far: readonly HostView[],
  asked: AskedHosts,
  facts: Facts,
): Promise<Candidate> {
  const [lun, elsewhere] = [near, far].map((views) => lunsOf(views).find((each) => each.wwid === wwid));
  if (lun === undefined || !lun.on.some((on) => on.host.uuid === chosen.host.uuid)) {
    throw new Refusal(doing, `${chosen.host.name} keeps the backup of ${chosen.time} but does not see the LUN`, [
      `host rescan ${chosen.host.name}`,
    ]);
  }
  const contents = (await readContents([lun], facts)).get(lun) ?? [];
  const held = contents.find(({ host }) => host.uuid === chosen.host.uuid)?.signatures.map(signatureLine) ?? [];
  const blank = held.length === 0 && contents.every((each) => each.blankness?.blank === true);
  return { lun, elsewhere: elsewhere?.on ?? [], asked, contents, held, blank, leftByUs: false };
}

function objectionsTo(
  { lun, elsewhere, contents, held }: Candidate,
  chosen: KeptBackup,
  near: readonly HostView[],
  far: readonly HostView[],
): string[] {
  const beyond: Lun = { wwid: lun.wwid, on: elsewhere };
  const now = contents.flatMap(({ host, signatures }) => (host.uuid === chosen.host.uuid ? signatures : []));
  const strange = strangeSignatures(now, chosen);
  return [
    ...lun.on.flatMap((on) => mapObjections(lun, on)),
    ...oneLunObjections(lun.wwid, [...lun.on, ...elsewhere]),
    ...inUseObjections(lun, near, null),
    ...inUseObjections(beyond, far, null),
    ...contents.flatMap(({ host, problems }) => problems.map((why) => `${host.name} can't read ${lun.wwid}: ${why}`)),
    ...contents
      .filter(
        ({ problems, signatures }) => problems.length === 0 && signatures.map(signatureLine).join() !== held.join(),
      )
      .map(({ host }) => `${host.name} does not read the same on ${lun.wwid} as ${chosen.host.name}`),
    ...(strange.length === 0
      ? []
      : [`${lun.wwid} bears ${strange.map(signatureLine).join(", ")}, made after the backup of ${chosen.time}`]),
  ];
}

import type { Facts } from "../../core/facts.ts";
import type { Inventory, PrimaryStorage } from "../../core/inventory.ts";
import { type Reason, Refusal, reason } from "../../core/refusal.ts";
import { type AskedHosts, type Candidate, candidateOf } from "../observe/candidate.ts";
import { readContents } from "../observe/contents.ts";
import type { HostView } from "../observe/host-view.ts";
import { type Lun, lunsOf } from "../observe/lun.ts";
import { withUses } from "../observe/use.ts";
import { ownerOf } from "../owner.ts";
import { inUseReasons, shareReasons } from "./checks.ts";
import { oneLunReasons } from "./one-lun.ts";
import { finishWords } from "./unfinished.ts";

/** LUNs that become shared blocks, as every host sees them. */
interface WantedLuns {
  readonly luns: readonly Lun[];
  /** The hosts that will share them. */
  readonly views: readonly HostView[];
  /** All other hosts. The array may offer the LUNs to them too. */
  readonly otherViews: readonly HostView[];
}

/** The first check. Our own LUN is in use by its storage, and all other reasons would only repeat this. */
export function refuseOwned(
  headline: string,
  lun: Lun,
  inventory: Inventory,
  isContinued: (claimedBy: PrimaryStorage) => boolean,
): void {
  const owner = ownerOf(lun.wwid, inventory);
  if (owner === null || (owner.block.addedAt === null && isContinued(owner.storage))) return;
  const { name } = owner.storage;
  const show = `sharedblock show ${name}`;
  if (owner.block.addedAt !== null) {
    const why = `${lun.wwid} is a shared block of ${name} since ${owner.block.addedAt}`;
    throw new Refusal(headline, reason("LUN_OWNED", why, "choose another LUN"), { next: [show] });
  }
  const finish = { run: finishWords(owner.storage, inventory) };
  const cancel = { or: true, when: "to cancel it", run: `lun rescue ${lun.wwid}` } as const;
  const why = `${lun.wwid} is reserved for ${name} by an unfinished command`;
  throw new Refusal(headline, reason("LUN_OWNED", why, finish, cancel), { next: [show] });
}

/** The same LUNs with their users on every host, and the identity of each path. */
export async function withTheirUses({ luns, views, otherViews }: WantedLuns, facts: Facts): Promise<WantedLuns> {
  const wwids = luns.map(({ wwid }) => wwid);
  const [near, far] = await Promise.all([
    withUses(views, wwids, facts.gather),
    withUses(otherViews, wwids, facts.gather),
  ]);
  const seen = lunsOf(near);
  return { luns: luns.map((lun) => seen.find(({ wwid }) => wwid === lun.wwid) ?? lun), views: near, otherViews: far };
}

/**
 * Reasons against the LUNs as devices on any host, and their users there. `ours` is the volume group that an earlier
 * try may have created on them.
 */
export function lunReasons({ luns, views, otherViews }: WantedLuns, ours: string): Reason[] {
  const wwids = luns.map(({ wwid }) => wwid);
  const seen = (all: readonly HostView[]) => lunsOf(all).filter(({ wwid }) => wwids.includes(wwid));
  return [
    ...luns.flatMap((lun) => shareReasons(lun, views)),
    ...seen([...views, ...otherViews]).flatMap((lun) => oneLunReasons(lun.wwid, lun.on)),
    ...luns.flatMap((lun) => inUseReasons(lun, views, ours)),
    ...seen(otherViews).flatMap((lun) => inUseReasons(lun, otherViews, ours)),
  ];
}

/** The LUNs with the content that every host reads from them. */
export async function candidatesOf(
  { luns, otherViews }: WantedLuns,
  asked: AskedHosts,
  storage: PrimaryStorage,
  facts: Facts,
): Promise<Candidate[]> {
  const elsewhere = lunsOf(otherViews);
  return [...(await readContents(luns, facts))].map(([lun, contents]) => {
    const onOthers = elsewhere.find((other) => other.wwid === lun.wwid)?.on ?? [];
    return candidateOf(lun, onOthers, asked, contents, storage);
  });
}

/**
 * LVM makes no volume group of disks with different sector sizes ("Devices have inconsistent logical block sizes"). It
 * would report this only after the wipe. `members`: the LUNs that the group already has.
 */
export function sectorReasons(luns: readonly Lun[], members: readonly Lun[]): Reason[] {
  const sectors = [...new Set([...members, ...luns])].flatMap((lun) => {
    const bytes = lun.on.find((on) => on.logicalSectorBytes !== null)?.logicalSectorBytes ?? null;
    return bytes === null ? [] : [{ wwid: lun.wwid, bytes }];
  });
  if (new Set(sectors.map(({ bytes }) => bytes)).size < 2) return [];
  const each = sectors.map(({ wwid, bytes }) => `${wwid} ${bytes} bytes`).join(", ");
  return [reason("LUN_UNSUITABLE", `LUNs with different sector sizes can't be one volume group: ${each}`)];
}

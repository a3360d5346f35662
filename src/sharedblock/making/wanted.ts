import type { Facts } from "../../core/command.ts";
import type { Host, Inventory, PrimaryStorage } from "../../core/inventory.ts";
import { Refusal } from "../../core/refusal.ts";
import { deviceObjections, inUseObjections } from "../checks/checks.ts";
import { finishWords } from "../checks/unfinished.ts";
import { type Candidate, candidateOf } from "../looks/candidate.ts";
import { readContents } from "../looks/contents.ts";
import type { HostView } from "../looks/host-view.ts";
import { type Lun, lunsOf } from "../looks/lun.ts";
import type { Objection } from "../objection.ts";
import { ownerOf } from "../owner.ts";

/** LUNs that shall become shared blocks, as every host sees them. */
export interface WantedLuns {
  readonly luns: readonly Lun[];
  /** The hosts that shall share them. */
  readonly views: readonly HostView[];
  /** All other hosts: the array may offer the LUNs to them too. */
  readonly otherViews: readonly HostView[];
}

export const hostsBeside = (hosts: readonly Host[], inventory: Inventory): Host[] =>
  inventory.hosts.filter((host) => !hosts.some((each) => each.uuid === host.uuid));

/** Said before anything else: what speaks against a LUN of ours is only that it is in use as it should be. */
export function refuseOwned(
  doing: string,
  lun: Lun,
  inventory: Inventory,
  isContinued: (claimedBy: PrimaryStorage) => boolean,
): void {
  const owner = ownerOf(lun.wwid, inventory);
  if (owner === null || (owner.block.addedAt === null && isContinued(owner.storage))) return;
  const { name } = owner.storage;
  const show = `sharedblock show ${name}`;
  if (owner.block.addedAt !== null) {
    throw new Refusal(doing, `${lun.wwid} is a shared block since ${owner.block.addedAt} of ${name}`, [show]);
  }
  const next = [finishWords(owner.storage, inventory), `lun rescue ${lun.wwid}`, show];
  throw new Refusal(doing, `${lun.wwid} is claimed for ${name}: finish that, or give the claim up`, next);
}

/** What speaks against the LUNs as devices, on any host. `ours` is the volume group that an earlier try may have put them in. */
export function lunObjections({ luns, views, otherViews }: WantedLuns, ours: string): Objection[] {
  const elsewhere = lunsOf(otherViews);
  return luns.flatMap((lun) => [
    ...deviceObjections(lun, views),
    ...inUseObjections(lun, views, ours),
    ...elsewhere
      .filter((other) => other.wwid === lun.wwid)
      .flatMap((other) => inUseObjections(other, otherViews, ours)),
  ]);
}

/** The LUNs with what every host reads from them. */
export async function candidatesOf(
  { luns, otherViews }: WantedLuns,
  storage: PrimaryStorage,
  facts: Facts,
): Promise<Candidate[]> {
  const elsewhere = lunsOf(otherViews);
  return [...(await readContents(luns, facts))].map(([lun, contents]) => {
    const onOthers = elsewhere.find((other) => other.wwid === lun.wwid)?.on ?? [];
    return candidateOf(lun, onOthers, contents, storage);
  });
}

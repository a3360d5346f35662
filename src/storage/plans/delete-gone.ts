import { asking, askingInTurns } from "../../core/asking.ts";
import type { Facts } from "../../core/facts.ts";
import { clusterOf } from "../../core/find.ts";
import type { ReadCommand } from "../../core/host-command.ts";
import { named } from "../../core/host-text.ts";
import type { Cluster, Host, Inventory, PrimaryStorage } from "../../core/inventory.ts";
import { type Plan, plan, type Step } from "../../core/plan.ts";
import type { Part } from "../../core/reply.ts";
import { listEveryBlockDevice } from "../../host/lsblk.ts";
import { listMultipathMaps } from "../../host/multipath.ts";
import { listDiskIds } from "../../host/udev.ts";
import { type DeletionObservation, heldObjections } from "../checks/deletable.ts";
import { observeKernel } from "../checks/stale-lun.ts";
import { isUnmade } from "../checks/unfinished.ts";
import { storageLocks } from "../locks.ts";
import type { Objection } from "../objection.ts";
import { type Hold, isFree, perhapsDead } from "../observe/holds.ts";
import { type HostView, viewWith } from "../observe/host-view.ts";
import { type Lun, lunsOf, makingLuns } from "../observe/lun.ts";
import { unreadHosts } from "../observe/not-understood.ts";
import { few } from "../render/matrix.ts";
import { formatBytes } from "../size.ts";
import { seesNoGroup } from "../steps/join.ts";

/**
 * Nothing of the storage is seen by any host that answered: neither a LUN, finished or claimed, nor its volume group. A
 * storage without a LUN has none that could be gone, and a zone without hosts nobody who could tell.
 */
export function isSeenNowhere({ storage, views }: Pick<DeletionObservation, "storage" | "views">): boolean {
  const { uuid, sharedBlocks } = storage;
  return (
    sharedBlocks.length > 0 &&
    views.length > 0 &&
    leftOf(storage, views).length === 0 &&
    !views.some(
      ({ groups, volumes }) =>
        groups.some(({ name }) => name === uuid) || volumes.some((each) => each.volumeGroup === uuid),
    )
  );
}

/** Why the record of a storage that is seen nowhere must stay, and what to type; null where it may go. */
export async function whyItStays(
  observation: DeletionObservation,
  facts: Facts,
): Promise<{ readonly why: Objection[]; readonly next: string[] } | null> {
  const { storage, views } = observation;
  const answered = views.filter(({ problems }) => problems.length === 0);
  const kernels = await Promise.all(answered.map(({ host }) => observeKernel(host, facts)));
  // Also disks of size 0 whose name only the kernel still knows.
  const dead = leftOf(storage, kernels).flatMap(({ wwid, on }) => on.map(({ host }) => ({ wwid, host })));
  const why = [
    ...unreadHosts(views, []),
    ...unreadHosts(kernels, []),
    ...heldObjections(observation, null),
    ...observation.holds.flatMap(vmObjections),
    ...dead.map(({ wwid, host }) => `${host.name} still has dead paths of ${wwid}`),
  ];
  if (why.length === 0) return null;
  const way =
    "no host that answered sees any of its LUNs: show them to a host again; or, where they are gone for ever, its record alone goes once every host of its zone has answered and has nothing of it left";
  return { why: [way, ...why], next: nextFor(observation, dead, facts.inventory) };
}

interface DeadPaths {
  readonly wwid: string;
  readonly host: Host;
}

/** For hosts that could not be asked: they are brought back, or given up for dead. */
export function silentWords({ views, holds }: Pick<DeletionObservation, "views" | "holds">): string[] {
  const dead = perhapsDead(holds);
  return views
    .filter(({ problems }) => problems.length > 0)
    .slice(0, 2)
    .flatMap(({ host }) => [
      `host show ${host.name}`,
      ...(dead.includes(host) ? [`host remove ${host.name} force=true reason="…"`] : []),
    ]);
}

const vmObjections = ({ host, vms }: Hold): Objection[] =>
  vms.map(({ name, volumes }) => `machine ${named(name)} on ${host.name} has ${volumes.join(", ")} of it as a disk`);

function nextFor(
  { storage, views, holds }: DeletionObservation,
  dead: readonly DeadPaths[],
  inventory: Inventory,
): string[] {
  const clusters = inventory.clusters.filter(({ zoneUuid }) => zoneUuid === storage.zoneUuid);
  const has = (on: readonly { readonly host: Host }[], { uuid }: Cluster) =>
    on.some(({ host }) => host.clusterUuid === uuid);
  const held = holds.filter((hold) => !isFree(hold));
  const next = [
    ...silentWords({ views, holds }),
    ...clusters.filter((each) => has(held, each)).map(({ name }) => `sharedblock detach ${storage.name} ${name}`),
    ...dead.map(({ wwid, host }) => `lun forget ${clusterOf(inventory, [host]).name} ${wwid}`),
    ...clusters.filter((each) => has(views, each)).map(({ name }) => `host rescan ${name}`),
  ];
  return [...new Set(next)];
}

/** Both ways on where some LUNs are gone and something of the storage is seen still. */
export function leftObjections({ storage, views }: DeletionObservation): Objection[] {
  const left = leftOf(storage, views).map(({ wwid, on }) => `${wwid} on ${few(on.map(({ host }) => host.name))}`);
  const rest = left.length === 0 ? "what is left of its volume group" : left.join("; ");
  return [
    `to take it off its LUNs, show all of them to one host again; to give up the storage with what is on it, take the rest from every host on the array too (${rest}), then /zstack lun forget: once no host sees any of it, its record alone can go`,
  ];
}

function leftOf({ sharedBlocks }: PrimaryStorage, views: readonly HostView[]): Lun[] {
  const wwids = new Set(sharedBlocks.map(({ wwid }) => wwid));
  return lunsOf(views).filter(({ wwid }) => wwids.has(wwid));
}

/** For hosts that are left with a map or paths that don't answer. */
export const forgetWords = ({ storage, views }: DeletionObservation, inventory: Inventory): string[] => [
  ...new Set(
    leftOf(storage, views).flatMap(({ wwid, on }) =>
      on.map(({ host }) => `lun forget ${clusterOf(inventory, [host]).name} ${wwid}`),
    ),
  ),
];

/** Nothing speaks against it any more: the inventory forgets the storage, and nothing else changes. */
export function gonePlan(storage: PrimaryStorage, hosts: readonly Host[], inventory: Inventory): Plan {
  return plan({
    title: `Delete ${storage.name}`,
    verb: "Delete Record",
    undo: { none: "If its LUNs come back, sharedblock import records it again." },
    facts: goneFacts(storage, hosts, inventory),
    irreversible: [`The record of ${storage.name} with its description is lost.`],
    stages: [
      { kind: "hosts", title: "No host sees its LUNs", steps: hosts.flatMap((host) => unseenSteps(storage, host)) },
      {
        kind: "record",
        title: "Record that it is gone",
        changes: [{ kind: "primary storage removed", uuid: storage.uuid }],
      },
    ],
    typedConfirmation: { expected: storage.name, label: "Name of the primary storage" },
    locks: storageLocks(storage, inventory),
  });
}

function goneFacts(storage: PrimaryStorage, hosts: readonly Host[], inventory: Inventory): Part[] {
  const { uuid, sharedBlocks, zoneUuid } = storage;
  const zone = inventory.zones.find((each) => each.uuid === zoneUuid)?.name ?? "its zone";
  const who =
    hosts.length === 1 ? `The only host of ${zone} sees none` : `None of the ${hosts.length} hosts of ${zone} sees any`;
  const back = isUnmade(storage)
    ? "Its LUNs were only claimed: whether its volume group was begun on them is not known."
    : "The volumes that lie on them can't be counted.";
  const rows = sharedBlocks.map(({ wwid, sizeBytes, addedAt }) => [
    wwid,
    formatBytes(sizeBytes),
    addedAt === null ? "claimed, not finished" : addedAt.slice(0, 10),
  ]);
  return [
    {
      kind: "text",
      text: `${who} of its LUNs. Only its record goes: nothing on any disk is changed. A host may learn only by a scan that the array shows a LUN again: where in doubt, /zstack host rescan first.`,
    },
    { kind: "table", caption: "LUNs that no host sees", columns: ["WWID", "size", "added"], rows },
    {
      kind: "text",
      text: `${back} Should the array show the LUNs again, /zstack sharedblock import CLUSTER ${uuid} takes the volume group in as it is.`,
      tone: "warning",
    },
  ];
}

/** Immediately before the record goes, on every host: no map, no disk, no link of any of the LUNs, and no group. */
export const unseenSteps = (
  { uuid, sharedBlocks }: Pick<PrimaryStorage, "uuid" | "sharedBlocks">,
  host: Host,
): Step[] => {
  const wwids = sharedBlocks.map(({ wwid }) => wwid);
  const checks: [ReadCommand<string | null>, string][] = [
    [hasNoMapOf(wwids), "proves that it has no multipath map of its LUNs"],
    [hasNoDiskOf(wwids, host), "proves that it has no disk of that name"],
    [hasNoLinkOf(wwids), "proves that udev names none so"],
    [seesNoGroup(uuid), "proves that it does not see its volume group"],
  ];
  return checks.map(([check, why]) => ({ host, check, why }));
};

const hasNoMapOf = (wwids: readonly string[]): ReadCommand<string | null> =>
  asking(listMultipathMaps, (maps) =>
    still(
      wwids,
      maps.map(({ wwid }) => wwid),
    ),
  );

/** Also those of size 0. A WWID that is no NAA name is found by its link only. */
const hasNoDiskOf = (wwids: readonly string[], host: Host): ReadCommand<string | null> =>
  askingInTurns(listEveryBlockDevice, function* (devices) {
    const luns = yield* makingLuns(viewWith(host, { devices }));
    return still(
      wwids,
      luns.map(({ wwid }) => wwid),
    );
  });

/** `scsi-3600…` of a path, `dm-uuid-mpath-3600…` of a map. */
const hasNoLinkOf = (wwids: readonly string[]): ReadCommand<string | null> =>
  asking(listDiskIds, (links) =>
    still(
      wwids,
      links.map(({ name }) => name.replace(/^(scsi|dm-uuid-mpath)-/, "")),
    ),
  );

function still(wwids: readonly string[], seen: readonly string[]): string | null {
  const all = new Set(seen);
  const left = wwids.filter((wwid) => all.has(wwid));
  return left.length === 0 ? null : `sees ${left.join(", ")}`;
}

import { check, mapReadInSlices } from "../../core/check.ts";
import type { Facts } from "../../core/facts.ts";
import { clusterOf } from "../../core/find.ts";
import type { ReadCommand } from "../../core/host-command.ts";
import { named } from "../../core/host-text.ts";
import type { Cluster, Host, Inventory, PrimaryStorage } from "../../core/inventory.ts";
import { type Plan, plan } from "../../core/plan.ts";
import { type Fix, type Reason, reason } from "../../core/refusal.ts";
import type { Part } from "../../core/reply.ts";
import { few } from "../../core/shared-facts.ts";
import type { Step } from "../../core/step.ts";
import { listEveryBlockDevice } from "../../host/lsblk.ts";
import { listMultipathMaps } from "../../host/multipath.ts";
import { listDiskIds } from "../../host/udev.ts";
import { type DeletionObservation, storageInUseReasons } from "../checks/deletable.ts";
import { observeKernel } from "../checks/stale-lun.ts";
import { hasNoFinishedLun } from "../checks/unfinished.ts";
import { storageLocks } from "../locks.ts";
import { type HostView, viewWith } from "../observe/host-view.ts";
import { type Lun, lunsOf, makingLuns } from "../observe/lun.ts";
import { unreadHosts } from "../observe/not-understood.ts";

import { isFree, perhapsDead, type StorageOnHost } from "../observe/storage-on-host.ts";

import { formatBytes } from "../size.ts";
import { seesNoGroup } from "../steps/join.ts";

/**
 * No host that answered sees anything of the storage: no LUN, finished or claimed, and no volume group. False for a
 * storage without LUNs, and in a zone without hosts.
 */
export function isSeenNowhere({ storage, views }: Pick<DeletionObservation, "storage" | "views">): boolean {
  const { uuid, sharedBlocks } = storage;
  return (
    sharedBlocks.length > 0 &&
    views.length > 0 &&
    remainingOf(storage, views).length === 0 &&
    !views.some(
      ({ groups, volumes }) =>
        groups.some(({ name }) => name === uuid) || volumes.some((each) => each.volumeGroup === uuid),
    )
  );
}

/** Why the record of a storage that no host sees must stay, with the fixes. Empty if it can be removed. */
export async function reasonsToKeep(
  observation: DeletionObservation,
  facts: Facts,
): Promise<{ readonly why: Reason[] } & Help> {
  const { storage, views } = observation;
  const answered = views.filter(({ problems }) => problems.length === 0);
  const kernels = await Promise.all(answered.map(({ host }) => observeKernel(host, facts)));
  // These include disks of size 0, of which only the kernel still knows the names.
  const dead = remainingOf(storage, kernels).flatMap(({ wwid, on }) => on.map(({ host }) => ({ wwid, host })));
  const why = [
    ...unreadHosts(views, []),
    ...unreadHosts(kernels, []),
    ...storageInUseReasons(observation, null),
    ...observation.onHosts.flatMap(vmReasons),
    ...dead.map(({ wwid, host }) => reason("LUN_STILL_OFFERED", `${host.name} still has dead paths of ${wwid}`)),
  ];
  if (why.length === 0) return { why: [], fixes: [], next: [] };
  const unseen = reason(
    "LUN_NOT_SEEN",
    "no host that answered sees any of its LUNs",
    "map its LUNs to a host again; or, if they are gone permanently, let every host of the zone answer first",
  );
  return { why: [unseen, ...why], ...helpFor(observation, dead, facts.inventory) };
}

interface Help {
  readonly fixes: Fix[];
  readonly next: string[];
}

interface DeadPaths {
  readonly wwid: string;
  readonly host: Host;
}

/** Hosts that could not be asked must answer, or be removed as dead. */
export function silentHelp({ views, onHosts }: Pick<DeletionObservation, "views" | "onHosts">): Help {
  const dead = perhapsDead(onHosts);
  const silent = views.filter(({ problems }) => problems.length > 0).slice(0, 2);
  return {
    fixes: silent.flatMap(({ host }) =>
      dead.includes(host)
        ? [{ when: `if ${host.name} is dead`, run: `host remove ${host.name} force=true reason="…"` }]
        : [],
    ),
    next: silent.map(({ host }) => `host show ${host.name}`),
  };
}

const vmReasons = ({ host, vms }: StorageOnHost): Reason[] =>
  vms.map(({ name, volumes }) => {
    const why = `VM ${named(name)} on ${host.name} has ${volumes.join(", ")} of it as a disk`;
    return reason("VOLUME_IN_USE", why, `detach the disk from VM ${named(name)}, or delete the VM`);
  });

function helpFor(
  { storage, views, onHosts }: DeletionObservation,
  dead: readonly DeadPaths[],
  inventory: Inventory,
): Help {
  const clusters = inventory.clusters.filter(({ zoneUuid }) => zoneUuid === storage.zoneUuid);
  const has = (on: readonly { readonly host: Host }[], { uuid }: Cluster) =>
    on.some(({ host }) => host.clusterUuid === uuid);
  const inUse = onHosts.filter((on) => !isFree(on));
  const silent = silentHelp({ views, onHosts });
  const fixes = [
    ...silent.fixes,
    ...clusters
      .filter((each) => has(inUse, each))
      .map(({ name }) => ({ run: `sharedblock detach ${storage.name} ${name}` })),
    ...dead.map(({ wwid, host }) => ({ run: `lun forget ${clusterOf(inventory, [host]).name} ${wwid}` })),
    ...clusters.filter((each) => has(views, each)).map(({ name }) => ({ run: `host rescan ${name}` })),
  ];
  return { fixes, next: silent.next };
}

/** Both fixes if some LUNs are gone and hosts still see something of the storage. */
export function remainingReason({ storage, views }: DeletionObservation): Reason {
  const left = remainingOf(storage, views).map(({ wwid, on }) => `${wwid} on ${few(on.map(({ host }) => host.name))}`);
  const rest = left.length === 0 ? "what is left of its volume group" : left.join("; ");
  return reason(
    "LUN_NOT_SEEN",
    `some of its LUNs are gone, and hosts still see ${rest}`,
    "to remove it from its LUNs, map all of them to one host again",
    "to remove only its record, unmap the other LUNs from every host on the array, then run lun forget",
  );
}

function remainingOf({ sharedBlocks }: PrimaryStorage, views: readonly HostView[]): Lun[] {
  const wwids = new Set(sharedBlocks.map(({ wwid }) => wwid));
  return lunsOf(views).filter(({ wwid }) => wwids.has(wwid));
}

/** For hosts that still have a map or paths that don't answer. */
export const forgetFixes = ({ storage, views }: DeletionObservation, inventory: Inventory): Fix[] =>
  remainingOf(storage, views).flatMap(({ wwid, on }) =>
    on.map(({ host }) => ({ run: `lun forget ${clusterOf(inventory, [host]).name} ${wwid}` })),
  );

/** Nothing prevents it any more. The inventory forgets the storage, and nothing else changes. */
export function recordRemovalPlan(storage: PrimaryStorage, hosts: readonly Host[], inventory: Inventory): Plan {
  return plan({
    title: `Delete ${storage.name}`,
    verb: "Delete Record",
    undo: { none: "If its LUNs come back, sharedblock import records it again." },
    facts: recordRemovalFacts(storage, hosts, inventory),
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

function recordRemovalFacts(storage: PrimaryStorage, hosts: readonly Host[], inventory: Inventory): Part[] {
  const { uuid, sharedBlocks, zoneUuid } = storage;
  const zone = inventory.zones.find((each) => each.uuid === zoneUuid)?.name ?? "its zone";
  const who =
    hosts.length === 1 ? `The only host of ${zone} sees none` : `None of the ${hosts.length} hosts of ${zone} sees any`;
  const back = hasNoFinishedLun(storage)
    ? "Its LUNs were only claimed: whether its volume group was begun on them is not known."
    : "The volumes on them can't be counted.";
  const rows = sharedBlocks.map(({ wwid, sizeBytes, addedAt }) => [
    wwid,
    formatBytes(sizeBytes),
    addedAt === null ? "claimed, not finished" : addedAt.slice(0, 10),
  ]);
  return [
    {
      kind: "text",
      text: `${who} of its LUNs. Only its record goes: nothing on any disk is changed. A host may need a scan to see a LUN that the array shows again: if in doubt, /zstack host rescan first.`,
    },
    { kind: "table", caption: "LUNs that no host sees", columns: ["WWID", "size", "added"], rows },
    {
      kind: "text",
      text: `${back} If the array shows the LUNs again, /zstack sharedblock import CLUSTER ${uuid} imports the volume group.`,
      tone: "warning",
    },
  ];
}

/**
 * Directly before the record is removed, on every host: no map, disk or link of any of the LUNs, and no volume group.
 */
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

const hasNoMapOf = (wwids: readonly string[]) =>
  check(listMultipathMaps, (maps) =>
    still(
      wwids,
      maps.map(({ wwid }) => wwid),
    ),
  );

/** Disks of size 0 are included. A WWID that is no NAA name is found only by its link. */
const hasNoDiskOf = (wwids: readonly string[], host: Host): ReadCommand<string | null> =>
  mapReadInSlices(listEveryBlockDevice, function* (devices) {
    const luns = yield* makingLuns(viewWith(host, { devices }));
    return still(
      wwids,
      luns.map(({ wwid }) => wwid),
    );
  });

/** `scsi-3600…` of a path, `dm-uuid-mpath-3600…` of a map. */
const hasNoLinkOf = (wwids: readonly string[]) =>
  check(listDiskIds, (links) =>
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

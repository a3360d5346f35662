import { counted } from "../../core/counted.ts";
import type { Facts } from "../../core/facts.ts";
import { attachedHosts, storageNamed } from "../../core/find.ts";
import type { Inventory, PrimaryStorage } from "../../core/inventory.ts";
import type { StorageObservation } from "../../core/observation.ts";
import type { PlanResult } from "../../core/plan.ts";
import type { Part, Reply } from "../../core/reply.ts";
import { sharedFacts } from "../../core/shared-facts.ts";
import { unfinishedParts, unfinishedWwids } from "../checks/unfinished.ts";
import type { HostView } from "../observe/host-view.ts";
import { observeHosts } from "../observe/hosts.ts";
import { capacityText, observed } from "../observe/last-observation.ts";
import { lunsOf } from "../observe/lun.ts";
import { statusOf } from "../observe/status.ts";
import { formatBytes } from "../size.ts";
import { hostStatusParts, lastObservationParts } from "./host-status.ts";
import { multipathParts } from "./maps.ts";
import { lunTable, problemsPart } from "./matrix.ts";

/** The inventory's record of a storage, and its observed capacity. */
function storageFields(storage: PrimaryStorage, capacity: StorageObservation["capacity"], inventory: Inventory): Part {
  const clusters = inventory.clusters.filter((cluster) => storage.clusterUuids.includes(cluster.uuid));
  const zone = inventory.zones.find((each) => each.uuid === storage.zoneUuid);
  return {
    kind: "fields",
    fields: [
      ["name", storage.name],
      ["desired state", stateText(storage)],
      ["zone", zone?.name ?? "unknown"],
      ["clusters", clusters.map((cluster) => cluster.name).join(", ") || "none"],
      ["capacity", capacity === null ? "unknown" : formatBytes(capacity.sizeBytes)],
      ["available", capacity === null ? "unknown" : formatBytes(capacity.freeBytes)],
      ["volume group", [{ code: storage.uuid }]],
      ...(storage.description === "" ? [] : [["description", storage.description] as const]),
    ],
  };
}

/** A storage for its administrator: state, status of each host, capacity, LUNs and their paths. */
function storageParts(storage: PrimaryStorage, views: readonly HostView[], inventory: Inventory): Part[] {
  const group = views.flatMap((view) => view.groups).find((each) => each.name === storage.uuid);
  const wwids = new Set(storage.sharedBlocks.map((block) => block.wwid));
  const luns = lunsOf(views).filter((lun) => wwids.has(lun.wwid));
  const unseen = [...wwids].filter((wwid) => !luns.some((lun) => lun.wwid === wwid));
  const problems = problemsPart(views);
  return [
    storageFields(storage, group ?? null, inventory),
    ...hostStatusParts(
      "Status, observed now",
      views.map((view) => ({
        host: view.host.name,
        status: statusOf(storage, view),
        seen: null,
        hostId: view.host.sanlockHostId,
      })),
    ),
    lunTable(luns, views, inventory),
    ...unfinishedParts(storage, inventory),
    ...unseen.map((wwid): Part => ({ kind: "text", text: `No host that could be read sees ${wwid}.`, tone: "bad" })),
    ...multipathParts(views, wwids, "troubled"),
    ...(problems === null ? [] : [problems]),
  ];
}

/** The desired state, and what is not finished. */
export function stateText(storage: PrimaryStorage): string {
  const unfinished = unfinishedWwids(storage);
  return unfinished.length === 0
    ? storage.state
    : `${storage.state}, ${counted(unfinished.length, "LUN")} claimed but not finished`;
}

/**
 * After a change: the capacity and the number of hosts that serve it. The details are for people who want to know more.
 */
export function storageResult(storage: PrimaryStorage, views: readonly HostView[], inventory: Inventory): PlanResult {
  const group = views.flatMap((view) => view.groups).find((each) => each.name === storage.uuid);
  const capacity =
    group === undefined ? "unknown" : `${formatBytes(group.sizeBytes)}, ${formatBytes(group.freeBytes)} free`;
  return {
    shown: [
      { kind: "fields", fields: [["capacity", capacity]] },
      connectedPart(storage, views),
      ...unfinishedParts(storage, inventory),
    ],
    details: storageParts(storage, views, inventory),
    next: [`sharedblock show ${storage.name}`],
  };
}

/** The number of hosts that serve it, and the names of those that do not. */
export function connectedPart(storage: PrimaryStorage, views: readonly HostView[]): Part {
  const out = views.filter((view) => statusOf(storage, view) !== "Connected");
  const others = sharedFacts(
    out,
    ({ host }) => host.name,
    (view) => statusOf(storage, view),
    views.length,
  ).map(({ fact, hosts }) => `${hosts} ${fact}`);
  const connected = `${views.length - out.length}/${views.length}`;
  return {
    kind: "fields",
    fields: [["hosts connected", others.length === 0 ? connected : `${connected}; ${others.join("; ")}`]],
  };
}

/** The same from a new observation of the hosts of all its clusters. */
export async function storageNow({ uuid }: PrimaryStorage, facts: Facts): Promise<PlanResult> {
  const { inventory } = facts;
  const storage = inventory.primaryStorages.find((each) => each.uuid === uuid);
  if (storage === undefined) return { shown: [] };
  const hosts = attachedHosts(inventory, storage);
  return hosts.length === 0
    ? { shown: [storageFields(storage, null, inventory), ...unfinishedParts(storage, inventory)] }
    : storageResult(storage, await observeHosts(hosts, facts), inventory);
}

export async function storageListReply({ refresh }: { readonly refresh: boolean }, facts: Facts): Promise<Reply> {
  const storages = facts.inventory.primaryStorages;
  const hosts = [...new Set(storages.flatMap((storage) => attachedHosts(facts.inventory, storage)))];
  const problems = refresh ? problemsPart(await observeHosts(hosts, facts)) : null;
  const table: Part = { kind: "table", columns, rows: storages.map((storage) => row(storage, facts)) };
  return {
    title: counted(storages.length, "Shared Block storage"),
    tone: problems === null ? "plain" : "warning",
    parts: [
      storages.length === 0 ? { kind: "text", text: "There is none yet." } : table,
      ...(problems === null ? [] : [problems]),
    ],
    next:
      storages.length === 0
        ? ["help sharedblock add"]
        : refresh
          ? []
          : [{ words: "sharedblock list refresh=true", label: "Observe Again" }],
  };
}

const columns = [
  "storage",
  "status (observed)",
  "desired state",
  "available",
  "capacity",
  "observed",
  "LUNs",
  "clusters",
];

function row(storage: PrimaryStorage, facts: Facts): string[] {
  const clusters = facts.inventory.clusters.filter((cluster) => storage.clusterUuids.includes(cluster.uuid));
  const { status, age, capacity } = observed(storage, facts);
  return [
    storage.name,
    status,
    stateText(storage),
    capacityText(capacity, "freeBytes"),
    capacityText(capacity, "sizeBytes"),
    age,
    String(storage.sharedBlocks.length),
    clusters.map((cluster) => cluster.name).join(", ") || "none",
  ];
}

export async function storageReply(
  { name, refresh }: { readonly name: string; readonly refresh: boolean },
  facts: Facts,
): Promise<Reply> {
  const { inventory } = facts;
  const storage = storageNamed(inventory, name);
  const clusters = inventory.clusters.filter((cluster) => storage.clusterUuids.includes(cluster.uuid));
  if (!refresh) {
    const { capacity } = observed(storage, facts);
    return {
      title: `Primary storage ${name}, as last seen`,
      tone: "plain",
      parts: [storageFields(storage, capacity, inventory), ...lastObservationParts(storage, facts)],
      next: [`sharedblock show ${name}`],
    };
  }
  const views = await observeHosts(attachedHosts(inventory, storage), facts);
  const connected = views.every((view) => statusOf(storage, view) === "Connected");
  const fixes = views.length > 0 && storage.state !== "Maintenance" && !connected;
  return {
    title: `Primary storage ${name}`,
    tone: connected ? "good" : "warning",
    parts: storageParts(storage, views, inventory),
    next: [...(fixes ? [`sharedblock reconnect ${name}`] : []), ...clusters.map((each) => `lun list ${each.name}`)],
  };
}

import type { Inventory, PrimaryStorage } from "../../core/inventory.ts";
import type { Look } from "../../core/observation.ts";
import type { Part } from "../../core/reply.ts";
import { unfinishedParts, unfinishedWwids } from "../checks/unfinished.ts";
import { hostStatusParts } from "../observe/host-status.ts";
import type { HostView } from "../observe/host-view.ts";
import { lunsOf } from "../observe/lun.ts";
import { statusOf } from "../observe/status.ts";
import { formatBytes } from "../size.ts";
import { multipathParts } from "./maps.ts";
import { lunTable, problemsPart } from "./matrix.ts";

/** What the inventory has of a storage, and its capacity as it was observed. */
export function storageFields(storage: PrimaryStorage, capacity: Look["capacity"], inventory: Inventory): Part {
  const clusters = inventory.clusters.filter((cluster) => storage.clusterUuids.includes(cluster.uuid));
  const zone = inventory.zones.find((each) => each.uuid === storage.zoneUuid);
  return {
    kind: "fields",
    fields: [
      ["name", storage.name],
      ["state (wished)", stateText(storage)],
      ["zone", zone?.name ?? "unknown"],
      ["clusters", clusters.map((cluster) => cluster.name).join(", ") || "none"],
      ["capacity", capacity === null ? "unknown" : formatBytes(capacity.sizeBytes)],
      ["available", capacity === null ? "unknown" : formatBytes(capacity.freeBytes)],
      ["volume group", [{ code: storage.uuid }]],
      ...(storage.description === "" ? [] : [["description", storage.description] as const]),
    ],
  };
}

/** A storage as its administrator sees it: state, status per host, capacity, LUNs and their paths. */
export function storageParts(storage: PrimaryStorage, views: readonly HostView[], inventory: Inventory): Part[] {
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

/** The wish, and what of it is not finished. */
export function stateText(storage: PrimaryStorage): string {
  const unfinished = unfinishedWwids(storage);
  return unfinished.length === 0
    ? storage.state
    : `${storage.state}, ${unfinished.length} LUN(s) claimed but not finished`;
}

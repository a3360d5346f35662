import type { Inventory, PrimaryStorage } from "../core/inventory.ts";
import type { Part } from "../core/reply.ts";
import type { HostView } from "./look.ts";
import { lunsOf } from "./lun.ts";
import { lunTable, problemsPart } from "./matrix.ts";
import { multipathParts } from "./multipath.ts";
import { formatBytes } from "./size.ts";

/** What a host is to a storage at this look: Connected sees the whole group and holds its lease. Observed, never stored. */
export type Status = "Connecting" | "Connected" | "Disconnected" | "Unknown";

export function statusOf(storage: PrimaryStorage, view: HostView): Status {
  if (view.problems.length > 0) return "Unknown";
  const group = view.groups.find((each) => each.name === storage.uuid);
  const lease = view.leases.find((each) => each.volumeGroup === storage.uuid);
  if (lease !== undefined && lease.underWay !== null) return "Connecting";
  return group?.missingPhysicalVolumes === 0 && lease !== undefined ? "Connected" : "Disconnected";
}

/** A storage as its administrator sees it: state, status per host, capacity, LUNs and their paths. */
export function storageParts(storage: PrimaryStorage, views: readonly HostView[], inventory: Inventory): Part[] {
  const group = views.flatMap((view) => view.groups).find((each) => each.name === storage.uuid);
  const clusters = inventory.clusters.filter((cluster) => storage.clusterUuids.includes(cluster.uuid));
  const zone = inventory.zones.find((each) => each.uuid === storage.zoneUuid);
  const wwids = new Set(storage.sharedBlocks.map((block) => block.wwid));
  const luns = lunsOf(views).filter((lun) => wwids.has(lun.wwid));
  const unseen = [...wwids].filter((wwid) => !luns.some((lun) => lun.wwid === wwid));
  const problems = problemsPart(views);
  return [
    {
      kind: "fields",
      fields: [
        ["name", storage.name],
        ["state", stateText(storage)],
        ["zone", zone?.name ?? "unknown"],
        ["clusters", clusters.map((cluster) => cluster.name).join(", ") || "none"],
        ["capacity", group ? formatBytes(group.sizeBytes) : "unknown"],
        ["available", group ? formatBytes(group.freeBytes) : "unknown"],
        ["volume group", [{ code: storage.uuid }]],
        ...(storage.description === "" ? [] : [["description", storage.description] as const]),
      ],
    },
    {
      kind: "table",
      caption: "Hosts, as seen now",
      columns: ["host", "status", "sanlock host id"],
      rows: views.map((view) => [view.host.name, statusOf(storage, view), String(view.host.sanlockHostId ?? "none")]),
    },
    lunTable(luns, views, inventory),
    ...unseen.map((wwid): Part => ({ kind: "text", text: `No host that could be read sees ${wwid}.`, tone: "bad" })),
    ...multipathParts(views, wwids),
    ...(problems === null ? [] : [problems]),
  ];
}

/** The wish, and what of it is not finished. */
export function stateText(storage: PrimaryStorage): string {
  const unfinished = storage.sharedBlocks.filter((block) => block.addedAt === null);
  return unfinished.length === 0
    ? storage.state
    : `${storage.state}, ${unfinished.length} LUN(s) claimed but not finished`;
}

import type { Facts } from "../../core/facts.ts";
import type { Inventory, PrimaryStorage } from "../../core/inventory.ts";
import type { StorageObservation } from "../../core/observation.ts";
import type { HostView } from "./host-view.ts";
import { lockStateIn } from "./lock-state.ts";
import { notUnderstoodAbout, objectsOf } from "./not-understood.ts";

/** A host's status in a storage, from one observation. A Connected host sees the complete group and can lock it. */
export type Status = StorageObservation["status"];

export function statusOf(storage: PrimaryStorage, view: HostView): Status {
  if (view.problems.length > 0 || notUnderstoodAbout(view, objectsOf(storage)).length > 0) return "Unknown";
  const locks = lockStateIn(storage.uuid, view);
  if (locks === "joining") return "Connecting";
  const group = view.groups.find((each) => each.name === storage.uuid);
  return group?.missingPhysicalVolumes === 0 && locks === "held" ? "Connected" : "Disconnected";
}

const storagesOf = (view: Pick<HostView, "host">, inventory: Inventory): PrimaryStorage[] =>
  inventory.primaryStorages.filter((storage) => storage.clusterUuids.includes(view.host.clusterUuid));

/** Stores an observation, so that it can be shown later with its age. */
export function keepObservation(view: HostView, facts: Facts): void {
  for (const storage of storagesOf(view, facts.inventory)) {
    const group = view.groups.find((each) => each.name === storage.uuid);
    facts.observations.keep({
      storageUuid: storage.uuid,
      hostUuid: view.host.uuid,
      status: statusOf(storage, view),
      capacity: group === undefined ? null : { sizeBytes: group.sizeBytes, freeBytes: group.freeBytes },
    });
  }
}

/** `20 s ago`, `5 min ago`, `3 h ago`. */
export function ageText(at: number, now: number): string {
  const seconds = Math.max(0, Math.round((now - at) / 1000));
  if (seconds < 2) return "now";
  if (seconds < 120) return `${seconds} s ago`;
  const minutes = Math.round(seconds / 60);
  if (minutes < 120) return `${minutes} min ago`;
  const hours = Math.round(minutes / 60);
  return hours < 48 ? `${hours} h ago` : `${Math.round(hours / 24)} days ago`;
}

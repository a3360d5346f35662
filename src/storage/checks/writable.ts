import type { Facts } from "../../core/facts.ts";
import { attachedHosts, refuse } from "../../core/find.ts";
import type { Host, Inventory, PrimaryStorage, StorageState } from "../../core/inventory.ts";
import { Refusal } from "../../core/refusal.ts";
import { readLvmSettings } from "../../host/lvm-settings.ts";
import type { Objection } from "../objection.ts";
import { type HostView, problemsOf } from "../observe/host-view.ts";
import { servesGroup } from "../observe/lock-state.ts";
import { objectsOf, unreadHosts } from "../observe/not-understood.ts";
import { finishWords, isUnmade } from "./unfinished.ts";

/** Refuses a storage whose group can't be changed now, by what the inventory has of it. `forbidden` says which states forbid it, and why. */
export function refuseUnserved(
  doing: string,
  storage: PrimaryStorage,
  inventory: Inventory,
  forbidden: Partial<Record<StorageState, string>>,
): void {
  const { name, state } = storage;
  if (isUnmade(storage)) {
    throw new Refusal(doing, `${name} is not finished itself`, [
      finishWords(storage, inventory),
      `sharedblock show ${name}`,
    ]);
  }
  if (attachedHosts(inventory, storage).length === 0) {
    throw new Refusal(doing, `${name} is attached to no cluster with hosts`, ["help sharedblock attach"]);
  }
  const why = forbidden[state];
  if (why !== undefined)
    throw new Refusal(doing, `${name} is in state ${state}: ${why}`, [`sharedblock enable ${name}`]);
}

/** The host that writes: the first, by name, that can lock the group. Every host must see the whole group. */
export function writerOn(doing: string, storage: PrimaryStorage, views: readonly HostView[]): Host {
  const fix = [`sharedblock reconnect ${storage.name}`];
  refuse(doing, [...unreadHosts(views, objectsOf(storage)), ...partialGroups(storage, views)], fix);
  const holder = views.find((view) => servesGroup(view, storage.uuid));
  if (holder === undefined) throw new Refusal(doing, `no host holds a lease of ${storage.name}`, fix);
  return holder.host;
}

/** A disk that one host takes into the group would stay unusable where LVM keeps to a devices file. */
export async function refuseDevicesFiles(
  doing: string,
  { name }: PrimaryStorage,
  views: readonly HostView[],
  facts: Facts,
): Promise<void> {
  const reads = { settings: readLvmSettings };
  const all = await Promise.all(
    views.map(async ({ host }) => ({ host, observation: await facts.gather(host, reads) })),
  );
  const objections = all.flatMap(({ host, observation }): Objection[] => {
    if (observation.settings.kind !== "done")
      return problemsOf(reads, observation).map((why) => `${host.name}: ${why}`);
    if (observation.settings.value.useDevicesFile !== true) return [];
    return [`LVM on ${host.name} keeps to its devices file (use_devicesfile = 1) and would not use a new LUN`];
  });
  refuse(doing, objections, [`sharedblock reconnect ${name}`]);
}

const partialGroups = (storage: PrimaryStorage, views: readonly HostView[]): Objection[] =>
  views.flatMap(({ host, groups }) => {
    const group = groups.find((each) => each.name === storage.uuid);
    if (group === undefined) return [`${host.name} does not see the volume group of ${storage.name}`];
    const missing = group.missingPhysicalVolumes;
    return missing === 0 ? [] : [`${host.name} misses ${missing} of the disks of ${storage.name}`];
  });

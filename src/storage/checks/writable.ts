import type { Facts } from "../../core/facts.ts";
import { attachedHosts } from "../../core/find.ts";
import type { Host, Inventory, PrimaryStorage, StorageState } from "../../core/inventory.ts";
import { type Reason, Refusal, reason, refuse } from "../../core/refusal.ts";
import { readLvmSettings } from "../../host/lvm-settings.ts";
import { type HostView, problemsOf } from "../observe/host-view.ts";
import { servesGroup } from "../observe/lock-state.ts";
import { objectsOf, unreadHosts } from "../observe/not-understood.ts";
import { finishWords, hasNoFinishedLun } from "./unfinished.ts";

/**
 * Throws a Refusal if the storage's group can't be changed now, from the inventory alone. `forbidden` names the states
 * that forbid it, with the reason.
 */
export function refuseUnserved(
  headline: string,
  storage: PrimaryStorage,
  inventory: Inventory,
  forbidden: Partial<Record<StorageState, string>>,
): void {
  const { name, state } = storage;
  if (hasNoFinishedLun(storage)) {
    const finish = { run: finishWords(storage, inventory) };
    const why = reason("STORAGE_UNFINISHED", `${name} itself is not finished`, finish);
    throw new Refusal(headline, why, { next: [`sharedblock show ${name}`] });
  }
  if (attachedHosts(inventory, storage).length === 0) {
    const fix = `attach ${name} to a cluster with hosts`;
    const why = reason("STORAGE_NOT_ATTACHED", `${name} is attached to no cluster with hosts`, fix);
    throw new Refusal(headline, why, { next: ["help sharedblock attach"] });
  }
  const why = forbidden[state];
  if (why !== undefined)
    throw new Refusal(
      headline,
      reason("WRONG_STATE", `the desired state of ${name} is ${state}: ${why}`, { run: `sharedblock enable ${name}` }),
    );
}

/** The writing host: the first by name that can lock the group. Every host must see the complete group. */
export function writerOn(headline: string, storage: PrimaryStorage, views: readonly HostView[]): Host {
  const fixes = [{ run: `sharedblock reconnect ${storage.name}` }];
  refuse(headline, [...unreadHosts(views, objectsOf(storage)), ...partialGroups(storage, views)], { fixes });
  const holder = views.find((view) => servesGroup(view, storage.uuid));
  if (holder === undefined) {
    throw new Refusal(headline, reason("LOCK_STATE", `no host holds a lease of ${storage.name}`), { fixes });
  }
  return holder.host;
}

/** If LVM uses a devices file on another host, that host could not use the new disk. */
export async function refuseDevicesFiles(
  headline: string,
  { name }: PrimaryStorage,
  views: readonly HostView[],
  facts: Facts,
): Promise<void> {
  const reads = { settings: readLvmSettings };
  const all = await Promise.all(
    views.map(async ({ host }) => ({ host, observation: await facts.gather(host, reads) })),
  );
  const reasons = all.flatMap(({ host, observation }): Reason[] => {
    if (observation.settings.kind !== "done")
      return problemsOf(reads, observation).map((why) => reason("HOST_UNREADABLE", `${host.name}: ${why}`));
    if (observation.settings.value.useDevicesFile !== true) return [];
    const why = `LVM on ${host.name} uses its devices file (use_devicesfile = 1) and would not use a new LUN`;
    return [reason("HOST_NOT_READY", why)];
  });
  refuse(headline, reasons, { fixes: [{ run: `sharedblock reconnect ${name}` }] });
}

const partialGroups = (storage: PrimaryStorage, views: readonly HostView[]): Reason[] =>
  views.flatMap(({ host, groups }) => {
    const group = groups.find((each) => each.name === storage.uuid);
    const incomplete = (why: string) => [reason("GROUP_INCOMPLETE", why)];
    if (group === undefined) return incomplete(`${host.name} does not see the volume group of ${storage.name}`);
    const missing = group.missingPhysicalVolumes;
    return missing === 0 ? [] : incomplete(`${host.name} does not see ${missing} of the LUNs of ${storage.name}`);
  });

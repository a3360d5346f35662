import type { Evidence } from "../evidence.ts";
import { commandKey, programsIn } from "./seen.ts";

/** What the inventory says of a storage is so on the array and on the hosts, where every operation's outcome is known. */
export function untrueState({ operations, inventory, inventoryBefore, san, events }: Evidence): string[] {
  // What failed half-way or is unknown says so itself, and a host that lies is not found out by everything.
  if (operations.some(({ state }) => !["done", "cancelled", "expired", "planned"].includes(state))) return [];
  if (programsIn(events).some(({ real, told }) => told !== null && told !== real)) return [];
  const problems: string[] = [];
  const groups = new Map(san.volumeGroups.map((group) => [group.name, group]));
  for (const storage of inventory.primaryStorages) {
    const group = groups.get(storage.uuid);
    if (group === undefined) {
      problems.push(`${storage.name} is in the inventory, and its volume group is not on the array`);
      continue;
    }
    for (const { wwid, addedAt } of storage.sharedBlocks) {
      const lun = san.luns.find((each) => each.wwid === wwid);
      if (addedAt !== null && lun?.content.physicalVolume?.volumeGroupUuid !== group.uuid)
        problems.push(`${wwid} is a shared block of ${storage.name}, and not in its volume group`);
    }
    const hosts = inventory.hosts.filter(({ clusterUuid }) => storage.clusterUuids.includes(clusterUuid));
    for (const { name } of hosts) {
      const joined = san.hosts
        .find((host) => host.name === name)
        ?.lockspaces.some((each) => each.volumeGroupUuid === group.uuid && each.joined);
      if ((joined === true) !== (storage.state !== "Maintenance"))
        problems.push(`${storage.name} is ${storage.state}, and ${name} is ${joined ? "" : "not "}in its lockspace`);
    }
  }
  for (const { uuid, name } of inventoryBefore.primaryStorages) {
    if (inventory.primaryStorages.every((storage) => storage.uuid !== uuid) && groups.has(uuid))
      problems.push(`${name} is gone from the inventory, and its volume group is on the array`);
  }
  return problems.map(
    (problem) =>
      `${problem} (${programsIn(events)
        .filter(({ changed }) => changed)
        .map(({ host, argv }) => commandKey(host, argv))
        .slice(-3)
        .join("; ")})`,
  );
}

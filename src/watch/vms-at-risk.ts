import type { Incident } from "../core/incident.ts";
import type { Inventory } from "../core/inventory.ts";
import type { Gather } from "../core/step.ts";
import { listRunningVms, listVmDisks } from "../host/libvirt.ts";
import { volumeAt } from "../storage/observe/storage-on-host.ts";
import { storagesAtRisk } from "./incident-text.ts";

/** Nobody reads more names, and libvirt must not be kept busy while a host is in trouble. */
const MOST_HOSTS = 5;
const MOST_VMS = 40;

/**
 * The running VMs with a disk on a storage of the incident, by name, on the hosts that show it. libvirt answers from its
 * definitions, so no disk is read. null: no libvirt answered.
 */
export async function vmsAtRisk(incident: Incident, inventory: Inventory, gather: Gather): Promise<string[] | null> {
  const storages = storagesAtRisk(incident, inventory);
  const affected = new Set(incident.findings.flatMap(({ hostUuid }) => hostUuid ?? []));
  const hosts = inventory.hosts.filter(({ uuid, clusterUuid }) =>
    affected.size === 0 ? storages.some(({ clusterUuids }) => clusterUuids.includes(clusterUuid)) : affected.has(uuid),
  );
  if (storages.length === 0) return [];
  const found = await Promise.all(
    hosts.slice(0, MOST_HOSTS).map(async (host) => {
      const { running } = await gather(host, { running: listRunningVms });
      if (running.kind !== "done") return null;
      const vms = running.value.slice(0, MOST_VMS);
      if (vms.length === 0) return [];
      const disks = await gather(host, Object.fromEntries(vms.map(({ uuid }) => [uuid, listVmDisks(uuid)])));
      return vms.flatMap(({ uuid, name }) => {
        const own = disks[uuid];
        const isOn = (disk: string) => storages.some((storage) => volumeAt(disk, storage.uuid) !== null);
        return own?.kind === "done" && own.value.some(isOn) ? [name] : [];
      });
    }),
  );
  const answered = found.filter((names) => names !== null);
  return answered.length === 0 ? null : [...new Set(answered.flat())].sort();
}

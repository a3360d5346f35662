import type { Incident } from "../core/incident.ts";
import type { Inventory } from "../core/inventory.ts";
import type { Gather } from "../core/step.ts";
import { listRunningVms, listVmDisks } from "../host/libvirt.ts";
import { volumeAt } from "../storage/observe/storage-on-host.ts";
import { storagesAtRisk } from "./incident-text.ts";

/** Nobody reads more names, and libvirt must not be kept busy while a host is in trouble. */
const MOST_HOSTS = 5;
const MOST_VMS = 40;

export interface VmsAtRisk {
  /** By name. */
  readonly names: readonly string[];
  /** Every host that shows the incident was asked, and its libvirt answered all. */
  readonly isComplete: boolean;
}

/**
 * The running VMs with a disk on a storage of the incident, on the hosts that show it. libvirt answers from its
 * definitions, so no disk is read.
 */
export async function vmsAtRisk(incident: Incident, inventory: Inventory, gather: Gather): Promise<VmsAtRisk> {
  const storages = storagesAtRisk(incident, inventory);
  const affected = new Set(incident.findings.flatMap(({ hostUuid }) => hostUuid ?? []));
  const hosts = inventory.hosts.filter(({ uuid, clusterUuid }) =>
    affected.size === 0 ? storages.some(({ clusterUuids }) => clusterUuids.includes(clusterUuid)) : affected.has(uuid),
  );
  if (storages.length === 0) return { names: [], isComplete: true };
  const found = await Promise.all(
    hosts.slice(0, MOST_HOSTS).map(async (host): Promise<VmsAtRisk> => {
      const { running } = await gather(host, { running: listRunningVms });
      if (running.kind !== "done") return { names: [], isComplete: false };
      const vms = running.value.slice(0, MOST_VMS);
      if (vms.length === 0) return { names: [], isComplete: true };
      const disks = await gather(host, Object.fromEntries(vms.map(({ uuid }) => [uuid, listVmDisks(uuid)])));
      const names = vms.flatMap(({ uuid, name }) => {
        const own = disks[uuid];
        const isOn = (disk: string) => storages.some((storage) => volumeAt(disk, storage.uuid) !== null);
        return own?.kind === "done" && own.value.some(isOn) ? [name] : [];
      });
      const isComplete = running.value.length <= MOST_VMS && vms.every(({ uuid }) => disks[uuid]?.kind === "done");
      return { names, isComplete };
    }),
  );
  return {
    names: [...new Set(found.flatMap(({ names }) => names))].sort(),
    isComplete: hosts.length <= MOST_HOSTS && found.every(({ isComplete }) => isComplete),
  };
}

/** With what was observed now. Nobody knows that VMs on a host that did not answer are gone. */
export function withVms(incident: Incident, { names, isComplete }: VmsAtRisk): Incident {
  const { vms, vmsAtLeast: _, ...rest } = incident;
  if (isComplete) return { ...rest, vms: [...names] };
  const all = [...new Set([...(vms ?? []), ...names])].sort();
  return all.length === 0 ? rest : { ...rest, vms: all, vmsAtLeast: true };
}

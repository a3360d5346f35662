import { fileSystemUuid } from "./content.ts";
import type { San } from "./san.ts";
import type { SanHost, SanVm } from "./san-state.ts";
import { SanVolumes } from "./san-volumes.ts";

interface NewVm {
  readonly name: string;
  readonly volumeGroup: string;
  /** Logical volumes of the group, each a disk of it: vda, vdb … */
  readonly volumes: readonly string[];
  /** Whether its guest shuts down when it is asked to. */
  readonly heedsShutdown?: boolean;
}

/** The VMs that libvirt runs on the hosts; ZStack starts them without the bot. */
export class SanVms {
  readonly #san: San;
  readonly #volumes: SanVolumes;

  constructor(san: San) {
    this.#san = san;
    this.#volumes = new SanVolumes(san);
  }

  /** Activates the VM's volumes on the host and opens them. Throws if another host has a lock. */
  start(hostName: string, { name, volumeGroup, volumes, heedsShutdown = true }: NewVm): void {
    for (const volume of volumes) this.#volumes.activate(volumeGroup, volume, hostName);
    const host = this.#san.host(hostName);
    const disks = volumes.map((volume) => ({ volumeGroup, volume }));
    const raw = { rawDisks: [], runs: true, rawDisksLater: false, devices: [], qemuArguments: [], savedDevices: null };
    const vm = { uuid: fileSystemUuid(`VM ${name}`), name, disks, heedsShutdown, ...raw };
    for (const active of activeOf(this.#san, host, vm)) active.openCount += 1;
    host.machines.push(vm);
    this.#san.changed();
  }

  /** Names of those that run on the host. */
  names(hostName: string): string[] {
    return this.#san.host(hostName).machines.flatMap(({ name, runs }) => (runs ? [name] : []));
  }
}

/** The VM is off: its volumes are closed, and they stay active. */
export function stopVm(san: San, host: SanHost, vm: SanVm): void {
  for (const active of activeOf(san, host, vm)) active.openCount = Math.max(0, active.openCount - 1);
  host.machines = host.machines.filter((one) => one !== vm);
  san.changed();
}

const activeOf = (san: San, host: SanHost, { disks }: SanVm) =>
  host.activeVolumes.filter(({ volumeGroupUuid, name }) => {
    const group = san.volumeGroup(volumeGroupUuid).name;
    return disks.some((disk) => disk.volumeGroup === group && disk.volume === name);
  });

import { fileSystemUuid } from "./content.ts";
import type { San } from "./san.ts";
import type { SanHost, SanMachine } from "./san-state.ts";
import { SanVolumes } from "./san-volumes.ts";

interface NewMachine {
  readonly name: string;
  readonly volumeGroup: string;
  /** Logical volumes of the group, each a disk of it: vda, vdb … */
  readonly volumes: readonly string[];
  /** Whether its guest shuts down when it is asked to. */
  readonly heedsShutdown?: boolean;
}

/** The virtual machines that libvirt runs on the hosts, as ZStack starts them behind the bot's back. */
export class SanMachines {
  readonly #san: San;
  readonly #volumes: SanVolumes;

  constructor(san: San) {
    this.#san = san;
    this.#volumes = new SanVolumes(san);
  }

  /** Its volumes become active on the host and are held open. Throws where another host's lock forbids it. */
  start(hostName: string, { name, volumeGroup, volumes, heedsShutdown = true }: NewMachine): void {
    for (const volume of volumes) this.#volumes.activate(volumeGroup, volume, hostName);
    const host = this.#san.host(hostName);
    const disks = volumes.map((volume) => ({ volumeGroup, volume }));
    const raw = { rawDisks: [], runs: true, rawDisksLater: false, devices: [], qemuArguments: [], savedDevices: null };
    const machine = { uuid: fileSystemUuid(`machine ${name}`), name, disks, heedsShutdown, ...raw };
    for (const active of activeOf(this.#san, host, machine)) active.openCount += 1;
    host.machines.push(machine);
    this.#san.changed();
  }

  /** Names of those that run on the host. */
  names(hostName: string): string[] {
    return this.#san.host(hostName).machines.flatMap(({ name, runs }) => (runs ? [name] : []));
  }
}

/** The machine is off: nothing of it holds its volumes open, and they stay active. */
export function stopMachine(san: San, host: SanHost, machine: SanMachine): void {
  for (const active of activeOf(san, host, machine)) active.openCount = Math.max(0, active.openCount - 1);
  host.machines = host.machines.filter((one) => one !== machine);
  san.changed();
}

const activeOf = (san: San, host: SanHost, { disks }: SanMachine) =>
  host.activeVolumes.filter(({ volumeGroupUuid, name }) => {
    const group = san.volumeGroup(volumeGroupUuid).name;
    return disks.some((disk) => disk.volumeGroup === group && disk.volume === name);
  });

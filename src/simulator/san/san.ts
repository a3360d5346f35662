import type { SanHost, SanLun, SanState, SanVolumeGroup } from "./san-state.ts";
import { probeUnknown } from "./udev-memory.ts";

/**
 * One model of a SAN. Code that changes its state must report it, so that listings are rendered again and the state is
 * saved.
 */
export class San {
  readonly state: SanState;
  #version = 0;
  readonly #places = new Map<string, number>();
  readonly #listeners: (() => void)[] = [];
  #running: { changed: boolean } | null = null;

  constructor(state: SanState) {
    this.state = state;
    for (const host of state.hosts) probeUnknown(this, host);
  }

  /** Grows with every change; what was rendered at an older version is stale. */
  get version(): number {
    return this.#version;
  }

  changed(): void {
    this.#version += 1;
    if (this.#running) this.#running.changed = true;
    for (const listener of this.#listeners) listener();
  }

  /**
   * Whether it was this that changed something, and not what others did while its end was awaited. What waits calls
   * `resume` when it continues. (An AsyncLocalStorage would need no such call, and costs Node 20 a tenth of all time.)
   */
  async changedBy<T>(
    happens: (resume: () => void) => T | Promise<T>,
  ): Promise<{ readonly value: T; readonly changed: boolean }> {
    const own = { changed: false };
    const resume = () => {
      this.#running = own;
    };
    const ends = () => {
      if (this.#running === own) this.#running = null;
    };
    resume();
    try {
      const result = happens(resume);
      if (!(result instanceof Promise)) return { value: result, changed: own.changed };
      ends();
      return { value: await result, changed: own.changed };
    } finally {
      ends();
    }
  }

  onChange(listener: () => void): void {
    this.#listeners.push(listener);
  }

  host(name: string): SanHost {
    const host = this.state.hosts.find((one) => one.name === name);
    if (!host) throw new Error(`the simulated SAN has no host "${name}"`);
    return host;
  }

  lun(wwid: string): SanLun {
    const { luns } = this.state;
    const known = luns[this.#places.get(wwid) ?? -1];
    if (known?.wwid === wwid) return known;
    // LUNs are added and removed seldom.
    const place = luns.findIndex((one) => one.wwid === wwid);
    this.#places.set(wwid, place);
    const lun = luns[place];
    if (!lun) throw new Error(`the simulated array has no LUN ${wwid}`);
    return lun;
  }

  volumeGroup(uuid: string): SanVolumeGroup {
    const group = this.state.volumeGroups.find((one) => one.uuid === uuid);
    if (!group) throw new Error(`the simulated SAN has no volume group ${uuid}`);
    return group;
  }

  /** Metadata is on physical volumes: if a group's last one is gone, the group is gone too, even if it was in use. */
  forgetLostVolumeGroups(): void {
    const living = new Set(this.state.luns.map((lun) => lun.content.physicalVolume?.volumeGroupUuid));
    this.state.volumeGroups = this.state.volumeGroups.filter((group) => living.has(group.uuid));
    for (const host of this.state.hosts) {
      host.lockspaces = host.lockspaces.filter((lockspace) => living.has(lockspace.volumeGroupUuid));
      host.activeVolumes = host.activeVolumes.filter((volume) => living.has(volume.volumeGroupUuid));
    }
  }
}

/** The lowest free minor number, as the kernel's device mapper gives them out. */
export function nextMinor(host: SanHost): number {
  const taken = new Set([...host.maps, ...host.activeVolumes].map((one) => one.minor));
  let minor = 0;
  while (taken.has(minor)) minor += 1;
  return minor;
}

/** The `sdX` name of the n-th disk: sda … sdz, sdaa … */
export function diskName(index: number): string {
  let name = "";
  for (let rest = index + 1; rest > 0; rest = Math.floor((rest - 1) / 26)) {
    name = String.fromCharCode(97 + ((rest - 1) % 26)) + name;
  }
  return `sd${name}`;
}

/** The inverse of `diskName`. */
export function diskIndex(device: string): number {
  let index = 0;
  for (const letter of device.slice(2)) index = index * 26 + letter.charCodeAt(0) - 96;
  return index - 1;
}

/** The first disk name that no disk of the host has. */
export function nextDiskName(host: SanHost): string {
  const taken = new Set([host.localDisk.device, ...host.paths.map((path) => path.device)]);
  let index = 0;
  while (taken.has(diskName(index))) index += 1;
  return diskName(index);
}

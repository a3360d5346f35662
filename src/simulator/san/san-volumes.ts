import { activate, deactivate } from "../programs/lvchange.ts";
import { sizeInGroup } from "../programs/physical-volumes.ts";
import { lockVolume } from "../programs/start-lockspace.ts";
import type { Result } from "./program.ts";
import type { San } from "./san.ts";
import type { SanFill, SanVolumeGroup } from "./san-state.ts";

interface NewVolume {
  readonly name: string;
  readonly sizeBytes: number;
  readonly tags?: readonly string[];
}

/** Actions of ZStack's agent and of VMs on logical volumes, without the bot. */
export class SanVolumes {
  readonly #san: San;

  constructor(san: San) {
    this.#san = san;
  }

  /** As lvcreate: inactive. Throws if no physical volume has free extents. */
  create(group: string, { name, sizeBytes, tags }: NewVolume): void {
    const found = this.#group(group);
    const taken = found.logicalVolumes.reduce((sum, volume) => sum + volume.sizeBytes, 0);
    const volumes = this.#san.state.luns.flatMap((lun) => lun.content.physicalVolume ?? []);
    const room = volumes
      .filter((volume) => volume.volumeGroupUuid === found.uuid && volume.allocatable)
      .reduce((sum, volume) => sum + sizeInGroup(volume), 0);
    if (room - taken < sizeBytes) throw new Error(`Volume group "${group}" has insufficient free space`);
    found.logicalVolumes.push({ name, sizeBytes, tags: [...(tags ?? [])] });
    this.#san.changed();
  }

  /** How full a thin pool or a snapshot is; the volume is one from now on. */
  fill(group: string, name: string, fill: SanFill): void {
    const volume = this.#group(group).logicalVolumes.find((one) => one.name === name);
    if (volume === undefined) throw new Error(`there is no ${group}/${name}`);
    volume.fill = fill;
    this.#san.changed();
  }

  /** As lvchange: active on the host, in a shared group under its lock. Throws if another host has a lock. */
  activate(group: string, name: string, hostName: string, mode: "ex" | "sh" = "ex"): void {
    const found = this.#group(group);
    if (!found.logicalVolumes.some((volume) => volume.name === name)) throw new Error(`there is no ${group}/${name}`);
    throwIfRefused(activate(found, name, mode, { san: this.#san, host: this.#san.host(hostName) }));
  }

  /** A VM or a mount opens or closes the volume: sets the number of openers. */
  open(group: string, name: string, hostName: string, openCount = 1): void {
    const found = this.#group(group);
    const { activeVolumes } = this.#san.host(hostName);
    const active = activeVolumes.find((one) => one.volumeGroupUuid === found.uuid && one.name === name);
    if (!active) throw new Error(`${group}/${name} is not active on ${hostName}`);
    active.openCount = openCount;
    this.#san.changed();
  }

  /** Throws if it is open. */
  deactivate(group: string, name: string, hostName: string): void {
    throwIfRefused(deactivate(this.#group(group), name, { san: this.#san, host: this.#san.host(hostName) }));
  }

  /** Names of the group's volumes, without sanlock's own; none if the group is gone. */
  names(group: string): string[] {
    const found = this.#san.state.volumeGroups.find((one) => one.name === group);
    return (found?.logicalVolumes ?? []).map((volume) => volume.name).filter((name) => name !== lockVolume);
  }

  #group(name: string): SanVolumeGroup {
    const found = this.#san.state.volumeGroups.find((one) => one.name === name);
    if (!found) throw new Error(`the simulated SAN has no volume group ${name}`);
    return found;
  }
}

function throwIfRefused({ stderr, exitCode }: Result): void {
  if (exitCode !== 0) throw new Error(stderr.trim());
}

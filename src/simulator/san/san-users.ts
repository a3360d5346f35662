import { fileSystemUuid } from "./content.ts";
import type { San } from "./san.ts";
import type { SanHost, SanStoragePool } from "./san-state.ts";

interface RawDiskVm {
  readonly name: string;
  /** As its XML names the LUN; without it by `/dev/disk/by-id/dm-uuid-mpath-WWID`. */
  readonly source?: string;
  readonly target?: string;
  /** false: it is only defined. */
  readonly runs?: boolean;
  /** Only its definition has the LUN: it gets it when it is started again. */
  readonly later?: boolean;
}

interface VmWithDevices {
  readonly name: string;
  /** Elements of its XML's devices. */
  readonly devices?: readonly string[];
  /** What it passes on to QEMU. */
  readonly qemuArguments?: readonly string[];
  /** What it had when its state was saved to disk. */
  readonly savedDevices?: readonly string[];
  readonly runs?: boolean;
  readonly later?: boolean;
}

/** Users of LUNs on the hosts that the bot does not control, without LVM and without a mount. */
export class SanUsers {
  readonly #san: San;

  constructor(san: San) {
    this.#san = san;
  }

  /** libvirt has a VM with the LUN as its raw disk: one more open of its map, no holder and no exclusive open. */
  vm(hostName: string, wwid: string, given: RawDiskVm): void {
    const {
      name,
      source = `/dev/disk/by-id/dm-uuid-mpath-${wwid}`,
      target = "sda",
      runs = true,
      later = false,
    } = given;
    const uuid = fileSystemUuid(`vm ${name}`);
    const vm = { uuid, name, disks: [], heedsShutdown: true, savedDevices: null };
    const raw = { rawDisks: [{ wwid, target, source }], runs, rawDisksLater: later, devices: [], qemuArguments: [] };
    this.#san.host(hostName).machines.push({ ...vm, ...raw });
    this.#san.changed();
  }

  /** libvirt has a VM with these devices, of any kind. A running one does not have them open. */
  vmWith(hostName: string, given: VmWithDevices): void {
    const { name, devices = [], qemuArguments = [], savedDevices, runs = false, later = false } = given;
    const vm = { uuid: fileSystemUuid(`vm ${name}`), name, disks: [], rawDisks: [], heedsShutdown: true };
    const more = { devices: [...devices], qemuArguments: [...qemuArguments], runs, rawDisksLater: later };
    const saved = { savedDevices: savedDevices === undefined ? null : [...savedDevices] };
    this.#san.host(hostName).machines.push({ ...vm, ...more, ...saved });
    this.#san.changed();
  }

  /** A person made a symbolic link on the host. */
  link(hostName: string, path: string, to: string): void {
    this.#san.host(hostName).links.push({ path, to });
    this.#san.changed();
  }

  /** libvirt has a storage pool; a pool of that name is replaced. */
  pool(hostName: string, pool: SanStoragePool): void {
    const host = this.#san.host(hostName);
    host.storagePools = [...host.storagePools.filter(({ name }) => name !== pool.name), pool];
    this.#san.changed();
  }

  removeVm(hostName: string, name: string): void {
    const host = this.#san.host(hostName);
    host.machines = host.machines.filter((vm) => vm.name !== name);
    this.#san.changed();
  }

  /** bcache, DRBD or RAID is on top of the LUN and has it open exclusively. */
  stack(hostName: string, wwid: string, kernelName: string, type = "disk", sizeBytes = 1024 ** 3): void {
    const host = this.#san.host(hostName);
    host.stacked.push({ wwid, kernelName, type, major: 251, minor: host.stacked.length, sizeBytes });
    this.#san.changed();
  }

  /** The host's LIO offers the LUN to others. */
  export(hostName: string, wwid: string): void {
    const attribute = `/sys/kernel/config/target/core/iblock_0/${wwid.slice(-6)}/udev_path`;
    this.#san.host(hostName).exports.push({ wwid, attribute, device: `/dev/disk/by-id/scsi-${wwid}` });
    this.#san.changed();
  }

  /** A loop device is on top of the LUN: the kernel has it open, without a holder and without a process. */
  loop(hostName: string, wwid: string): void {
    const { loops } = this.#san.host(hostName);
    loops.push({ wwid, name: `/dev/loop${loops.length}` });
    this.#san.changed();
  }

  /** A program has the LUN open: tgtd, dd, a database. `node`: the name that its container has for the device. */
  open(hostName: string, wwid: string, name: string, node: string | null = null): void {
    const host = this.#san.host(hostName);
    host.openers.push({ wwid, name, pid: 800 + host.openers.length, generic: false, node });
    this.#san.changed();
  }

  /** A program, or a guest by SCSI passthrough, has a path open as `/dev/sgN`: the map's open count does not show it. */
  openGeneric(hostName: string, wwid: string, name: string): void {
    const host = this.#san.host(hostName);
    host.openers.push({ wwid, name, pid: 800 + host.openers.length, generic: true, node: null });
    this.#san.changed();
  }

  close(hostName: string, wwid: string): void {
    const host = this.#san.host(hostName);
    host.openers = host.openers.filter((one) => one.wwid !== wwid);
    this.#san.changed();
  }

  /** An invisible user has the LUN open exclusively: ZFS, a file system that another namespace has mounted. */
  claim(hostName: string, wwid: string): void {
    this.#san.host(hostName).claims.push(wwid);
    this.#san.changed();
  }

  /** An invisible user has the LUN's map open: a kernel module, another namespace's mount. */
  openUnseen(hostName: string, wwid: string): void {
    this.#san.host(hostName).hiddenOpens.push(wwid);
    this.#san.changed();
  }
}

/** The processes that have a LUN open on a host, one entry for each open; multipathd's of the paths are not of the map. */
export const opensOf = (
  host: SanHost,
  wwid: string,
): readonly { readonly pid: number; readonly name: string; readonly node?: string | null }[] => [
  ...host.openers.filter((one) => one.wwid === wwid && !one.generic),
  ...host.machines.flatMap(({ runs, rawDisks, rawDisksLater }, index) =>
    runs && !rawDisksLater && rawDisks.some((disk) => disk.wwid === wwid)
      ? [{ pid: 2_000 + index, name: "qemu-system-x86" }]
      : [],
  ),
];

interface Opener {
  readonly pid: number;
  readonly name: string;
  /** Kernel names, one for each open. */
  readonly devices: readonly string[];
  /** Its own name for them, if it differs. */
  readonly node?: string | null;
}

/** The kernel name by which programs have a LUN: its map, or its first path if there is none. */
export const deviceOf = (host: SanHost, wwid: string): string | null => {
  const map = host.maps.find((each) => each.wwid === wwid);
  return map ? `dm-${map.minor}` : (host.paths.find((path) => path.wwid === wwid)?.device ?? null);
};

/**
 * All that /proc shows: multipathd has each path open; other programs have the map open, or the first path if there is
 * none.
 */
export function openersOn({ state }: San, host: SanHost): Opener[] {
  const paths = host.paths.flatMap(({ device }) => device ?? []);
  const multipathd: Opener = { pid: 412, name: "multipathd", devices: paths };
  const others = state.luns.flatMap(({ wwid }) => {
    const at = deviceOf(host, wwid);
    return at === null
      ? []
      : opensOf(host, wwid).map(({ pid, name, node = null }) => ({ pid, name, devices: [at], node }));
  });
  const generic = host.openers.flatMap(({ wwid, pid, name, generic: isGeneric }) => {
    const index = host.paths.findIndex((path) => path.wwid === wwid && path.device !== null);
    return isGeneric && index >= 0 ? [{ pid, name, devices: [`sg${index}`] }] : [];
  });
  return [...(paths.length > 0 ? [multipathd] : []), ...others, ...generic];
}

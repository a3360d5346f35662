import { diskNumbers, mapperMajor, mapperName, mapperUuid } from "./devices.ts";
import { scsiHostOf, sessionOn } from "./iscsi.ts";
import type { San } from "./san.ts";
import type { SanHost } from "./san-state.ts";

/** An event of a host's kernel about a block device. */
export interface KernelEvent {
  readonly action: "add" | "change" | "remove";
  /** Its place in sysfs, without `/sys`. */
  readonly devpath: string;
  /** In the kernel's order; MAJOR and MINOR are last, as libudev has them. */
  readonly properties: readonly (readonly [name: string, value: string])[];
}

type Listener = (event: KernelEvent) => void;
type Action = KernelEvent["action"];
type Properties = KernelEvent["properties"];

/** A disk or a device-mapper device, as the kernel of one host knows it. */
interface Known {
  readonly kernelName: string;
  readonly devpath: string;
  readonly numbers: readonly [number, number];
  readonly sizeBytes: number;
  /** Of a device-mapper device; null for a disk. */
  readonly mapper: Mapper | null;
}
interface Mapper {
  readonly name: string;
  readonly uuid: string;
  /** Paths of a map, `8:16`, with whether the kernel uses them; none for a logical volume. */
  readonly paths: ReadonlyMap<string, boolean>;
}

/**
 * What the kernel of one host reports. Each change of the SAN is compared with the state before it, so that no code that
 * changes the SAN has to report events. Nothing is compared while nobody listens.
 */
export class KernelEvents {
  readonly #san: San;
  readonly #host: SanHost;
  readonly #listeners = new Set<Listener>();
  #known = new Map<string, Known>();
  /** What the known devices were made of. */
  #basis: readonly unknown[] = [];
  #isDue = false;
  #sequence = 4_000;
  /** The kernel counts disks as they appear. */
  readonly #diskNumbers = new Map<string, number>();
  /** Of each device-mapper device, by kernel name. */
  readonly #mapperSequences = new Map<string, number>();

  constructor(san: San, host: SanHost) {
    this.#san = san;
    this.#host = host;
    san.onChange(() => this.#changed());
  }

  /** Returns a function that ends the subscription. */
  subscribe(listener: Listener): () => void {
    if (this.#listeners.size === 0) this.#observe();
    this.#listeners.add(listener);
    return () => void this.#listeners.delete(listener);
  }

  /** `udevadm trigger`: an event of each disk and map, or of those named by kernel name. */
  synthesize(names: readonly string[] | null): void {
    if (this.#listeners.size === 0) return;
    for (const device of knownTo(this.#san, this.#host).values()) {
      if (names?.includes(device.kernelName) ?? true) this.#report("change", device, [["SYNTH_UUID", "0"]]);
    }
  }

  /** What one program changes is compared once, at its end. */
  #changed(): void {
    if (this.#listeners.size === 0 || this.#isDue) return;
    this.#isDue = true;
    queueMicrotask(() => {
      this.#isDue = false;
      if (this.#listeners.size > 0) this.#compare();
    });
  }

  #observe(): void {
    this.#basis = basisOf(this.#san, this.#host);
    this.#known = knownTo(this.#san, this.#host);
  }

  #compare(): void {
    if (isBasis(this.#basis, this.#san, this.#host)) return;
    const before = this.#known;
    this.#observe();
    const now = this.#known;
    for (const device of now.values()) {
      const old = before.get(device.kernelName);
      if (old?.devpath !== device.devpath) {
        if (old) this.#report("remove", old);
        this.#appeared(device);
      } else this.#differs(old, device);
    }
    for (const old of before.values()) if (!now.has(old.kernelName)) this.#report("remove", old);
  }

  #appeared(device: Known): void {
    this.#report("add", device);
    if (device.mapper) this.#report("change", device, this.#ofTable());
  }

  #differs(old: Known, device: Known): void {
    const [one, other] = [old.mapper, device.mapper];
    if (one === null || other === null) {
      // Without a medium the kernel reports no new size.
      if (old.sizeBytes !== device.sizeBytes && old.sizeBytes !== 0 && device.sizeBytes !== 0) {
        this.#report("change", device, [["RESIZE", "1"]]);
      }
      return;
    }
    let valid = [...one.paths.values()].filter(Boolean).length;
    for (const [path, isUsed] of other.paths) {
      const wasUsed = one.paths.get(path) ?? true;
      if (wasUsed === isUsed) continue;
      valid += isUsed ? 1 : -1;
      this.#report("change", device, this.#ofPath(device, other, path, isUsed, valid));
    }
    const isReloaded =
      one.name !== other.name ||
      old.sizeBytes !== device.sizeBytes ||
      [...one.paths.keys()].join() !== [...other.paths.keys()].join();
    if (isReloaded) this.#report("change", device, this.#ofTable());
  }

  #ofPath({ kernelName }: Known, { name, uuid }: Mapper, path: string, isUsed: boolean, valid: number): Properties {
    const sequence = (this.#mapperSequences.get(kernelName) ?? 0) + 1;
    this.#mapperSequences.set(kernelName, sequence);
    return [
      ["DM_TARGET", "multipath"],
      ["DM_ACTION", isUsed ? "PATH_REINSTATED" : "PATH_FAILED"],
      ["DM_SEQNUM", String(sequence)],
      ["DM_PATH", path],
      ["DM_NR_VALID_PATHS", String(valid)],
      ["DM_NAME", name],
      ["DM_UUID", uuid],
    ];
  }

  /** A table was loaded: libdevmapper's cookie shows it. */
  readonly #ofTable = (): Properties => [["DM_COOKIE", String(6_291_456 + (this.#sequence % 65_536))]];

  #diskNumber(devpath: string): number {
    const number = this.#diskNumbers.get(devpath) ?? this.#diskNumbers.size + 10;
    this.#diskNumbers.set(devpath, number);
    return number;
  }

  #report(action: Action, { kernelName, devpath, numbers }: Known, own: Properties = []): void {
    this.#sequence += 1;
    const [major, minor] = numbers;
    const properties: Properties = [
      ["ACTION", action],
      ["DEVPATH", devpath],
      ["SUBSYSTEM", "block"],
      ...own,
      ["DEVNAME", `/dev/${kernelName}`],
      ["DEVTYPE", "disk"],
      ["DISKSEQ", String(this.#diskNumber(devpath))],
      ["SEQNUM", String(this.#sequence)],
      ["MAJOR", String(major)],
      ["MINOR", String(minor)],
    ];
    for (const listener of this.#listeners) listener({ action, devpath, properties });
  }
}

/** Visits all that the kernel's devices depend on, in one order. */
function visitBasis({ state }: San, host: SanHost, visit: (value: unknown) => void): void {
  visit(host.iscsiSessions.length);
  for (const path of host.paths) {
    visit(path.device);
    visit(path.state);
    visit(path.sizeBytes);
    visit(path.hctl);
  }
  for (const map of host.maps) {
    visit(map.minor);
    visit(map.alias);
    visit(map.wwid);
    visit(map.sizeBytes);
    for (const device of map.leftOut) visit(device);
  }
  for (const { volumeGroupUuid, name, minor } of host.activeVolumes) {
    const group = state.volumeGroups.find(({ uuid }) => uuid === volumeGroupUuid);
    visit(minor);
    visit(name);
    visit(group?.name);
    visit(group?.logicalVolumes.find((one) => one.name === name)?.sizeBytes);
  }
}

function basisOf(san: San, host: SanHost): unknown[] {
  const basis: unknown[] = [];
  visitBasis(san, host, (value) => basis.push(value));
  return basis;
}

/** Without a copy: most changes are of other hosts, and there may be a thousand. */
function isBasis(basis: readonly unknown[], san: San, host: SanHost): boolean {
  let at = 0;
  let isSame = true;
  visitBasis(san, host, (value) => {
    if (basis[at] !== value) isSame = false;
    at += 1;
  });
  return isSame && at === basis.length;
}

/** By kernel name. Disks come first: multipathd makes a map of what is there. */
function knownTo(san: San, host: SanHost): Map<string, Known> {
  const disks = host.paths.flatMap(({ device, hctl, sizeBytes }): Known[] =>
    device === null
      ? []
      : [
          {
            kernelName: device,
            devpath: diskDevpath(host, hctl, device),
            numbers: diskNumbers(device),
            sizeBytes,
            mapper: null,
          },
        ],
  );
  const maps = host.maps.map((map) => {
    const mapper = { name: map.alias, uuid: `mpath-${map.wwid}`, paths: pathsOf(host, map) };
    return mapped(map.minor, map.sizeBytes, mapper);
  });
  const volumes = host.activeVolumes.flatMap(({ volumeGroupUuid, name, minor }) => {
    const group = san.state.volumeGroups.find(({ uuid }) => uuid === volumeGroupUuid);
    const volume = group?.logicalVolumes.find((one) => one.name === name);
    if (!group || !volume) return [];
    const uuid = mapperUuid(group.uuid, name);
    return [mapped(minor, volume.sizeBytes, { name: mapperName(group.name, name), uuid, paths: new Map() })];
  });
  return new Map([...disks, ...maps, ...volumes].map((device) => [device.kernelName, device]));
}

const mapped = (minor: number, sizeBytes: number, mapper: Mapper): Known => ({
  kernelName: `dm-${minor}`,
  devpath: `/devices/virtual/block/dm-${minor}`,
  numbers: [mapperMajor, minor],
  sizeBytes,
  mapper,
});

const pathsOf = (host: SanHost, { wwid, leftOut }: SanHost["maps"][number]): Map<string, boolean> =>
  new Map(
    host.paths.flatMap(({ wwid: of, device, state }): [string, boolean][] =>
      of !== wwid || device === null || leftOut.includes(device)
        ? []
        : [[diskNumbers(device).join(":"), state === "running"]],
    ),
  );

function diskDevpath(host: SanHost, hctl: string, device: string): string {
  const [scsiHost = "0", channel = "0", target = "0"] = hctl.split(":");
  const session = sessionOn(host, scsiHostOf(hctl));
  const parent =
    session === null
      ? `/devices/pci0000:00/0000:00:0${scsiHost}.0/host${scsiHost}`
      : `/devices/platform/host${scsiHost}/session${session.sid}`;
  return `${parent}/target${scsiHost}:${channel}:${target}/${hctl}/block/${device}`;
}

import { type CommandOutput, OutputNotUnderstood, type ReadCommand } from "../core/host-command.ts";
import { DEFINITIONS, FEW, LONGEST_DEFINITION, ONE } from "../core/limits.ts";
import { runToEnd } from "../core/parts.ts";
import { VIRSH } from "./libvirt.ts";
import { absolutePath, type DiskSource, readingXml, type XmlReader } from "./vm-definition.ts";

/** The definition of a storage pool of libvirt; the pool may be inactive. */
export interface StoragePool {
  /** `dir`, `logical`, `iscsi`, `scsi` … */
  readonly type: string;
  /** The folder of its volumes' paths; null if it has none. */
  readonly path: string | null;
  /** Its devices; the name of the target if it is of iSCSI. */
  readonly devices: readonly string[];
  /** `scsi_host2`; null if the pool has a world-wide name: then it has a number only while it is active. */
  readonly adapter: string | null;
}

/** null if libvirt has no such pool. */
export const readStoragePool = (name: string): ReadCommand<StoragePool | null> => ({
  effect: "read",
  argv: [...VIRSH, "--readonly", "pool-dumpxml", "--pool", name],
  timeoutMs: 10_000,
  limits: { ...FEW, bytes: LONGEST_DEFINITION, depth: DEFINITIONS.depth },
  exitCodes: [0, 1],
  parse: (output) => {
    if (output.exitCode === 1) return noneOf(output, /failed to get pool|no storage pool with matching/i);
    if (output.stdout.length > LONGEST_DEFINITION) {
      throw new OutputNotUnderstood("virsh", output.stdout.slice(0, 100), "a storage pool's XML");
    }
    const reader = new PoolReader();
    runToEnd(readingXml("virsh", output.stdout.trim(), reader));
    const { type, path, devices, adapter } = reader;
    return { type, path, devices, adapter };
  },
});

/** null if the pool is inactive, or has no such volume. */
export const readVolumePath = (pool: string, volume: string): ReadCommand<string | null> => ({
  effect: "read",
  argv: [...VIRSH, "--readonly", "vol-path", "--pool", pool, "--vol", volume],
  timeoutMs: 10_000,
  limits: ONE,
  exitCodes: [0, 1],
  parse: (output) => {
    if (output.exitCode === 1) {
      return noneOf(output, /is not active|failed to get (?:vol|pool)|no storage (?:vol|pool) with matching/i);
    }
    const path = output.stdout.trim();
    if (path === "" || path.includes("\n")) throw new OutputNotUnderstood("virsh", path, "a volume's path");
    return path;
  },
});

function noneOf({ stderr }: CommandOutput, none: RegExp): null {
  if (none.test(stderr)) return null;
  throw new OutputNotUnderstood("virsh", stderr.trim(), "an answer about a storage pool");
}

class PoolReader implements XmlReader {
  type = "";
  path: string | null = null;
  readonly devices: string[] = [];
  adapter: string | null = null;

  opened(name: string, attributes: ReadonlyMap<string, string>, within: readonly string[]): void {
    if (within.length === 0) {
      if (name !== "pool") throw new OutputNotUnderstood("virsh", `<${name}`, "a storage pool's XML");
      this.type = attributes.get("type") ?? "";
    }
    if (within.length !== 2 || within[1] !== "source") return;
    const device = attributes.get("path");
    if (name === "device" && device !== undefined) this.devices.push(device);
    if (name === "adapter" && attributes.get("type") !== "fc_host") this.adapter = attributes.get("name") ?? null;
  }

  text(text: string, within: readonly string[]): void {
    if (within.join("/") === "pool/target/path") this.path = text.trim();
  }

  closed(): void {}
}

/** These pools have their volumes on other computers: QEMU reaches them over the network. */
const REMOTE = new Set(["rbd", "sheepdog", "gluster"]);

/** Their volumes are partitions, files or LVM volumes on the pool's devices: a user of a volume uses the devices. */
const DEVICE_POOL_TYPES = new Set(["disk", "fs", "logical"]);

/** Whether volumes are known only while the pool is active. In all other pools, the names identify them. */
export const isKnownByPath = ({ type, adapter }: StoragePool): boolean =>
  type === "mpath" || (type === "scsi" && adapter === null);

/**
 * The disks of the host behind a volume; none if it is not on the host's disks, null if that is not known. `path`: its
 * path in libvirt now.
 */
export function sourcesOfVolume(pool: StoragePool | null, volume: string, path: string | null): DiskSource[] | null {
  const paths = [path ?? "", ...(pool !== null && DEVICE_POOL_TYPES.has(pool.type) ? pool.devices : [])];
  const sources = [...new Set(paths.flatMap((each) => absolutePath(each) ?? []))].map(
    (each): DiskSource => ({ kind: "path", path: each }),
  );
  if (pool === null) return sources.length > 0 ? sources : null;
  if (REMOTE.has(pool.type)) return [];
  // The name of a volume of a SCSI pool is its address.
  const [, bus, id, lun] = /^unit:(\d+):(\d+):(\d+)$/.exec(volume) ?? [];
  if (pool.type === "iscsi" || pool.type === "iscsi-direct") {
    const [target] = pool.devices;
    if (target !== undefined && lun !== undefined) sources.push({ kind: "iscsi", target, lun });
  } else if (pool.type === "scsi") {
    const host = /^(?:scsi_)?host(\d+)$/.exec(pool.adapter ?? "")?.[1];
    if (host !== undefined && lun !== undefined) sources.push({ kind: "scsi", hctl: `${host}:${bus}:${id}:${lun}` });
  } else if (pool.type === "mpath") {
    // Its name has its number, but its path has its alias.
    if (/^dm-\d+$/.test(volume)) sources.push({ kind: "path", path: `/dev/${volume}` });
  } else if (pool.path !== null) {
    const named = absolutePath(`${pool.path}/${volume}`);
    if (named !== null && named !== path) sources.push({ kind: "path", path: named });
  }
  return sources.length > 0 ? sources : null;
}

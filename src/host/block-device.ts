import { z } from "zod";
import { OutputNotUnderstood, type ReadCommand } from "../core/host-command.ts";
import type { BlockDevice, DiskId } from "../core/storage.ts";
import { reportIn, rowOf } from "./json-report.ts";

/** The links of /dev/disk/by-id; none where udev made none. */
export const listDiskIds: ReadCommand<DiskId[]> = {
  effect: "read",
  argv: ["ls", "-l", "/dev/disk/by-id"],
  timeoutMs: 10_000,
  exitCodes: [0, 2],
  parse: ({ stdout, stderr, exitCode }) => {
    if (exitCode === 2 && !stderr.includes("No such file or directory")) {
      throw new OutputNotUnderstood("ls", stderr, "a directory or none");
    }
    return stdout.split(/\r?\n/).flatMap(diskId);
  },
};

/** `lrwxrwxrwx. 1 root root 10 Jan  1 00:00 dm-name-mpatha -> ../../dm-2`; udev leaves no blank in a name. */
function diskId(line: string): DiskId[] {
  if (line.trim() === "" || /^total \d+/.test(line)) return [];
  const [link = "", target] = line.split(" -> ");
  const name = link.slice(link.lastIndexOf(" ") + 1);
  const device = target?.trim().split("/").at(-1);
  if (name === "" || device === undefined || device === "") throw new OutputNotUnderstood("ls", line, "a link");
  return [{ name, device }];
}

const columns = "NAME,KNAME,MAJ:MIN,TYPE,SIZE,FSTYPE,LABEL,UUID,MOUNTPOINT,RO,LOG-SEC,WWN,VENDOR,MODEL,HCTL,TRAN";

/** Every block device as a tree; a map stands under each of its paths. */
export const listBlockDevices: ReadCommand<BlockDevice[]> = {
  effect: "read",
  argv: ["lsblk", "-J", "-b", "-o", columns],
  timeoutMs: 10_000,
  exitCodes: [0],
  parse: ({ stdout }) => {
    const { blockdevices } = rowOf("lsblk", reportSchema, reportIn("lsblk", stdout));
    return blockdevices.map((row) => blockDevice(row, 0));
  },
};

const reportSchema = z.object({ blockdevices: z.array(z.unknown()) });
const text = z
  .string()
  .nullish()
  .transform((printed) => printed?.trim() || null);
/** util-linux before 2.33 prints every number as a string. */
const count = z
  .union([z.int().nonnegative(), z.string().trim().regex(/^\d+$/, "expected a number").transform(Number)])
  .nullish()
  .transform((number) => number ?? 0);
const deviceSchema = z.object({
  name: z.string().min(1),
  kname: text,
  "maj:min": text,
  type: z.string(),
  size: count,
  fstype: text,
  label: text,
  uuid: text,
  mountpoint: text,
  mountpoints: z.array(z.string().nullable()).nullish(),
  ro: z.union([z.boolean(), z.literal(["0", "1"]), z.literal([0, 1])]),
  "log-sec": count,
  wwn: text,
  vendor: text,
  model: text,
  hctl: text,
  tran: text,
  children: z.array(z.unknown()).nullish(),
});

const DEEPEST = 64;

function blockDevice(row: unknown, depth: number): BlockDevice {
  const device = rowOf("lsblk", deviceSchema, row);
  if (depth > DEEPEST) throw new OutputNotUnderstood("lsblk", device.name, `a tree of at most ${DEEPEST} levels`);
  const mounts = [device.mountpoint, ...(device.mountpoints ?? [])];
  return {
    name: device.name,
    kernelName: device.kname ?? device.name,
    majorMinor: device["maj:min"] ?? "",
    type: device.type,
    sizeBytes: device.size,
    fileSystem: device.fstype,
    label: device.label,
    uuid: device.uuid,
    mountPoints: [...new Set(mounts.flatMap((mount) => mount || []))],
    readOnly: [true, "1", 1].includes(device.ro),
    logicalSectorBytes: device["log-sec"],
    wwn: device.wwn,
    vendor: device.vendor,
    model: device.model,
    hctl: device.hctl,
    transport: device.tran,
    children: (device.children ?? []).map((child) => blockDevice(child, depth + 1)),
  };
}

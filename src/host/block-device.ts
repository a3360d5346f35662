import { z } from "zod";
import { OutputNotUnderstood, type ReadCommand } from "../core/host-command.ts";
import { MANY, TREE } from "../core/limits.ts";
import { eachUnderstood, ignored, type Note, oddOf } from "../core/not-understood.ts";
import { inParts, ofLines, ofList } from "../core/parts.ts";
import type { BlockDevice, DiskId } from "../core/storage.ts";
import { reportIn, rowOf } from "./json-report.ts";
import { linesOf } from "./lines.ts";
import { beforeRoots, reportOfPairs } from "./lsblk-pairs.ts";

/** The links of /dev/disk/by-id; none where udev made none. */
export const listDiskIds: ReadCommand<DiskId[]> = {
  effect: "read",
  argv: ["ls", "-l", "/dev/disk/by-id"],
  timeoutMs: 10_000,
  limits: MANY,
  exitCodes: [0, 2],
  parse: inParts(ofLines, ({ stdout, stderr, exitCode }, note?: Note) => {
    if (exitCode === 2 && !stderr.includes("No such file or directory")) {
      throw new OutputNotUnderstood("ls", stderr, "a directory or none");
    }
    const lines = linesOf(stdout).filter((line) => line.trim() !== "" && !/^total \d+/.test(line));
    return eachUnderstood(lines, diskId, disksIn, note);
  }),
};

/** `lrwxrwxrwx. 1 root root 10 Jan  1 00:00 dm-name-mpatha -> ../../dm-2`; udev leaves no blank in a name. */
function diskId(line: string): DiskId[] {
  const arrow = line.indexOf(" -> ");
  const name = line.slice(line.lastIndexOf(" ", arrow - 1) + 1, arrow);
  const target = line.slice(arrow + " -> ".length).trimEnd();
  const device = target.slice(target.lastIndexOf("/") + 1);
  if (arrow === -1 || name === "" || device === "" || /\s/.test(device))
    throw new OutputNotUnderstood("ls", line, "a link");
  return [{ name, device }];
}

/** The disk that an odd line names; without one it may be about any. */
function disksIn(line: string): string[] | null {
  const names = line.match(/\b(?:sd[a-z]+|dm-\d+|nvme\d+n\d+)\b/g);
  return names === null ? null : [...new Set(names)];
}

const columns = "NAME,KNAME,MAJ:MIN,TYPE,SIZE,FSTYPE,LABEL,UUID,MOUNTPOINT,RO,LOG-SEC,WWN,VENDOR,MODEL,HCTL,TRAN";

/** Every block device as a tree; a map stands under each of its paths. util-linux before 2.27 (RHEL 7) has no JSON. */
export const listBlockDevices: ReadCommand<BlockDevice[]> = {
  effect: "read",
  argv: ["lsblk", "-J", "-b", "-o", columns],
  timeoutMs: 10_000,
  limits: TREE,
  exitCodes: [0],
  parse: inParts(ofList(2), ({ stdout }, note: Note = ignored) => {
    const { blockdevices } = rowOf("lsblk", reportSchema, reportIn("lsblk", stdout, TREE, note));
    return eachUnderstood(blockdevices, (row) => [blockDevice(row, [], note)], namesOfRow, note);
  }),
  older: {
    argv: ["lsblk", "-P", "-b", "-o", `${columns},PKNAME,SERIAL`],
    translate: reportOfPairs,
    split: beforeRoots,
  },
};

/** Those of size 0 too, which lsblk leaves out of itself, and with them what stands on them: disks that are dead. */
export const listEveryBlockDevice: ReadCommand<BlockDevice[]> = {
  ...listBlockDevices,
  argv: ["lsblk", "-a", "-J", "-b", "-o", columns],
  older: {
    argv: ["lsblk", "-a", "-P", "-b", "-o", `${columns},PKNAME,SERIAL`],
    translate: reportOfPairs,
    split: beforeRoots,
  },
};

const reportSchema = z.object({ blockdevices: z.array(z.unknown()) });
// Without transforms, which would make a host with many paths several times slower to read.
const text = z.string().nullish();
const trimmed = (printed: string | null | undefined): string | null => printed?.trim() || null;
/** util-linux before 2.33 prints every number as a string. */
const count = z.union([z.int().nonnegative(), z.string().regex(/^\s*\d+\s*$/, "expected a number")]).nullish();
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
  ro: z.literal([true, false, "0", "1", 0, 1]),
  "log-sec": count,
  wwn: text,
  vendor: text,
  model: text,
  hctl: text,
  tran: text,
  children: z.array(z.unknown()).nullish(),
});

const DEEPEST = 64;

/** `above`: names of the devices that it stands on. */
function blockDevice(row: unknown, above: readonly string[], note: Note): BlockDevice {
  const device = rowOf("lsblk", deviceSchema, row);
  if (above.length > DEEPEST)
    throw new OutputNotUnderstood("lsblk", device.name, `a tree of at most ${DEEPEST} levels`);
  const kernelName = trimmed(device.kname) ?? device.name;
  const names = [...above, kernelName];
  return {
    name: device.name,
    kernelName,
    majorMinor: trimmed(device["maj:min"]) ?? "",
    type: device.type,
    sizeBytes: Number(device.size ?? 0),
    fileSystem: trimmed(device.fstype),
    label: trimmed(device.label),
    uuid: trimmed(device.uuid),
    mountPoints: mountsOf(device),
    readOnly: [true, "1", 1].includes(device.ro),
    logicalSectorBytes: Number(device["log-sec"] ?? 0),
    wwn: trimmed(device.wwn),
    vendor: trimmed(device.vendor),
    model: trimmed(device.model),
    hctl: trimmed(device.hctl),
    transport: trimmed(device.tran),
    children: (device.children ?? []).flatMap((child) => {
      try {
        return [blockDevice(child, names, note)];
      } catch (error) {
        if (!(error instanceof OutputNotUnderstood)) throw error;
        // It may be what uses the devices below it.
        note(oddOf(error, [...names, ...(namesOfRow(child) ?? [])]));
        return [];
      }
    }),
  };
}

const namedRow = z.object({ name: text.catch(null), kname: text.catch(null) });

/** null for a row without a name. */
function namesOfRow(row: unknown): string[] | null {
  const { data } = namedRow.safeParse(row);
  const names = [data?.name, data?.kname].flatMap((name) => name || []);
  return names.length === 0 ? null : [...new Set(names)];
}

/** MOUNTPOINT, and MOUNTPOINTS where a version prints it. */
function mountsOf({ mountpoint, mountpoints }: z.output<typeof deviceSchema>): string[] {
  const mounts = [trimmed(mountpoint), ...(mountpoints ?? [])].flatMap((mount) => mount || []);
  return mounts.length > 1 ? [...new Set(mounts)] : mounts;
}

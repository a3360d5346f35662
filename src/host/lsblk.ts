import { z } from "zod";
import { type CommandOutput, OutputNotUnderstood, type ReadCommand } from "../core/host-command.ts";
import { MANY, TREE } from "../core/limits.ts";
import { ignored, type Note, noteOf, parseEach } from "../core/not-understood.ts";
import { beforeLines, inParts, ofList } from "../core/parts.ts";
import type { BlockDevice } from "../core/storage.ts";
import { filledLinesOf, linesOf, reportIn, rowOf, withoutHexEscapes } from "./output.ts";

/** Each part has complete trees: a device without a parent, and everything on top of it. */
const beforeRoots = beforeLines((line) => line.includes('PKNAME=""'));

const columns = "NAME,KNAME,MAJ:MIN,TYPE,SIZE,FSTYPE,LABEL,UUID,MOUNTPOINT,RO,LOG-SEC,WWN,VENDOR,MODEL,HCTL,TRAN";

/**
 * Every block device as a tree; a map is listed under each of its paths. util-linux before 2.27 (RHEL 7) has no JSON.
 */
export const listBlockDevices: ReadCommand<BlockDevice[]> = {
  effect: "read",
  argv: ["lsblk", "-J", "-b", "-o", columns],
  timeoutMs: 10_000,
  limits: TREE,
  exitCodes: [0],
  parse: inParts(ofList(2), ({ stdout }, note: Note = ignored) => {
    const { blockdevices } = rowOf("lsblk", reportSchema, reportIn("lsblk", stdout, TREE, note));
    return parseEach(blockdevices, (row) => [blockDevice(row, [], note)], namesOfRow, note);
  }),
  fallbackForOldVersions: {
    argv: ["lsblk", "-P", "-b", "-o", `${columns},PKNAME,SERIAL`],
    translate: reportOfPairs,
    split: beforeRoots,
  },
};

/** Includes devices of size 0 and everything on top of them: dead disks. lsblk omits these without -a. */
export const listEveryBlockDevice: ReadCommand<BlockDevice[]> = {
  ...listBlockDevices,
  argv: ["lsblk", "-a", "-J", "-b", "-o", columns],
  fallbackForOldVersions: {
    argv: ["lsblk", "-a", "-P", "-b", "-o", `${columns},PKNAME,SERIAL`],
    translate: reportOfPairs,
    split: beforeRoots,
  },
};

const reportSchema = z.object({ blockdevices: z.array(z.unknown()) });
// Without transforms: they make the parsing of many paths several times slower.
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

/** `above`: names of the devices below it in the stack, as lsblk prints them above. */
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
        // It may be what uses the devices under it.
        note(noteOf(error, [...names, ...(namesOfRow(child) ?? [])]));
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

/** MOUNTPOINT, and MOUNTPOINTS if the version prints it. */
function mountsOf({ mountpoint, mountpoints }: z.output<typeof deviceSchema>): string[] {
  const mounts = [trimmed(mountpoint), ...(mountpoints ?? [])].flatMap((mount) => mount || []);
  return mounts.length > 1 ? [...new Set(mounts)] : mounts;
}

/**
 * Converts the output of `lsblk -P` to that of `lsblk -J`. It has one line for each place of a device in the tree,
 * after the line of its parent.
 *
 *     NAME="sdo" KNAME="sdo" … WWN="0x600507638081046d" … PKNAME="" SERIAL="600507638081046dd800000000000043"
 *     NAME="3600507638081046dd800000000000043" KNAME="dm-8" … TYPE="mpath" … PKNAME="sdo" SERIAL=""
 */
function reportOfPairs(output: CommandOutput, note: Note = ignored): CommandOutput {
  const blockdevices: Device[] = [];
  const latest = new Map<string, Device>();
  const parents = new Map<string, string>();
  const lines = linesOf(output.stdout).filter((each) => each.trim() !== "");
  const take = (line: string): [] => {
    const columns = columnsOf(line.trim());
    const { kname, pkname, wwn, serial } = columns;
    const siblings = pkname ? latest.get(pkname)?.children : blockdevices;
    if (siblings === undefined) throw new OutputNotUnderstood("lsblk", line, "a device after its parent");
    const device = { columns: { ...columns, wwn: wholeWwn(wwn, serial) }, children: [] };
    siblings.push(device);
    if (kname) latest.set(kname, device);
    if (kname && pkname) parents.set(kname, pkname);
    return [];
  };
  parseEach(lines, take, (line) => namesIn(line, parents), note);
  return { ...output, stdout: JSON.stringify({ blockdevices: blockdevices.map(row) }) };
}

/** The device of a line that is not understood, and the devices under it: it may be what uses them. */
function namesIn(line: string, parents: ReadonlyMap<string, string>): string[] | null {
  const named = Array.from(line.matchAll(/\b(?:NAME|KNAME|PKNAME)="([^"]+)"/g), ([, name = ""]) => name);
  const names = new Set(named);
  for (const name of names) {
    const parent = parents.get(name);
    if (parent !== undefined) names.add(parent);
  }
  const isPlaced = /\bPKNAME="/.test(line);
  return names.size === 0 || !isPlaced ? null : [...names];
}

type Columns = Readonly<Record<string, string | null>>;
interface Device {
  readonly columns: Columns;
  readonly children: Device[];
}

const row = ({ columns, children }: Device): unknown => ({ ...columns, children: children.map(row) });

function columnsOf(line: string): Columns {
  if (!/^[A-Z:-]+="[^"]*"( [A-Z:-]+="[^"]*")*$/.test(line)) {
    throw new OutputNotUnderstood("lsblk", line, 'NAME="…" KNAME="…" …');
  }
  const pairs = line.matchAll(/([A-Z:-]+)="([^"]*)"/g);
  return Object.fromEntries(
    Array.from(pairs, ([, name = "", value = ""]) => [name.toLowerCase(), withoutHexEscapes(value) || null]),
  );
}

/**
 * Old versions print only the first half of a name of 16 bytes (NAA 6). The LUNs of an array share that half. SERIAL,
 * udev's ID_SERIAL_SHORT, is the complete name.
 */
function wholeWwn(wwn: string | null | undefined, serial: string | null | undefined): string | null {
  const isHalf = /^0x6[0-9a-f]{15}$/.test(wwn ?? "");
  const whole = `0x${serial ?? ""}`;
  return isHalf && /^0x[0-9a-f]{32}$/.test(whole) && whole.startsWith(wwn ?? "") ? whole : (wwn ?? null);
}

/** A disk, or another device on none, with its size in bytes. */
interface DiskSize {
  /** `sdd` */
  readonly device: string;
  readonly sizeBytes: number;
}

/** The sizes that the kernel has. Nothing is asked of the disks. `sdd 2199023255552`, one a line. */
export const listDiskSizes: ReadCommand<DiskSize[]> = {
  effect: "read",
  argv: ["lsblk", "-d", "-n", "-r", "-b", "-o", "KNAME,SIZE"],
  timeoutMs: 10_000,
  limits: MANY,
  exitCodes: [0],
  parse: ({ stdout }, note) =>
    parseEach(
      filledLinesOf(stdout),
      (line) => {
        const [, device, size] = /^\s*(\S+)\s+(\d+)\s*$/.exec(line) ?? [];
        if (device === undefined) throw new OutputNotUnderstood("lsblk", line, "a device and its size");
        return [{ device, sizeBytes: Number(size) }];
      },
      () => null,
      note,
    ),
};

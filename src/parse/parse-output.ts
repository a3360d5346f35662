import type { CommandOutput, HostCommand } from "../core/host-command.ts";
import { fallbackCommand } from "../core/host-command.ts";
import { FEW, inUnits, type Limits } from "../core/limits.ts";
import { type NotUnderstood, OutputNotUnderstood } from "../core/not-understood.ts";
import { listMappedDevices } from "../host/dmsetup.ts";
import { discoverTargets } from "../host/iscsi-node.ts";
import { listIscsiSessions } from "../host/iscsi-session.ts";
import { listBlockDevices } from "../host/lsblk.ts";
import { listLogicalVolumes, listPhysicalVolumes, listVolumeGroups } from "../host/lvm.ts";
import { listLockspaces, listVolumeLocks } from "../host/lvmlockctl.ts";
import { healthOf, isWorking, listMultipathMaps } from "../host/multipath.ts";
import { readOsRelease } from "../host/os-release.ts";
import { listLeases, readSanlockStatus } from "../host/sanlock.ts";
import { listScsiDevices } from "../host/scsi.ts";
import { listDiskIds } from "../host/udev.ts";
import { listSignatures } from "../host/wipefs.ts";
import { pairsOfDevices, reportOfDevices, treeOfDevices } from "./block-devices.ts";
import { linesOfSessions, treeOfTargets } from "./iscsi.ts";
import { lvmReport, lvmTable } from "./lvm.ts";
import { paragraphsOfMaps, tableOfMaps } from "./mapped-devices.ts";
import { bestReading, type Read } from "./output-forms.ts";
import { statusWithoutDetails } from "./sanlock.ts";
import { otherScsiColumns } from "./scsi.ts";
import { linesOfSignatures, paragraphsOfSignatures, tableOfSignatures } from "./signatures.ts";
import { disksOfVm } from "./vm-disks.ts";

/** The bot's reading of a host tool's output. */
export interface Parsed {
  readonly command: string;
  /** false: the output is not understood. */
  readonly understood: boolean;
  readonly value: unknown;
  readonly notUnderstood: readonly { readonly line: string; readonly why: string }[];
}

interface Known {
  /** As the bot, or a person, runs it. */
  readonly name: string;
  /** Whether these words run it; the first is the program's name without its folder. */
  runs(words: readonly string[]): boolean;
  /** The most that the bot reads of it. */
  readonly limits: Limits | undefined;
  readonly read: Read;
}

const program =
  (name: RegExp, ...others: readonly RegExp[]): Known["runs"] =>
  ([first = "", ...rest]) =>
    name.test(first) && others.every((other) => other.test(rest.join(" ")));

/** How the bot asks hosts with old versions. */
function fallback(command: HostCommand<unknown>): Read {
  const asked = fallbackCommand(command);
  if (asked === null) throw new Error(`${command.argv.join(" ")} has no fallback for old versions`);
  return asked.parse;
}

/** `/dev/disk/by-id:`, the folder itself and the one above it with -a, and that the folder is not there, are no links. */
const NO_LINK = /^(?:d.* \.{1,2}|\/\S+:|ls: .*No such file or directory)$/;

const known: readonly Known[] = [
  {
    name: "multipath -ll",
    runs: program(/^multipathd?$/, /(?:^| )-ll+(?: |$)|show topology|show maps? (?:\S+ )?topology/),
    limits: listMultipathMaps.limits,
    read: (output, note) =>
      listMultipathMaps.parse(output, note).map((map) => ({
        ...map,
        health: healthOf(map),
        paths: map.paths.map((path) => ({ ...path, working: isWorking(path) })),
      })),
  },
  {
    name: "lsscsi -s",
    runs: program(/^lsscsi$/),
    limits: listScsiDevices.limits,
    read: bestReading(listScsiDevices.parse, otherScsiColumns),
  },
  {
    name: "ls -l /dev/disk/by-id",
    runs: program(/^l[sl]$/, /\/dev\/disk\/by-id/),
    limits: listDiskIds.limits,
    read: (output, note) => listDiskIds.parse(withoutLines(output, NO_LINK), note),
  },
  {
    name: "lsblk",
    runs: program(/^lsblk$/),
    limits: listBlockDevices.limits,
    read: bestReading(
      ...([listBlockDevices.parse, fallback(listBlockDevices)] as const),
      ...[reportOfDevices, treeOfDevices, pairsOfDevices],
    ),
  },
  ...([listPhysicalVolumes, listVolumeGroups, listLogicalVolumes] as const).map((command): Known => {
    const name = command.argv[0] as "pvs" | "vgs" | "lvs";
    const read = bestReading(command.parse, lvmReport(name), lvmTable(name));
    return { name, runs: program(new RegExp(`^${name}$`)), limits: command.limits, read };
  }),
  {
    name: "lvmlockctl --info",
    runs: program(/^lvmlockctl$/),
    limits: listLockspaces.limits,
    read: (output, note) => {
      // It reports that on standard output.
      if (/^Cannot connect to lvmlockd/m.test(output.stdout)) return null;
      const locks = listVolumeLocks.parse(output, note) ?? [];
      return (listLockspaces.parse(output, note) ?? []).map((space) => ({
        ...space,
        locks: locks.filter(({ volumeGroup }) => volumeGroup === space.volumeGroup),
      }));
    },
  },
  {
    name: "sanlock client status -D",
    runs: program(/^sanlock$/, /\bstatus\b/),
    limits: readSanlockStatus.limits,
    read: bestReading(
      (output, note) => ({ ...readSanlockStatus.parse(output, note), leases: listLeases.parse(output, note) }),
      statusWithoutDetails,
    ),
  },
  {
    name: "dmsetup info",
    runs: program(/^dmsetup$/, /\binfo\b/),
    limits: listMappedDevices.limits,
    read: bestReading(listMappedDevices.parse, paragraphsOfMaps, tableOfMaps),
  },
  {
    name: "iscsiadm -m session -P3",
    runs: program(/^iscsiadm$/, /\bsession\b/),
    limits: listIscsiSessions.limits,
    read: (output, note) =>
      // Standard output is empty if there are none.
      /^(?:iscsiadm: No active sessions\.?)?$/.test(output.stdout.trim())
        ? []
        : bestReading(listIscsiSessions.parse, linesOfSessions)(output, note),
  },
  {
    name: "iscsiadm -m discovery",
    runs: program(/^iscsiadm$/, /\bdiscovery(db)?\b/),
    limits: FEW,
    read: (output, note) =>
      bestReading(discoverTargets({ address: "0.0.0.0", port: 3260 }).parse, treeOfTargets)(
        withoutLines(output, /^iscsiadm: No (?:records|portals) found!?$/),
        note,
      ),
  },
  {
    name: "wipefs",
    runs: program(/^wipefs$/),
    limits: FEW,
    read: bestReading(
      ...([listSignatures("DEVICE").parse, fallback(listSignatures("DEVICE"))] as const),
      ...[linesOfSignatures, tableOfSignatures, paragraphsOfSignatures],
    ),
  },
  { name: "virsh domblklist", runs: program(/^virsh$/, /\bdomblklist\b/), limits: FEW, read: disksOfVm },
  {
    name: "/etc/os-release",
    runs: (words) => words.some((word) => word.endsWith("os-release")),
    limits: FEW,
    read: readOsRelease.parse,
  },
];

export const knownCommands: readonly string[] = known.map(({ name }) => name);

/** null for an unknown command. It may have words before the program, such as `sudo`, and other options. */
export function parseOutput(command: string, printed: string): Parsed | null {
  const words = command.split(/\s+/).flatMap((word) => (word === "" || word === "sudo" ? [] : [word]));
  const [first = "", ...rest] = words;
  const named = [first.slice(first.lastIndexOf("/") + 1), ...rest];
  const tool = known.find(({ runs }) => runs(named));
  if (tool === undefined) return null;
  const implausible = beyond(tool.limits ?? FEW, printed);
  if (implausible !== null) return nothing(tool.name, { line: "", why: `${tool.name} printed ${implausible}` });
  const notes: NotUnderstood[] = [];
  try {
    const value = tool.read({ stdout: asPrinted(printed), stderr: "", exitCode: 0 }, (unclear) => notes.push(unclear));
    return { command: tool.name, understood: true, value, notUnderstood: each(notes) };
  } catch (error) {
    if (!(error instanceof OutputNotUnderstood)) throw error;
    return nothing(tool.name, { line: error.line, why: error.message });
  }
}

/** The result for an output that is not understood, with the reason. */
export const nothing = (command: string, why: Parsed["notUnderstood"][number]): Parsed => ({
  command,
  understood: false,
  value: null,
  notUnderstood: [why],
});

/** Two parsers of one output may note the same line. */
function each(notes: readonly NotUnderstood[]): Parsed["notUnderstood"] {
  const lines = new Map(notes.map(({ line, why }) => [`${line}\n${why}`, { line, why }]));
  return [...lines.values()];
}

/** Without the additions of an editor or a terminal: a byte order mark, colours. */
const asPrinted = (text: string): string => text.replace(/^\uFEFF/, "").replaceAll(COLOUR, "");
const COLOUR = new RegExp(`${String.fromCharCode(27)}\\[[0-9;]*[mK]`, "g");

const withoutLines = (output: CommandOutput, pattern: RegExp): CommandOutput => ({
  ...output,
  stdout: output.stdout
    .split("\n")
    .filter((line) => !pattern.test(line.trim()))
    .join("\n"),
});

/** The bot would refuse it from a host too. */
function beyond({ bytes, lines }: Limits, text: string): string | null {
  const size = Buffer.byteLength(text);
  if (size > bytes) return `${inUnits(size)}, and at most ${inUnits(bytes)} are plausible`;
  let count = 0;
  for (let at = text.indexOf("\n"); at !== -1; at = text.indexOf("\n", at + 1)) count += 1;
  return count > lines ? `${count} lines, and at most ${lines} are plausible` : null;
}

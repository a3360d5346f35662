import { type CommandOutput, type HostCommand, inOlderForm } from "./core/host-command.ts";
import { type NotUnderstood, OutputNotUnderstood } from "./core/not-understood.ts";
import { listBlockDevices, listDiskIds } from "./host/block-device.ts";
import { discoverTargets } from "./host/iscsi-discovery.ts";
import { listIscsiSessions } from "./host/iscsi-session.ts";
import { listLeases } from "./host/lease.ts";
import { listMachineDisks } from "./host/libvirt.ts";
import { listLockspaces } from "./host/lockspace.ts";
import { listLogicalVolumes, listMappedDevices, listVolumeLocks } from "./host/logical-volumes.ts";
import { listPhysicalVolumes, listVolumeGroups } from "./host/lvm.ts";
import { listMultipathMaps } from "./host/multipath.ts";
import { readOsRelease } from "./host/os-release.ts";
import { healthOf, isWorking } from "./host/path-state.ts";
import { readSanlockStatus } from "./host/sanlock.ts";
import { listScsiDevices } from "./host/scsi.ts";
import { listSignatures } from "./host/signatures.ts";

/** What the bot makes of a host tool's output. */
export interface Parsed {
  readonly command: string;
  /** false: nothing could be made of it. */
  readonly understood: boolean;
  readonly value: unknown;
  readonly notUnderstood: readonly { readonly line: string; readonly why: string }[];
}

type Note = (odd: NotUnderstood) => void;
interface Known {
  /** As the bot, or a person, runs it. */
  readonly name: string;
  /** Whether these words, the program's name without its folder first, run it. */
  runs(words: readonly string[]): boolean;
  value(output: CommandOutput, note: Note): unknown;
}

const program =
  (name: string, ...others: readonly RegExp[]): Known["runs"] =>
  ([first, ...rest]) =>
    first === name && others.every((other) => other.test(rest.join(" ")));

const known: readonly Known[] = [
  {
    name: "multipath -ll",
    runs: program("multipath", /(^| )-l{1,3}( |$)/),
    value: (output, note) =>
      listMultipathMaps.parse(output, note).map((map) => ({
        ...map,
        health: healthOf(map),
        paths: map.paths.map((path) => ({ ...path, working: isWorking(path) })),
      })),
  },
  { name: "lsscsi -s", runs: program("lsscsi"), value: listScsiDevices.parse },
  { name: "ls -l /dev/disk/by-id", runs: program("ls", /\/dev\/disk\/by-id/), value: listDiskIds.parse },
  {
    name: "lsblk",
    runs: program("lsblk"),
    value: inEitherForm(listBlockDevices, (stdout) => stdout.startsWith("NAME=")),
  },
  { name: "pvs", runs: program("pvs"), value: listPhysicalVolumes.parse },
  { name: "vgs", runs: program("vgs"), value: listVolumeGroups.parse },
  { name: "lvs", runs: program("lvs"), value: listLogicalVolumes.parse },
  {
    name: "lvmlockctl --info",
    runs: program("lvmlockctl"),
    value: (output, note) => {
      const locks = listVolumeLocks.parse(output, note) ?? [];
      return (listLockspaces.parse(output, note) ?? []).map((space) => ({
        ...space,
        locks: locks.filter(({ volumeGroup }) => volumeGroup === space.volumeGroup),
      }));
    },
  },
  {
    name: "sanlock client status -D",
    runs: program("sanlock", /\bstatus\b/),
    value: (output, note) => ({ ...readSanlockStatus.parse(output, note), leases: listLeases.parse(output) }),
  },
  {
    name: "dmsetup info",
    runs: program("dmsetup", /\binfo\b/),
    value: (output, note) => listMappedDevices.parse(inColumns(output), note),
  },
  {
    name: "iscsiadm -m session -P3",
    runs: program("iscsiadm", /\bsession\b/),
    value: listIscsiSessions.parse,
  },
  {
    name: "iscsiadm -m discovery",
    runs: program("iscsiadm", /\bdiscovery(db)?\b/),
    value: discoverTargets({ address: "0.0.0.0", port: 3260 }).parse,
  },
  {
    name: "wipefs",
    runs: program("wipefs"),
    value: (output, note) => {
      const isJson = /^\s*(?:\{|$)/.test(output.stdout);
      return inEitherForm(listSignatures("DEVICE"), () => !isJson)(inParsableForm(output), note);
    },
  },
  { name: "virsh domblklist", runs: program("virsh", /\bdomblklist\b/), value: listMachineDisks("DOMAIN").parse },
  {
    name: "/etc/os-release",
    runs: (words) => words.some((word) => word.endsWith("os-release")),
    value: readOsRelease.parse,
  },
];

export const knownCommands: readonly string[] = known.map(({ name }) => name);

/** Older versions of a tool are asked otherwise, and print otherwise. */
function inEitherForm<T>(command: HostCommand<T>, isOlder: (stdout: string) => boolean): HostCommand<T>["parse"] {
  const older = inOlderForm(command);
  return (output, note) => (older !== null && isOlder(output.stdout) ? older : command).parse(output, note);
}

/** null for a command that is not known. Words before the program, as `sudo`, and its options may be other ones. */
export function parseOutput(command: string, stdout: string): Parsed | null {
  const words = command.split(/\s+/).flatMap((word) => (word === "" || word === "sudo" ? [] : [word]));
  const [first = "", ...rest] = words;
  const named = [first.slice(first.lastIndexOf("/") + 1), ...rest];
  const tool = known.find(({ runs }) => runs(named));
  if (tool === undefined) return null;
  const notes: NotUnderstood[] = [];
  try {
    const value = tool.value({ stdout, stderr: "", exitCode: 0 }, (odd) => notes.push(odd));
    return { command: tool.name, understood: true, value, notUnderstood: notes.map(told) };
  } catch (error) {
    if (!(error instanceof OutputNotUnderstood)) throw error;
    return { command: tool.name, understood: false, value: null, notUnderstood: [told(error)] };
  }
}

const told = (odd: NotUnderstood | OutputNotUnderstood): { line: string; why: string } => ({
  line: odd.line,
  why: odd instanceof OutputNotUnderstood ? odd.message : odd.why,
});

/** `dmsetup info` without columns: a paragraph for each device. */
function inColumns(output: CommandOutput): CommandOutput {
  if (!/^Name: /m.test(output.stdout)) return output;
  const lines = output.stdout.split(/\r?\n\s*\r?\n/).map((device) => {
    const [name, open, uuid] = ["Name", "Open count", "UUID"].map(
      (field) => new RegExp(`^${field}: *(.*)$`, "m").exec(device)?.[1]?.trim() ?? "",
    );
    return name === "" ? device : `${uuid}:${open}:${name}`;
  });
  return { ...output, stdout: lines.join("\n") };
}

/** `wipefs DEVICE` without options: columns under a title. */
function inParsableForm(output: CommandOutput): CommandOutput {
  const [title = "", ...rows] = output.stdout.split("\n");
  if (!/^(?:DEVICE +)?OFFSET +TYPE/.test(title.trimStart())) return output;
  const withDevice = title.trimStart().startsWith("DEVICE");
  const lines = rows
    .filter((row) => row.trim() !== "")
    .map((row) => {
      const words = row.trim().split(/\s+/);
      const [offset = "", type = "", uuid = "", ...label] = withDevice ? words.slice(1) : words;
      return `${offset},${uuid},${label.join(" ")},${type}`;
    });
  return { ...output, stdout: lines.join("\n") };
}

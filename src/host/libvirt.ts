import {
  type CommandOutput,
  type Destruction,
  type HostCommand,
  NotDone,
  OutputNotUnderstood,
  type ReadCommand,
} from "../core/host-command.ts";
import { FEW } from "../core/limits.ts";
import { eachUnderstood, type Note } from "../core/not-understood.ts";
import { filledLinesOf } from "./output.ts";

/** A virtual machine that libvirt runs on a host: running, paused or on its way down. */
export interface Vm {
  /** Commands name it by this: a name of digits only would mean the machine with that number. */
  readonly uuid: string;
  readonly name: string;
}

export const VIRSH = ["virsh", "--connect", "qemu:///system"] as const;

/** The machines that are active now. A host without virsh has none; one whose libvirtd does not answer may have some. */
export const listRunningVms: ReadCommand<Vm[]> = {
  effect: "read",
  argv: [...VIRSH, "--readonly", "list", "--uuid", "--name"],
  timeoutMs: 20_000,
  limits: FEW,
  exitCodes: [0],
  // A VM that is not understood may use any disk.
  parse: ({ stdout }, note) => eachUnderstood(filledLinesOf(stdout), vms, () => null, note),
};

/** Every VM that libvirt knows: those that run, and those that are only defined and may be started. */
export const listVms: ReadCommand<Vm[]> = {
  ...listRunningVms,
  argv: [...VIRSH, "--readonly", "list", "--all", "--uuid", "--name"],
  // The first to ask may have systemd start the daemon.
  timeoutMs: 30_000,
};

/** VMs whose state is saved to disk: they go on with it when they are started. */
export const listSavedVms: ReadCommand<Vm[]> = {
  ...listRunningVms,
  argv: [...VIRSH, "--readonly", "list", "--all", "--with-managed-save", "--uuid", "--name"],
};

/** `f1b9b5a3-c2a1-4c1d-9e0b-6d2d5a4c7c11 i-2-17-VM`; older versions fill the name up with blanks. */
function vms(line: string): Vm[] {
  if (line.trim() === "") return [];
  const [, uuid, name] = /^([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}) (\S.*)$/.exec(line) ?? [];
  if (uuid === undefined || name === undefined) throw new OutputNotUnderstood("virsh", line, "a UUID and a name");
  return [{ uuid, name: name.trimEnd() }];
}

/** The block devices that an active machine uses as disks, by the paths it was given; none where it is gone meanwhile. */
export const listVmDisks = (uuid: string): ReadCommand<string[]> => ({
  effect: "read",
  argv: [...VIRSH, "--readonly", "domblklist", "--domain", uuid, "--details"],
  timeoutMs: 20_000,
  limits: FEW,
  exitCodes: [0, 1],
  parse: (output, note) =>
    vmDisks(output, note).flatMap(({ type, source }) =>
      type === "block" && source.startsWith("/dev/") ? [source] : [],
    ),
});

function vmDisks({ stdout, stderr, exitCode }: CommandOutput, note?: Note) {
  if (exitCode === 0) {
    const rows = filledLinesOf(stdout).filter((line) => !/^-+$/.test(line.trim()) && !TITLE.test(line));
    return eachUnderstood(rows, vmDisk, () => null, note);
  }
  if (/failed to get domain|Domain not found|persistent|transient/.test(stderr)) return [];
  throw new OutputNotUnderstood("virsh", stderr.trim(), "a machine's disks");
}

const TITLE = /^ ?Type +Device +Target +Source\s*$/;

/**
 *      Type    Device   Target   Source
 *     -------------------------------------------
 *      block   disk     vda      /dev/7c9e/8d1c5b0e
 *      file    cdrom    hdc      -
 */
function vmDisk(line: string): { type: string; target: string; source: string }[] {
  const [, type, target, source] = /^ ?(\S+) +\S+ +(\S+) +(\S.*)$/.exec(line) ?? [];
  if (type === undefined || target === undefined || source === undefined) {
    throw new OutputNotUnderstood("virsh", line, "a disk's type, device, target and source");
  }
  return [{ type, target, source: source.trimEnd() }];
}

/**
 * Asks the guest to shut down, as its power button would; it may take its time or pay no heed. That it can't be asked is
 * an answer too, with exit code 1, where it went off just now or where QEMU hangs, for which libvirt waits 30 s:
 *
 *     error: Failed to shutdown domain 'f1b9b5a3-…'
 *     error: Requested operation is not valid: domain is not running
 *
 *     error: Timed out during operation: cannot acquire state change lock (held by monitor=remoteDispatchDomainShutdown)
 */
export const shutDownVm = (uuid: string): HostCommand<null, "change"> => ({
  effect: "change",
  argv: [...VIRSH, "shutdown", "--domain", uuid],
  timeoutMs: 60_000,
  exitCodes: [0, 1],
  parse: () => null,
});

/** libvirt was not reached, did not allow it, or another job had the machine. */
const NOT_BEGUN = /cannot acquire state change lock|failed to connect|authentication|permission denied|access denied/i;

/** Takes the machine's power: what its guest had not yet written is lost. One that is off already stays so. */
export const powerOffVm = (uuid: string): Destruction<null, "VM"> => ({
  effect: "destroy",
  loses: "VM",
  argv: [...VIRSH, "destroy", "--domain", uuid],
  timeoutMs: 60_000,
  exitCodes: [0, 1],
  parse: ({ stderr, exitCode }) => {
    if (exitCode === 0 || /domain is not running|failed to get domain|Domain not found/.test(stderr)) return null;
    if (NOT_BEGUN.test(stderr)) throw new NotDone("virsh", stderr.trim());
    // After a signal that QEMU has not yet obeyed, or a lost connection, it may be off any moment.
    throw new OutputNotUnderstood("virsh", stderr.trim(), "a machine without power");
  },
});

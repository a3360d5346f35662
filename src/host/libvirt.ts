import { change, destruction } from "../core/change.ts";
import { type CommandOutput, NotDone, OutputNotUnderstood, type ReadCommand } from "../core/host-command.ts";
import { FEW } from "../core/limits.ts";
import { type Note, parseEach } from "../core/not-understood.ts";
import { filledLinesOf } from "./output.ts";

/** A virtual machine that libvirt runs on a host: running, paused or shutting down. */
export interface Vm {
  /** Commands use the UUID: virsh takes a name of digits only for a number of a VM. */
  readonly uuid: string;
  readonly name: string;
}

export const VIRSH = ["virsh", "--connect", "qemu:///system"] as const;

/** The VMs that run now. A host without virsh has none. If libvirtd does not answer, the host may have some. */
export const listRunningVms: ReadCommand<Vm[]> = {
  effect: "read",
  argv: [...VIRSH, "--readonly", "list", "--uuid", "--name"],
  timeoutMs: 20_000,
  limits: FEW,
  exitCodes: [0],
  // A VM that is not understood may use any disk.
  parse: ({ stdout }, note) => parseEach(filledLinesOf(stdout), vms, () => null, note),
};

/** Every VM that libvirt knows: running ones, and defined ones that may be started. */
export const listVms: ReadCommand<Vm[]> = {
  ...listRunningVms,
  argv: [...VIRSH, "--readonly", "list", "--all", "--uuid", "--name"],
  // The first request may start the daemon through systemd.
  timeoutMs: 30_000,
};

/** VMs with a state that is saved to disk: they continue from it at the next start. */
export const listSavedVms: ReadCommand<Vm[]> = {
  ...listRunningVms,
  argv: [...VIRSH, "--readonly", "list", "--all", "--with-managed-save", "--uuid", "--name"],
};

/** `f1b9b5a3-c2a1-4c1d-9e0b-6d2d5a4c7c11 i-2-17-VM`; older versions pad the name with blanks. */
function vms(line: string): Vm[] {
  if (line.trim() === "") return [];
  const [, uuid, name] = /^([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}) (\S.*)$/.exec(line) ?? [];
  if (uuid === undefined || name === undefined) throw new OutputNotUnderstood("virsh", line, "a UUID and a name");
  return [{ uuid, name: name.trimEnd() }];
}

/** The block devices that a running VM uses as disks, by the paths of its definition. None if the VM is gone. */
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
    return parseEach(rows, vmDisk, () => null, note);
  }
  if (/failed to get domain|Domain not found|persistent|transient/.test(stderr)) return [];
  throw new OutputNotUnderstood("virsh", stderr.trim(), "the disks of a VM");
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
 * Asks the guest to shut down, like its power button. The guest may be slow or ignore it. Exit code 1 means that the
 * guest can't be asked: the VM is off by now, or QEMU hangs. libvirt waits 30 s for QEMU:
 *
 *     error: Failed to shutdown domain 'f1b9b5a3-…'
 *     error: Requested operation is not valid: domain is not running
 *
 *     error: Timed out during operation: cannot acquire state change lock (held by monitor=remoteDispatchDomainShutdown)
 */
export const shutDownVm = (uuid: string) =>
  change([...VIRSH, "shutdown", "--domain", uuid], { timeoutMs: 60_000, exitCodes: [0, 1] });

/** libvirt was unreachable, refused, or had another job for the VM. */
const NOT_BEGUN = /cannot acquire state change lock|failed to connect|authentication|permission denied|access denied/i;

/** Powers the VM off: data that its guest had not yet written is lost. A VM that is off stays off. */
export const powerOffVm = (uuid: string) =>
  destruction("VM", [...VIRSH, "destroy", "--domain", uuid], {
    timeoutMs: 60_000,
    exitCodes: [0, 1],
    parse: ({ stderr, exitCode }) => {
      if (exitCode === 0 || /domain is not running|failed to get domain|Domain not found/.test(stderr)) return null;
      if (NOT_BEGUN.test(stderr)) throw new NotDone("virsh", stderr.trim());
      // After a signal that QEMU has not yet handled, or a lost connection, the VM may go off at any moment.
      throw new OutputNotUnderstood("virsh", stderr.trim(), "a VM that is off");
    },
  });

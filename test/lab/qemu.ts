import { type ChildProcess, spawn } from "node:child_process";

const memoryMiB = 1024;
/**
 * A snapshot takes the HPET back with it, and the TSC not: a kernel that counts a task's time by the TSC takes the
 * hours since for time that the task ran, and lets no other of real-time priority run for as long. multipathd and sanlock
 * are such.
 */
const commandLine =
  "console=ttyS0 quiet loglevel=3 net.ifnames=0 random.trust_cpu=on clocksource=hpet tsc=unstable mitigations=off audit=0 apparmor=0 selinux=0";

export interface Machine {
  readonly name: string;
  readonly kernel: string;
  readonly initrd: string;
  /** Added to the kernel's command line. */
  readonly kernelArguments?: string;
  /** Where what it prints on its serial line goes. */
  readonly console: string;
  /** Disks, controllers, network. */
  readonly devices: readonly string[];
}

/** Starts a machine in software emulation. It dies with this process, whatever kills that. */
export function startQemu(machine: Machine, log: number): ChildProcess {
  const args = [
    ...["-name", machine.name, "-machine", "pc", "-accel", "tcg,thread=multi", "-cpu", "Nehalem-v1"],
    ...["-m", String(memoryMiB), "-smp", "1", "-display", "none", "-nodefaults", "-no-user-config"],
    ...["-kernel", machine.kernel, "-initrd", machine.initrd],
    ...["-append", [commandLine, machine.kernelArguments ?? ""].join(" ").trim()],
    ...["-serial", `file:${machine.console}`, "-device", "virtio-rng-pci"],
    ...machine.devices,
  ];
  return startDaemon("qemu-system-x86_64", args, log);
}

/** A program that runs until it is killed; what it prints goes to the log. */
export function startDaemon(program: string, args: readonly string[], log: number, env = process.env): ChildProcess {
  return spawn("setpriv", ["--pdeathsig", "KILL", program, ...args], { stdio: ["ignore", log, log], env });
}

/** Ends it and waits until it is gone. */
export async function endDaemon(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const gone = new Promise((resolve) => child.once("exit", resolve));
  child.kill("SIGKILL");
  await gone;
}

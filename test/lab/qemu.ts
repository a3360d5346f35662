import { type ChildProcess, spawn } from "node:child_process";

const memoryMiB = 1024;
/**
 * A snapshot takes back the HPET and not the TSC. A kernel that counts the time of tasks by the TSC then takes the hours
 * since the snapshot for time that the task ran. For as long it runs no other task of real-time priority. multipathd and
 * sanlock have such a priority.
 *
 * On a busy computer the timer comes so late that a kernel without `no_timer_check` panics while it boots.
 */
const commandLine =
  "console=ttyS0 quiet loglevel=3 net.ifnames=0 random.trust_cpu=on clocksource=hpet tsc=unstable no_timer_check mitigations=off audit=0 apparmor=0 selinux=0";

export interface EmulatedComputer {
  readonly name: string;
  readonly kernel: string;
  readonly initrd: string;
  /** Added to the kernel's command line. */
  readonly kernelArguments?: string;
  /** The file for what it prints on its serial line. */
  readonly console: string;
  /** Disks, controllers, network. */
  readonly devices: readonly string[];
}

/** Starts an emulated computer, all in software. It dies with this process, also if that is killed. */
export function startQemu(computer: EmulatedComputer, log: number): ChildProcess {
  const args = [
    ...["-name", computer.name, "-machine", "pc", "-accel", "tcg,thread=multi", "-cpu", "Nehalem-v1"],
    ...["-m", String(memoryMiB), "-smp", "1", "-display", "none", "-nodefaults", "-no-user-config"],
    ...["-kernel", computer.kernel, "-initrd", computer.initrd],
    ...["-append", [commandLine, computer.kernelArguments ?? ""].join(" ").trim()],
    ...["-serial", `file:${computer.console}`, "-device", "virtio-rng-pci"],
    ...computer.devices,
  ];
  return startDaemon("qemu-system-x86_64", args, log);
}

/** A program that runs until it is killed. Its output goes to the log. */
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

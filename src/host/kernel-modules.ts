import { change } from "../core/change.ts";
import { OutputNotUnderstood, type ReadCommand } from "../core/host-command.ts";
import { FEW } from "../core/limits.ts";

/** Loaded kernel modules as /sys names them, with underscores: `dm_multipath`. */
export const listKernelModules: ReadCommand<string[]> = {
  effect: "read",
  argv: ["ls", "/sys/module"],
  timeoutMs: 10_000,
  limits: FEW,
  exitCodes: [0],
  parse: ({ stdout }) => stdout.split("\n").filter(Boolean).map(moduleName),
};

function moduleName(name: string): string {
  if (!/^\w+$/.test(name)) throw new OutputNotUnderstood("ls", name, "a kernel module");
  return name;
}

/** No effect if they are loaded. Both forms of a name work: `dm-multipath`, `dm_multipath`. */
export const loadKernelModules = (names: readonly string[]) =>
  change(["modprobe", "--all", "--", ...names], { timeoutMs: 30_000 });

/** The kernel modules that multipath maps need, and the file that loads them at every boot. */
export const MULTIPATH_MODULES = ["dm-multipath", "dm-round-robin"] as const;
export const MODULES_AT_BOOT = "/etc/modules-load.d/zstack-chatops.conf";

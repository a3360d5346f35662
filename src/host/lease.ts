import { type CommandOutput, OutputNotUnderstood, type ReadCommand } from "../core/host-command.ts";
import { linesOf } from "./lines.ts";

/** One lockspace that sanlock keeps a lease in: what really locks, whatever LVM's exit codes said. */
export interface Lease {
  readonly volumeGroup: string;
  readonly hostId: number;
  /** null when held; `ADD` while it is being taken, `REM` while it is given up. */
  readonly underWay: string | null;
}

/** sanlock's leases in LVM's lockspaces; null where sanlock is not running. */
export const listLeases: ReadCommand<Lease[] | null> = {
  effect: "read",
  argv: ["sanlock", "client", "status"],
  timeoutMs: 10_000,
  exitCodes: [0, 1],
  parse: leases,
};

/**
 *     daemon 8a3c4b2a-7e1d-4c5e-9f00-1d2c3b4a5f60.host1
 *     p -1 helper
 *     p 1234 lvmlockd
 *     s lvm_ps1:1:/dev/mapper/ps1-lvmlock:0
 *     s lvm_ps2:1:/dev/mapper/ps2-lvmlock:0 ADD
 *     r lvm_ps1:LVid:/dev/mapper/ps1-lvmlock:70254592:3 p 1234
 *
 * Without the daemon it prints nothing and ends with 1. Lockspaces of others than LVM are passed over.
 */
function leases({ stdout, stderr, exitCode }: CommandOutput): Lease[] | null {
  if (exitCode !== 0) {
    if (`${stdout}${stderr}`.trim() === "") return null;
    throw new OutputNotUnderstood("sanlock", `${stdout}${stderr}`.trim(), "its status");
  }
  return linesOf(stdout).flatMap((line) => {
    if (!line.startsWith("s ")) {
      if (line.trim() === "" || /^(daemon|p|r) /.test(line)) return [];
      throw new OutputNotUnderstood("sanlock", line, "daemon, p, s or r");
    }
    const [, lockspace, hostId, underWay] = /^s ([^:\s]+):(\d+):\S+:\d+(?: (\S+))?\s*$/.exec(line) ?? [];
    if (lockspace === undefined || hostId === undefined) {
      throw new OutputNotUnderstood("sanlock", line, "s lockspace:host id:path:offset");
    }
    if (!lockspace.startsWith("lvm_")) return [];
    return [{ volumeGroup: lockspace.slice("lvm_".length), hostId: Number(hostId), underWay: underWay ?? null }];
  });
}

import { type CommandOutput, OutputNotUnderstood, type ReadCommand } from "../core/host-command.ts";
import { MANY } from "../core/limits.ts";
import { eachUnderstood, type Note } from "../core/not-understood.ts";
import { type Block, blocksOf, lockspaceOf, notRunning, STATUS } from "./sanlock-blocks.ts";

/**
 * What a lease is to its host. Only one that is held locks anything: `joining` while sanlock takes it (20 s, up to 3 min
 * where another host died with it), `leaving` while it gives it back, and `dead` where it could not renew it in time and
 * gave it up while locks in it are held still: other hosts may have them by now.
 */
export type LeaseState = "held" | "joining" | "leaving" | "dead";

/** One lockspace that sanlock has: what really locks, whatever LVM's exit codes said. */
export interface Lease {
  readonly volumeGroup: string;
  readonly hostId: number;
  readonly state: LeaseState;
  /** sanlock's own name of the lockspace, `lvm_VG:host id:path:offset`. */
  readonly lockspace: string;
  /** sanlock's names of the locks in it that it keeps although the program that took them has died, `lvm_VG:LV's UUID:path:offset:version`. */
  readonly orphans: readonly string[];
}

/** sanlock's leases in LVM's lockspaces; null where sanlock is not running. Without -D a dead one looks like any other. */
export const listLeases: ReadCommand<Lease[] | null> = {
  effect: "read",
  argv: ["sanlock", "client", "status", "-D"],
  timeoutMs: 10_000,
  limits: MANY,
  exitCodes: [0, 1],
  parse: leases,
};

/**
 *     daemon 8a3c4b2a-7e1d-4c5e-9f00-1d2c3b4a5f60.host1
 *     p -1 helper
 *     p 1234 lvmlockd
 *     s lvm_ps1:1:/dev/mapper/ps1-lvmlock:0
 *         list=spaces
 *         renew_fail=0
 *         space_dead=0
 *         killing_pids=0
 *     s lvm_ps2:1:/dev/mapper/ps2-lvmlock:0 ADD
 *     r lvm_ps1:LVid:/dev/mapper/ps1-lvmlock:70254592:3 p 1234
 *     r lvm_ps1:LVid:/dev/mapper/ps1-lvmlock:78643200:1 p 1234 ORPHAN
 *
 * Without the daemon it prints nothing and ends with 1. Lockspaces of others than LVM are passed over.
 */
function leases({ stdout, stderr, exitCode }: CommandOutput, note?: Note): Lease[] | null {
  if (exitCode !== 0) return notRunning(stdout, stderr);
  const blocks = blocksOf(stdout, STATUS);
  const orphans = blocks.flatMap(({ head }) => /^r (\S+) p -?\d+ ORPHAN$/.exec(head)?.[1] ?? []);
  return eachUnderstood(blocks, (block) => lease(block, orphans), lockspaceOf, note);
}

function lease(block: Block, orphans: readonly string[]): Lease[] {
  const line = block.head;
  if (block.odd !== null) throw block.odd;
  if (!line.startsWith("s ")) return [];
  const [, lockspace, name, hostId, mark] = /^s (([^:\s]+):(\d+):\S+:\d+)(?: (\S+))?$/.exec(line) ?? [];
  if (lockspace === undefined || name === undefined || hostId === undefined) {
    throw new OutputNotUnderstood("sanlock", line, "s lockspace:host id:path:offset");
  }
  if (!name.startsWith("lvm_")) return [];
  return [
    {
      volumeGroup: name.slice("lvm_".length),
      hostId: Number(hostId),
      state: stateOf(block, mark),
      lockspace,
      orphans: orphans.filter((each) => each.startsWith(`${name}:`)),
    },
  ];
}

/** sanlock sets `space_dead` and `killing_pids` for a lockspace that is asked to go, too: then its renewal has not failed. */
function stateOf({ values }: Block, mark: string | undefined): LeaseState {
  if (mark === "ADD") return "joining";
  if (mark !== undefined) return "leaving";
  const isSet = (name: string): boolean => !["0", undefined].includes(values.get(name));
  if (!isSet("space_dead") && !isSet("killing_pids")) return "held";
  // Older versions have no `renew_fail`: what can't be told from a dead one counts as dead.
  return values.get("renew_fail") === "0" ? "leaving" : "dead";
}

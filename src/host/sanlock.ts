import { change } from "../core/change.ts";
import {
  type CommandOutput,
  type HostCommand,
  NotDone,
  OutputNotUnderstood,
  type ReadCommand,
} from "../core/host-command.ts";
import { FEW, MANY } from "../core/limits.ts";
import { MOST_NOTES, type Note, parseEach } from "../core/not-understood.ts";
import { linesOf } from "./output.ts";
import { listDeviceClass } from "./sysfs.ts";

/** The renewal of one volume group's lease on a host. */
interface Renewal {
  readonly volumeGroup: string;
  readonly hostId: number;
  /** Since the lease was last written to the disk; null if it never was. */
  readonly ageSeconds: number | null;
  /** Whether the latest attempt to write it failed. */
  readonly failing: boolean;
  readonly ioTimeoutSeconds: number;
}
/** The daemon's own name has 48 characters. In a lease it has 47: the last byte there is a zero. */
const LEASE_NAME_LENGTH = 47;

interface SanlockStatus {
  /** The name that sanlock writes into its leases: `8a3c4b2a-….sharedbloc`. */
  readonly ownerName: string;
  /** Whether it resets the host when a lease expires; null if this version does not print it. */
  readonly usesWatchdog: boolean | null;
  readonly renewals: readonly Renewal[];
}

/** sanlock's status and its leases; null if it is not running. */
export const readSanlockStatus: ReadCommand<SanlockStatus | null> = {
  effect: "read",
  argv: ["sanlock", "client", "status", "-D"],
  timeoutMs: 10_000,
  limits: MANY,
  exitCodes: [0, 1],
  parse: sanlockStatus,
};

/**
 *     daemon 8a3c4b2a-7e1d-4c5e-9f00-1d2c3b4a5f60.sharedblock
 *         use_watchdog=0
 *         monotime=13470
 *     s lvm_7c9e:1:/dev/mapper/7c9e-lvmlock:0
 *         io_timeout=10
 *         renewal_last_result=1
 *         renewal_last_success=13452
 *
 * Times are seconds of this host's own monotonic clock.
 */
function sanlockStatus({ stdout, stderr, exitCode }: CommandOutput, note?: Note): SanlockStatus | null {
  if (exitCode !== 0) return notRunning(stdout, stderr);
  const blocks = blocksOf(stdout, STATUS);
  const daemon = blocks.find(({ head }) => head.startsWith("daemon "));
  if (daemon === undefined) throw new OutputNotUnderstood("sanlock", stdout.trim(), "daemon NAME");
  const now = numberIn(daemon, "monotime");
  const watchdog = daemon.values.get("use_watchdog");
  return {
    ownerName: daemon.head.slice("daemon ".length).slice(0, LEASE_NAME_LENGTH),
    usesWatchdog: watchdog === undefined ? null : watchdog !== "0",
    renewals: parseEach(blocks, (block) => renewal(block, now), lockspaceOf, note),
  };
}

function renewal(block: Block, now: number): Renewal[] {
  if (block.unclear !== null) throw block.unclear;
  const [, volumeGroup, hostId] = /^s lvm_([^:\s]+):(\d+):\S+:\d+(?: \S+)?$/.exec(block.head) ?? [];
  if (volumeGroup === undefined || hostId === undefined) return [];
  const success = numberIn(block, "renewal_last_success");
  return [
    {
      volumeGroup,
      hostId: Number(hostId),
      ageSeconds: success === 0 ? null : now - success,
      failing: success !== 0 && numberIn(block, "renewal_last_result") !== 1,
      ioTimeoutSeconds: numberIn(block, "io_timeout"),
    },
  ];
}

/** A host id of a volume group's lockspace, as another host last read it from the disk. */
export interface HostLease {
  readonly hostId: number;
  readonly ownerName: string;
  /** Released: its host left the group in order. */
  readonly released: boolean;
  /** How long the observing host has seen it unchanged. A live host renews it every 20 s. */
  readonly unchangedSeconds: number;
  /** The owner's value; all its time limits derive from it. */
  readonly ioTimeoutSeconds: number;
}

/** sanlock's default. */
export const SHIPPED_IO_TIMEOUT_SECONDS = 10;

/**
 * After this time without a renewal, sanlock treats a host as dead: eight I/O time-outs and a minute for its watchdog.
 */
export const deadAfterSeconds = (ioTimeoutSeconds: number): number => 8 * ioTimeoutSeconds + 60;

/** A host that is not known to be dead may still write. */
export const isLive = ({ released, unchangedSeconds, ioTimeoutSeconds }: HostLease): boolean =>
  !released && unchangedSeconds < deadAfterSeconds(ioTimeoutSeconds);

/** Every host id that was ever used in a volume group's lockspace; null if this host is not in it. */
export const listHostLeases = (volumeGroup: string): ReadCommand<HostLease[] | null> => ({
  effect: "read",
  argv: ["sanlock", "client", "host_status", "-D", "-s", `lvm_${volumeGroup}`],
  timeoutMs: 10_000,
  limits: FEW,
  exitCodes: [0, 1],
  parse: hostLeases,
});

/**
 *     2 timestamp 13452
 *         last_check=13740
 *         last_live=13474
 *         io_timeout=10
 *         owner_name=8a3c4b2a-7e1d-4c5e-9f00-1d2c3b4a5f60.sharedbloc
 *
 * The timestamp is of its owner's clock, and 0 after it was released. last_check and last_live are of this host's
 * clock. On standard error it always prints the request: `… lockspace lvm_7c9e host_id 0 path  offset 0`.
 */
function hostLeases({ stdout, stderr, exitCode }: CommandOutput, note?: Note): HostLease[] | null {
  if (exitCode !== 0) return notRunning(stdout, stderr.replace(/^.* lockspace \S+ host_id 0 path .*$/m, ""));
  // The other hosts in a group decide what may be stopped or destroyed. A host id that is not understood may be of any
  // host.
  return parseEach(blocksOf(stdout, HOSTS), hostLease, () => null, note);
}

/** Versions that answer for all lockspaces at once print the name of each before its hosts. */
const HOSTS: Heads = { isHead: (line) => /^(?:lockspace |\d+ )/.test(line), expected: "HOSTID timestamp N" };

function hostLease(block: Block): HostLease[] {
  if (block.unclear !== null) throw block.unclear;
  if (block.head.startsWith("lockspace ")) return [];
  const [, hostId, timestamp] = /^(\d+) timestamp (\d+)$/.exec(block.head) ?? [];
  if (hostId === undefined) throw new OutputNotUnderstood("sanlock", block.head, "HOSTID timestamp N");
  return [
    {
      hostId: Number(hostId),
      ownerName: (block.values.get("owner_name") ?? "").slice(0, LEASE_NAME_LENGTH),
      released: timestamp === "0",
      unchangedSeconds: numberIn(block, "last_check") - numberIn(block, "last_live"),
      ioTimeoutSeconds: numberIn(block, "io_timeout"),
    },
  ];
}

/**
 * The state of a lease on its host. Only `held` protects locks. `joining`: sanlock takes it (20 s, up to 3 min if
 * another host died with it). `leaving`: sanlock releases it. `dead`: sanlock could not renew it in time and stopped
 * while locks in it were active. Other hosts may have these locks by now.
 */
export type LeaseState = "held" | "joining" | "leaving" | "dead";

/** One lockspace of sanlock. It is what really locks, independent of LVM's exit codes. */
export interface Lease {
  readonly volumeGroup: string;
  readonly hostId: number;
  readonly state: LeaseState;
  /** sanlock's own name of the lockspace, `lvm_VG:host id:path:offset`. */
  readonly lockspace: string;
  /**
   * sanlock's names of the orphaned locks in it: the program that took them has died, `lvm_VG:LV's
   * UUID:path:offset:version`.
   */
  readonly orphans: readonly string[];
}

/**
 * sanlock's leases in LVM's lockspaces; null if sanlock is not running. Without -D, a dead lease can't be recognised.
 */
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
 * Without the daemon it prints nothing and ends with 1. Lockspaces of other programs than LVM are ignored.
 */
function leases({ stdout, stderr, exitCode }: CommandOutput, note?: Note): Lease[] | null {
  if (exitCode !== 0) return notRunning(stdout, stderr);
  const blocks = blocksOf(stdout, STATUS);
  const orphans = blocks.flatMap(({ head }) => /^r (\S+) p -?\d+ ORPHAN$/.exec(head)?.[1] ?? []);
  return parseEach(blocks, (block) => lease(block, orphans), lockspaceOf, note);
}

function lease(block: Block, orphans: readonly string[]): Lease[] {
  const line = block.head;
  if (block.unclear !== null) throw block.unclear;
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

/**
 * sanlock also sets `space_dead` and `killing_pids` for a lockspace that it removes on request. Then its renewal has
 * not failed.
 */
function stateOf({ values }: Block, mark: string | undefined): LeaseState {
  if (mark === "ADD") return "joining";
  if (mark !== undefined) return "leaving";
  const isSet = (name: string): boolean => !["0", undefined].includes(values.get(name));
  if (!isSet("space_dead") && !isSet("killing_pids")) return "held";
  // Older versions have no `renew_fail`. A lease that may be dead counts as dead.
  return values.get("renew_fail") === "0" ? "leaving" : "dead";
}

/**
 * A dead lvmlockd leaves its lockspaces and locks with sanlock, and a new lvmlockd can't take them over. `vgchange
 * --lockstart` ends with 0, and lvmlockd logs `add_lockspace_san add_lockspace error -17` (lvmlockd 2.03.16 with
 * sanlock 3.8.5). `lvmlockd --adopt` finds only what an lvmlockd with that option recorded. So sanlock's own client
 * releases them.
 */

/** Releases one lock: sanlock gives it to a program that ends at once. `orphan` as in a `Lease`. */
export const releaseOrphan = (orphan: string) =>
  change(["sanlock", "client", "command", "-r", orphan, "-O", "1", "-c", "/bin/true"], { timeoutMs: 60_000 });

/**
 * Releases the host's lease. If a lock in it is active, sanlock waits until it is released. `lockspace` as in a
 * `Lease`.
 */
export const leaveLockspace = (lockspace: string): HostCommand<null, "change"> => ({
  effect: "change",
  argv: ["sanlock", "client", "rem_lockspace", "-s", lockspace],
  timeoutMs: 60_000,
  exitCodes: [0],
  parse: left,
});

/**
 *     rem_lockspace
 *     rem_lockspace done 0
 */
function left({ stdout, stderr }: CommandOutput): null {
  if (/^rem_lockspace done 0$/m.test(stdout)) return null;
  // The error's number, except -115, which means that the removal continues.
  const refusal = /^rem_lockspace done (?!-115$)-\d+$/m.exec(stdout)?.[0];
  if (refusal !== undefined) throw new NotDone("sanlock", `${refusal}\n${stderr}`.trim());
  throw new OutputNotUnderstood("sanlock", `${stdout}${stderr}`.trim(), "rem_lockspace done 0");
}

/** The kernel's watchdog devices: `watchdog0`. Without one, wdmd can't reset a host that lost its storage. */
export const listWatchdogs: ReadCommand<string[]> = listDeviceClass("watchdog", (names) => names.map(watchdog));

function watchdog(name: string): string {
  if (!/^watchdog\d+$/.test(name)) throw new OutputNotUnderstood("ls", name, "watchdogN");
  return name;
}

/** One unindented line and the `name=value` lines below it. */
interface Block {
  readonly head: string;
  readonly values: ReadonlyMap<string, string>;
  /** A line in it that is neither: the lines below may belong to another block. */
  readonly unclear: OutputNotUnderstood | null;
}

/** The output of `sanlock client`, with -D or without it. Without -D no line has values. */
function blocksOf(output: string, { isHead, expected }: Heads): Block[] {
  const blocks: {
    head: string;
    values: Map<string, string>;
    unclear: OutputNotUnderstood | null;
    isUnknownHead: boolean;
  }[] = [];
  let unclearLines = 0;
  for (const line of linesOf(output)) {
    if (line.trim() === "") continue;
    const [, name, value] = /^\s+([a-z0-9_]+)=(.*)$/.exec(line) ?? [];
    const last = blocks.at(-1);
    if (name !== undefined && value !== undefined && last) last.values.set(name, value.trim());
    else if (isHead(line))
      blocks.push({ head: line.trimEnd(), values: new Map(), unclear: null, isUnknownHead: false });
    else {
      const unclear = new OutputNotUnderstood("sanlock", line.trim(), `${expected}, or name=value below a line`);
      if (++unclearLines > MOST_NOTES) throw unclear;
      if (!/^\s/.test(line)) blocks.push({ head: line.trimEnd(), values: new Map(), unclear, isUnknownHead: true });
      else if (last === undefined) throw unclear;
      else last.unclear ??= unclear;
    }
  }
  for (const [index, { unclear, values, isUnknownHead }] of blocks.entries()) {
    const before = blocks[index - 1];
    // The values may belong to the block before.
    if (isUnknownHead && values.size > 0 && before !== undefined) before.unclear ??= unclear;
  }
  return blocks;
}

/** The lines that begin a block. */
interface Heads {
  isHead(line: string): boolean;
  readonly expected: string;
}
const STATUS: Heads = {
  isHead: (line) => /^(?:daemon \S|p -?\d+ |[sr] [^:\s]+:)/.test(line),
  expected: "daemon, p, s or r",
};

/** The lockspace that a line of the status is about; null if it may be about any. */
function lockspaceOf({ head }: Block): string[] | null {
  const name = /^[sr] lvm_([^:\s]+):/.exec(head)?.[1];
  if (name !== undefined) return [name];
  return /^[sr] /.test(head) && !/^[sr] [^:\s]+:/.test(head) ? null : [];
}

function numberIn({ head, values }: Block, name: string): number {
  const value = values.get(name);
  if (value === undefined || !/^-?\d+$/.test(value)) {
    throw new OutputNotUnderstood("sanlock", `${head}: ${name}=${value ?? ""}`, `a number for ${name}`);
  }
  return Number(value);
}

/** Without the daemon, or outside the lockspace, it ends with 1 and prints nothing. */
function notRunning(stdout: string, stderr: string): null {
  if (`${stdout}${stderr}`.trim() === "") return null;
  throw new OutputNotUnderstood("sanlock", `${stdout}${stderr}`.trim(), "its status");
}

import { type CommandOutput, OutputNotUnderstood, type ReadCommand } from "../core/host-command.ts";
import { FEW, MANY } from "../core/limits.ts";
import { eachUnderstood, type Note } from "../core/not-understood.ts";
import { type Block, blocksOf, type Heads, lockspaceOf, notRunning, numberIn, STATUS } from "./sanlock-blocks.ts";

/** How a host's sanlock keeps the lease of one volume group. */
export interface Renewal {
  readonly volumeGroup: string;
  readonly hostId: number;
  /** Since the lease was last written to the disk; null where it never was. */
  readonly ageSeconds: number | null;
  /** Whether the latest attempt to write it failed. */
  readonly failing: boolean;
  readonly ioTimeoutSeconds: number;
}
export interface SanlockStatus {
  /** Under which sanlock writes its leases: `8a3c4b2a-….sharedbloc`. */
  readonly ownerName: string;
  /** Whether it has the host reset where a lease runs out; null where this version does not say. */
  readonly usesWatchdog: boolean | null;
  readonly renewals: readonly Renewal[];
}

/** What sanlock knows of itself and its leases; null where it is not running. */
export const readSanlockStatus: ReadCommand<SanlockStatus | null> = {
  effect: "read",
  argv: ["sanlock", "client", "status", "-D"],
  timeoutMs: 10_000,
  limits: MANY,
  exitCodes: [0, 1],
  parse: sanlockStatus,
};

/**
 *     daemon 8a3c4b2a-7e1d-4c5e-9f00-1d2c3b4a5f60.sharedbloc
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
    ownerName: daemon.head.slice("daemon ".length),
    usesWatchdog: watchdog === undefined ? null : watchdog !== "0",
    renewals: eachUnderstood(blocks, (block) => renewal(block, now), lockspaceOf, note),
  };
}

function renewal(block: Block, now: number): Renewal[] {
  if (block.odd !== null) throw block.odd;
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

/** A host id of a volume group's lockspace, as another host of the group last read it from the disk. */
export interface HostLease {
  readonly hostId: number;
  readonly ownerName: string;
  /** Given back: its host left the group in order. */
  readonly released: boolean;
  /** How long the host that looked has seen it unchanged; one that is alive renews it every 20 s. */
  readonly unchangedSeconds: number;
  /** The owner's own; all its time limits derive from it. */
  readonly ioTimeoutSeconds: number;
}

/** What sanlock takes where nothing else is set. */
export const SHIPPED_IO_TIMEOUT_SECONDS = 10;

/** After so long without a renewal sanlock takes a host for dead: eight I/O time-outs and a minute for its watchdog. */
export const deadAfterSeconds = (ioTimeoutSeconds: number): number => 8 * ioTimeoutSeconds + 60;

/** Whoever is not known to be dead may still write. */
export const isLive = ({ released, unchangedSeconds, ioTimeoutSeconds }: HostLease): boolean =>
  !released && unchangedSeconds < deadAfterSeconds(ioTimeoutSeconds);

/** Every host id that was ever used in a volume group's lockspace; null where this host is not in it. */
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
 * The timestamp is of its owner's clock, and 0 once it was given back; last_check and last_live are of the clock here.
 * On standard error it tells each time what it was asked: `… lockspace lvm_7c9e host_id 0 path  offset 0`.
 */
function hostLeases({ stdout, stderr, exitCode }: CommandOutput, note?: Note): HostLease[] | null {
  if (exitCode !== 0) return notRunning(stdout, stderr.replace(/^.* lockspace \S+ host_id 0 path .*$/m, ""));
  // Who else is in a group decides what may be stopped or destroyed: a host id that is not understood may be anybody's.
  return eachUnderstood(blocksOf(stdout, HOSTS), hostLease, () => null, note);
}

/** Versions that answer for every lockspace at once put its name before its hosts. */
const HOSTS: Heads = { isHead: (line) => /^(?:lockspace |\d+ )/.test(line), expected: "HOSTID timestamp N" };

function hostLease(block: Block): HostLease[] {
  if (block.odd !== null) throw block.odd;
  if (block.head.startsWith("lockspace ")) return [];
  const [, hostId, timestamp] = /^(\d+) timestamp (\d+)$/.exec(block.head) ?? [];
  if (hostId === undefined) throw new OutputNotUnderstood("sanlock", block.head, "HOSTID timestamp N");
  return [
    {
      hostId: Number(hostId),
      ownerName: block.values.get("owner_name") ?? "",
      released: timestamp === "0",
      unchangedSeconds: numberIn(block, "last_check") - numberIn(block, "last_live"),
      ioTimeoutSeconds: numberIn(block, "io_timeout"),
    },
  ];
}

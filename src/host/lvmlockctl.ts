import {
  type CommandOutput,
  type HostCommand,
  NotDone,
  OutputNotUnderstood,
  type ReadCommand,
} from "../core/host-command.ts";
import { MANY } from "../core/limits.ts";
import { type Note, parseEach } from "../core/not-understood.ts";
import type { VolumeLock } from "../core/storage.ts";
import { linesOf } from "./output.ts";

/**
 * A volume group with a lockspace that this host has joined or is joining. `--info` does not show which, nor the host
 * id.
 */
export interface Lockspace {
  readonly volumeGroup: string;
  readonly volumeGroupUuid: string;
  /** sanlock, dlm */
  readonly lockType: string;
}

/**
 * Two runs at the same time on a host use the same socket for lvmlockd's answer, so one run gets no answer. It ends
 * with exit code 158 and prints the error -98, EADDRINUSE, on standard output:
 *
 *     socket error -98
 */
export const lockInfo = {
  effect: "read",
  argv: ["lvmlockctl", "--info"],
  timeoutMs: 10_000,
  limits: MANY,
  exitCodes: [0, 1, 255],
  isTransient: (complaint: string) => complaint.includes("socket error -98"),
} as const;

/** The lockspaces of lvmlockd; null if lvmlockd is not running. */
export const listLockspaces: ReadCommand<Lockspace[] | null> = { ...lockInfo, parse: lockspaces };

/**
 *     VG 7c9e lock_type=sanlock QyJsQf-Aihq-9GnT-5Xin-RC2X-2sSS-DwPyFL
 *     LS sanlock lvm_7c9e
 *     LK GL un ver 0
 *     LK VG un ver 5
 *     PR host_id 2 generation 3 key 0x1000000000030002 removed
 *
 * Only the VG line describes a lockspace. Newer versions have more kinds of lines. Without the daemon: `Cannot connect
 * to lvmlockd.` on standard output, exit code 255 (-1).
 */
function lockspaces({ stdout, stderr, exitCode }: CommandOutput, note?: Note): Lockspace[] | null {
  if (exitCode !== 0) {
    if (/connect/i.test(`${stdout}${stderr}`)) return null;
    throw new OutputNotUnderstood("lvmlockctl", `${stdout}${stderr}`.trim(), "lockspaces");
  }
  const lines = linesOf(stdout).filter((line) => line.trim() !== "");
  return parseEach(lines, lockspace, lockedIn, note);
}

function lockspace(line: string): Lockspace[] {
  if (KINDS.test(line)) return [];
  if (!line.startsWith("VG ")) throw new OutputNotUnderstood("lvmlockctl", line, "VG, LS, LK, LW, PR or OP");
  const [, volumeGroup, lockType, volumeGroupUuid] = /^VG (\S+) lock_type=(\S+) (\S*)\s*$/.exec(line) ?? [];
  if (volumeGroup === undefined || lockType === undefined || volumeGroupUuid === undefined) {
    throw new OutputNotUnderstood("lvmlockctl", line, "VG name lock_type=… uuid");
  }
  return [{ volumeGroup, volumeGroupUuid, lockType }];
}

/** The other lines of lvmlockctl. */
const KINDS = /^(?:LS|LK|LW|OP|UN|PR) /;

/** The volume group of a line that is not understood; none for an unknown kind of line. */
function lockedIn(line: string): string[] | null {
  if (!line.startsWith("VG")) return [];
  const name = /^VG (\S+)/.exec(line)?.[1];
  return name === undefined ? null : [name];
}

/**
 * Joins the volume group's lockspace; no effect if it is joined. sanlock takes 20 s to 3 min. vgchange activates the
 * group's `lvmlock`. If udev is slow, lvmlockd misses its link (exit code 5):
 *
 *     VG cb18dd15374ffa99ced559795f616a96 start failed: invalid parameters for sanlock
 */
export const startLockspace = (volumeGroup: string): HostCommand<null, "change"> => ({
  effect: "change",
  argv: ["vgchange", "--lockstart", "--", volumeGroup],
  timeoutMs: 240_000,
  exitCodes: [0],
  isTransient: (complaint) => complaint.includes("start failed: invalid parameters for sanlock"),
  parse: ({ stderr }) => {
    // vgchange ends with 0 even then: `Using lock start and lock stop requires lvmlockd.`
    const lines = stderr.split("\n");
    const refusal = lines.find((line) => /requires lvmlockd|start failed/.test(line));
    if (refusal !== undefined) throw new NotDone("vgchange", refusal.trim());
    // The start is running, and its end is not known.
    const problem = lines.find((line) => /wait failed/.test(line));
    if (problem !== undefined) throw new OutputNotUnderstood("vgchange", problem.trim(), "a started lockspace");
    return null;
  },
});

/** Leaves the volume group's lockspace; LVM refuses while volumes are active. No effect if this host is not in it. */
export const stopLockspace = (volumeGroup: string): HostCommand<null, "change"> => ({
  effect: "change",
  argv: ["vgchange", "--lockstop", "--", volumeGroup],
  timeoutMs: 240_000,
  exitCodes: [0],
  parse: ({ stderr }) => {
    // As with --lockstart: exit code 0 even if LVM's settings have no lvmlockd.
    const problem = stderr.split("\n").find((line) => /requires lvmlockd|stop failed/.test(line));
    if (problem !== undefined) throw new NotDone("vgchange", problem.trim());
    return null;
  },
});

/** The volume locks of this host; null if lvmlockd is not running. */
export const listVolumeLocks: ReadCommand<VolumeLock[] | null> = { ...lockInfo, parse: volumeLocks };

/**
 *     VG 7c9e lock_type=sanlock QyJsQf-Aihq-9GnT-5Xin-RC2X-2sSS-DwPyFL
 *     LS sanlock lvm_7c9e
 *     LK VG un ver 5
 *     LK LV ex 8F3kz1-AbCd-0000-1111-2222-3333-444444
 *     LK LV un GN4xI5-2A0H-fUOi-9Y3j-0VLr-FnyT-HDsOve
 *
 * `un` is a lock that was released. Without the daemon: `Cannot connect to lvmlockd.`, exit code 255 (-1).
 */
function volumeLocks({ stdout, stderr, exitCode }: CommandOutput, note?: Note): VolumeLock[] | null {
  if (exitCode !== 0) {
    if (/connect/i.test(`${stdout}${stderr}`)) return null;
    throw new OutputNotUnderstood("lvmlockctl", `${stdout}${stderr}`.trim(), "locks");
  }
  let volumeGroup: string | null = null;
  const lines = linesOf(stdout)
    .filter((line) => line.trim() !== "")
    .map((line) => {
      if (line.startsWith("VG")) volumeGroup = /^VG (\S+) lock_type=/.exec(line)?.[1] ?? null;
      return { line, volumeGroup };
    });
  const aboutOf = ({ volumeGroup: group }: (typeof lines)[number]) => (group === null ? null : [group]);
  return parseEach(lines, (each) => (each.line.startsWith("LK LV") ? volumeLock(each) : []), aboutOf, note);
}

/** Newer versions print more after the UUID: `fence_owner 2.3`. */
function volumeLock({
  line,
  volumeGroup,
}: {
  readonly line: string;
  readonly volumeGroup: string | null;
}): VolumeLock[] {
  const [, mode, uuid] = /^LK LV (ex|sh|un) (\S+)(?: .*)?$/.exec(line.trimEnd()) ?? [];
  if (volumeGroup === null || mode === undefined || uuid === undefined) {
    throw new OutputNotUnderstood("lvmlockctl", line, "LK LV ex|sh|un uuid");
  }
  return mode === "un" ? [] : [{ volumeGroup, uuid, mode: mode === "ex" ? "exclusive" : "shared" }];
}

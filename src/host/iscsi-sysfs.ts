import { type CommandOutput, OutputNotUnderstood, type ReadCommand } from "../core/host-command.ts";
import { MANY } from "../core/limits.ts";
import { type Note, parseEach } from "../core/not-understood.ts";
import { type Portal, printedPortal } from "./iscsi-node.ts";
import type { IscsiSession } from "./iscsi-session.ts";
import { linesOf } from "./output.ts";

/** A session as the kernel has it. */
export type KernelSession = Pick<IscsiSession, "sid" | "target" | "portal" | "loggedInAt" | "scsiHost">;

/** Of sessions and of their connections. */
const attributes = ["targetname", "address", "port", "persistent_address", "persistent_port"] as const;

/**
 * Every iSCSI session, from sysfs: iscsiadm asks iscsid, and its socket would start it. Links name the SCSI host. None if
 * the kernel has no iSCSI. -s: a connection that is down has no address.
 */
export const listKernelSessions: ReadCommand<KernelSession[]> = {
  effect: "read",
  argv: [
    ...(["find", "/sys/class/iscsi_session", "/sys/class/iscsi_connection", "-type", "l", "-printf"] as const),
    ...["%f\\t%l\\n", "-exec", "grep", "-H", "-s", "", ...attributes.map((name) => `{}/${name}`), ";"],
  ],
  timeoutMs: 10_000,
  limits: MANY,
  // 1 if a folder is missing.
  exitCodes: [0, 1],
  parse: kernelSessions,
};

interface Seen {
  scsiHost: number | null;
  readonly values: Map<string, string>;
}

/**
 *     session1	../../devices/platform/host6/session1/iscsi_session/session1
 *     /sys/class/iscsi_session/session1/targetname:iqn.2026-11.lab.san:array1
 *     connection1:0	../../devices/platform/host6/session1/connection1:0/iscsi_connection/connection1:0
 *     /sys/class/iscsi_connection/connection1:0/persistent_address:10.0.2.2
 */
function kernelSessions({ stdout, stderr, exitCode }: CommandOutput, note?: Note): KernelSession[] {
  const sessions = new Map<string, Seen>();
  const sessionOf = (sid: string): Seen => {
    const seen = sessions.get(sid) ?? { scsiHost: null, values: new Map() };
    sessions.set(sid, seen);
    return seen;
  };
  const take = (line: string): [] => {
    const [, linked, host] = /^(?:session|connection)(\d+)(?::\d+)?\t\S*\/host(\d+)\/session\d+\//.exec(line) ?? [];
    if (linked !== undefined) {
      sessionOf(linked).scsiHost = Number(host);
      return [];
    }
    const [, sid, name, value] =
      /^\/sys\/class\/iscsi_(?:session\/session|connection\/connection)(\d+)(?::\d+)?\/([a-z_]+):(.*)$/.exec(line) ??
      [];
    if (sid === undefined || name === undefined || value === undefined)
      throw new OutputNotUnderstood("find", line, "a link to a session, or /sys/class/…/attribute:value");
    const { values } = sessionOf(sid);
    // A session may have several connections: the first one is the leading one.
    if (!values.has(name) && value.trim() !== "(null)") values.set(name, value.trim());
    return [];
  };
  const lines = linesOf(stdout).filter((line) => line !== "");
  parseEach(lines, take, () => null, note);
  if (exitCode !== 0 && sessions.size === 0 && !stderr.includes("No such file or directory"))
    throw new OutputNotUnderstood("find", stderr.trim(), "iSCSI sessions, or none");
  return parseEach(
    [...sessions],
    ([sid, seen]) => sessionIn(Number(sid), seen),
    ([sid]) => [`session${sid}`],
    note,
  );
}

/** A session that just ended may still have its link, and no target. */
function sessionIn(sid: number, { scsiHost, values }: Seen): KernelSession[] {
  const target = values.get("targetname");
  const loggedInAt = portalOf(values.get("persistent_address"), values.get("persistent_port"));
  const portal = portalOf(values.get("address"), values.get("port")) ?? loggedInAt;
  return target === undefined || portal === null ? [] : [{ sid, target, portal, loggedInAt, scsiHost }];
}

const portalOf = (address: string | undefined, port: string | undefined): Portal | null =>
  address === undefined ? null : printedPortal(`${address.includes(":") ? `[${address}]` : address}:${port ?? ""}`);

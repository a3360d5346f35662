import { type CommandOutput, type HostCommand, OutputNotUnderstood, type ReadCommand } from "../core/host-command.ts";
import { type Portal, portalText, printedPortal } from "./iscsi-portal.ts";
import { linesOf } from "./lines.ts";

/** A login of this host at one portal of a target. */
export interface IscsiSession {
  readonly sid: number;
  readonly target: string;
  /** Where it is connected now; a target may have sent the host on from where it logged in. */
  readonly portal: Portal;
  /** The portal of its node record. */
  readonly loggedInAt: Portal;
  readonly initiatorName: string | null;
  /** `LOGGED IN`, `TRANSPORT WAIT` … */
  readonly connectionState: string;
  /** `LOGGED_IN`, `FREE`, `FAILED` … */
  readonly sessionState: string;
  /** The number of its SCSI host; null where iscsiadm could not tell. */
  readonly scsiHost: number | null;
  /** Kernel names of its disks, `sdb`; iscsiadm is known to leave some out. */
  readonly disks: readonly string[];
}

/** Every session with its disks; none where there are none. */
export const listIscsiSessions: ReadCommand<IscsiSession[]> = {
  effect: "read",
  argv: ["iscsiadm", "--mode=session", "--print=3"],
  timeoutMs: 15_000,
  exitCodes: [0, 21],
  parse: sessions,
};

interface Reading {
  target: string | null;
  portal: Portal | null;
  loggedInAt: Portal | null;
}
type Growing = { -readonly [K in keyof IscsiSession]: IscsiSession[K] } & { disks: string[] };

/**
 *     Target: iqn.2026-11.lab.san:array1 (non-flash)
 *     	Current Portal: 10.0.2.2:3260,1
 *     	Persistent Portal: 10.0.2.2:3260,1
 *     		Iface Name: default
 *     		Iface Initiatorname: iqn.1993-08.org.debian:01:a4c1e7f0b2d9
 *     		SID: 1
 *     		iSCSI Connection State: LOGGED IN
 *     		iSCSI Session State: LOGGED_IN
 *     		Host Number: 2	State: running
 *     		scsi2 Channel 00 Id 0 Lun: 1
 *     			Attached scsi disk sdb		State: running
 *
 * Sessions over several interfaces stand under the portal that they share.
 */
function sessions({ stdout, stderr, exitCode }: CommandOutput): IscsiSession[] {
  if (exitCode === 21) {
    if (/no active sessions/i.test(stderr)) return [];
    throw new OutputNotUnderstood("iscsiadm", stderr.trim(), "No active sessions");
  }
  const found: Growing[] = [];
  const reading: Reading = { target: null, portal: null, loggedInAt: null };
  for (const line of linesOf(stdout)) readLine(line, reading, found);
  if (found.length === 0) throw new OutputNotUnderstood("iscsiadm", stdout.trim(), "Target: …");
  const unfinished = found.find((session) => session.sid < 0 || session.sessionState === "");
  if (unfinished) throw new OutputNotUnderstood("iscsiadm", unfinished.target, "a session with SID and state");
  return found;
}

function readLine(line: string, reading: Reading, found: Growing[]): void {
  const colon = line.indexOf(":");
  const name = line.slice(0, Math.max(colon, 0)).trim();
  const value = line.slice(colon + 1).trim();
  const session = found.at(-1);
  const disk = /^\s*Attached scsi disk (\S+)/.exec(line)?.[1];
  if (disk !== undefined) session?.disks.push(disk);
  else if (name === "Target") reading.target = value.split(" ")[0] ?? null;
  else if (name === "Current Portal") reading.portal = portalWithGroup(value);
  else if (name === "Persistent Portal") reading.loggedInAt = portalWithGroup(value);
  else if (name === "Iface Name") found.push(newSession(reading, line));
  else if (session !== undefined) takeIn(session, name, value);
}

function takeIn(session: Growing, name: string, value: string): void {
  if (name === "Iface Initiatorname") session.initiatorName = value === "" || value === "<empty>" ? null : value;
  else if (name === "SID") session.sid = Number(value);
  else if (name === "iSCSI Connection State") session.connectionState = value;
  else if (name === "iSCSI Session State") session.sessionState = value;
  else if (name === "Host Number") session.scsiHost = Number.parseInt(value, 10);
}

function newSession({ target, portal, loggedInAt }: Reading, line: string): Growing {
  if (target === null || portal === null) throw new OutputNotUnderstood("iscsiadm", line, "Target and Current Portal");
  const states = { connectionState: "", sessionState: "" };
  return {
    sid: -1,
    target,
    portal,
    loggedInAt: loggedInAt ?? portal,
    initiatorName: null,
    ...states,
    scsiHost: null,
    disks: [],
  };
}

/** `10.0.2.2:3260,1` */
function portalWithGroup(text: string): Portal {
  const portal = printedPortal(text.replace(/,\d+$/, ""));
  if (portal === null) throw new OutputNotUnderstood("iscsiadm", text, "address:port,group");
  return portal;
}

export const isLoggedIn = ({ connectionState, sessionState }: IscsiSession): boolean =>
  connectionState === "LOGGED IN" && sessionState === "LOGGED_IN";

/**
 * Logs in by the node record. A portal that does not answer is tried for about two minutes; 15: the session is there
 * already.
 */
export const logIn = (target: string, portal: Portal): HostCommand<null, "change"> => ({
  effect: "change",
  argv: ["iscsiadm", "--mode=node", `--targetname=${target}`, `--portal=${portalText(portal)}`, "--login"],
  timeoutMs: 180_000,
  exitCodes: [0, 15],
  parse: () => null,
});

/** Ends the session, and its disks are gone; 21 where there is none. */
export const logOut = (target: string, portal: Portal): HostCommand<null, "change"> => ({
  effect: "change",
  argv: ["iscsiadm", "--mode=node", `--targetname=${target}`, `--portal=${portalText(portal)}`, "--logout"],
  timeoutMs: 60_000,
  exitCodes: [0, 21],
  parse: () => null,
});

/** Looks for new LUNs over every session with the target. */
export const rescanTarget = (target: string): HostCommand<null, "change"> => ({
  effect: "change",
  argv: ["iscsiadm", "--mode=node", `--targetname=${target}`, "--rescan"],
  timeoutMs: 60_000,
  exitCodes: [0],
  parse: () => null,
});

/** The name under which the array knows this host; null where open-iscsi has none yet. */
export const readInitiatorName: ReadCommand<string | null> = {
  effect: "read",
  argv: ["cat", "--", "/etc/iscsi/initiatorname.iscsi"],
  timeoutMs: 10_000,
  exitCodes: [0, 1],
  parse: ({ stdout, stderr, exitCode }) => {
    if (exitCode === 1 && !stderr.includes("No such file or directory")) {
      throw new OutputNotUnderstood("cat", stderr.trim(), "the initiator's name, or no file");
    }
    return /^InitiatorName=(\S+)\s*$/m.exec(stdout)?.[1] ?? null;
  },
};

import { change } from "../core/change.ts";
import { type CommandOutput, OutputNotUnderstood, type ReadCommand } from "../core/host-command.ts";
import { MANY, ONE } from "../core/limits.ts";
import { type Note, parseEach } from "../core/not-understood.ts";
import { beforeLines, inParts } from "../core/parts.ts";
import { type Portal, portalText, printedPortal, samePortal } from "./iscsi-node.ts";
import { linesOf } from "./output.ts";

/** A session of this host with one portal of a target. */
export interface IscsiSession {
  readonly sid: number;
  readonly target: string;
  /** The portal of the connection now. A target may have redirected the host after the login. */
  readonly portal: Portal;
  /** The portal of its node record; null if iscsiadm does not print it for this session. */
  readonly loggedInAt: Portal | null;
  readonly initiatorName: string | null;
  /** `LOGGED IN`, `TRANSPORT WAIT` … */
  readonly connectionState: string;
  /** `LOGGED_IN`, `FREE`, `FAILED` … */
  readonly sessionState: string;
  /** The number of its SCSI host; null if iscsiadm does not know it. */
  readonly scsiHost: number | null;
  /** Kernel names of its disks, `sdb`; iscsiadm may omit some. */
  readonly disks: readonly string[];
}

/** Every session with its disks. */
export const listIscsiSessions: ReadCommand<IscsiSession[]> = {
  effect: "read",
  argv: ["iscsiadm", "--mode=session", "--print=3"],
  timeoutMs: 15_000,
  limits: MANY,
  exitCodes: [0, 21],
  parse: inParts(
    beforeLines((line) => line.startsWith("Target: ")),
    sessions,
  ),
};

/** The lines of one session, with the lines above that it shares with other sessions. */
interface Printed {
  readonly target: string | null;
  readonly portal: string | null;
  readonly loggedInAt: string | null;
  /** Whether it is the first one under its current portal. */
  readonly isFirst: boolean;
  readonly lines: readonly string[];
}

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
 * Sessions over several interfaces are listed under the portal that they share. Only the first one has a persistent
 * portal. If the target redirected that session, the portals of the others are not known.
 */
function sessions({ stdout, stderr, exitCode }: CommandOutput, note?: Note): IscsiSession[] {
  if (exitCode === 21) {
    if (/no active sessions/i.test(stderr)) return [];
    throw new OutputNotUnderstood("iscsiadm", stderr.trim(), "No active sessions");
  }
  const printed = printedSessions(stdout);
  if (printed.length === 0) throw new OutputNotUnderstood("iscsiadm", stdout.trim(), "Target: …");
  return parseEach(printed, (each) => [session(each)], namesOf, note);
}

/** A session that can't be distinguished from others may be with any target, on any disk. */
const namesOf = ({ target, lines }: Printed): string[] | null =>
  target === null ? null : [targetIn(target), ...disksIn(lines)];

const targetIn = (value: string): string => value.split(" ")[0] ?? "";

function printedSessions(stdout: string): Printed[] {
  const found: (Printed & { readonly lines: string[] })[] = [];
  let above: Omit<Printed, "lines"> = { target: null, portal: null, loggedInAt: null, isFirst: true };
  let open: string[] | null = null;
  for (const line of linesOf(stdout)) {
    const [name, value] = named(line);
    if (name === "Target") above = { target: value, portal: null, loggedInAt: null, isFirst: true };
    else if (name === "Current Portal") above = { ...above, portal: value, loggedInAt: null, isFirst: true };
    else if (name === "Persistent Portal") above = { ...above, loggedInAt: value };
    if (["Target", "Current Portal", "Persistent Portal"].includes(name)) open = null;
    if (name === "Iface Name") {
      open = [];
      found.push({ ...above, lines: open });
      above = { ...above, isFirst: false };
    }
    open?.push(line);
  }
  return found;
}

/** `		SID: 1` */
function named(line: string): [name: string, value: string] {
  const colon = line.indexOf(":");
  return [line.slice(0, Math.max(colon, 0)).trim(), line.slice(colon + 1).trim()];
}

const disksIn = (lines: readonly string[]): string[] =>
  lines.flatMap((line) => /^\s*Attached scsi disk (\S+)/.exec(line)?.[1] ?? []);

function session({ target, portal: at, loggedInAt, isFirst, lines }: Printed): IscsiSession {
  const values = new Map(lines.map(named));
  const sid = values.get("SID") ?? "";
  const sessionState = values.get("iSCSI Session State") ?? "";
  if (target === null || at === null) {
    throw new OutputNotUnderstood("iscsiadm", lines[0] ?? "", "Target and Current Portal");
  }
  if (!/^\d+$/.test(sid) || sessionState === "") {
    throw new OutputNotUnderstood("iscsiadm", target, "a session with SID and state");
  }
  const portal = portalWithGroup(at);
  const persistent = loggedInAt === null ? portal : portalWithGroup(loggedInAt);
  const initiatorName = values.get("Iface Initiatorname") ?? "";
  const scsiHost = Number.parseInt(values.get("Host Number") ?? "", 10);
  return {
    sid: Number(sid),
    target: targetIn(target),
    portal,
    loggedInAt: isFirst || samePortal(persistent, portal) ? persistent : null,
    initiatorName: initiatorName === "" || initiatorName === "<empty>" ? null : initiatorName,
    connectionState: values.get("iSCSI Connection State") ?? "",
    sessionState,
    scsiHost: Number.isNaN(scsiHost) ? null : scsiHost,
    disks: disksIn(lines),
  };
}

/** `10.0.2.2:3260,1`; a target without groups says -1. */
function portalWithGroup(text: string): Portal {
  const portal = printedPortal(text.replace(/,-?\d+$/, ""));
  if (portal === null) throw new OutputNotUnderstood("iscsiadm", text, "address:port,group");
  return portal;
}

export const isLoggedIn = ({ connectionState, sessionState }: IscsiSession): boolean =>
  connectionState === "LOGGED IN" && sessionState === "LOGGED_IN";

/**
 * Logs in with the node record. iscsiadm tries an unresponsive portal for about two minutes. 15: the session exists.
 */
export const logIn = (target: string, portal: Portal) =>
  change(["iscsiadm", "--mode=node", `--targetname=${target}`, `--portal=${portalText(portal)}`, "--login"], {
    timeoutMs: 180_000,
    exitCodes: [0, 15],
  });

/** Ends the session; its disks disappear. 21: there is no session. */
export const logOut = (target: string, portal: Portal) =>
  change(["iscsiadm", "--mode=node", `--targetname=${target}`, `--portal=${portalText(portal)}`, "--logout"], {
    timeoutMs: 60_000,
    exitCodes: [0, 21],
  });

/** Searches for new LUNs over every session with the target. */
export const rescanTarget = (target: string) =>
  change(["iscsiadm", "--mode=node", `--targetname=${target}`, "--rescan"], { timeoutMs: 60_000 });

/** The name by which the array knows this host; null if open-iscsi has none yet. */
export const readInitiatorName: ReadCommand<string | null> = {
  effect: "read",
  argv: ["cat", "--", "/etc/iscsi/initiatorname.iscsi"],
  timeoutMs: 10_000,
  limits: ONE,
  exitCodes: [0, 1],
  parse: ({ stdout, stderr, exitCode }) => {
    if (exitCode === 1 && !stderr.includes("No such file or directory")) {
      throw new OutputNotUnderstood("cat", stderr.trim(), "the initiator's name, or no file");
    }
    // open-iscsi ignores blanks around the sign.
    return /^[ \t]*InitiatorName[ \t]*=[ \t]*(\S+)[ \t]*\r?$/m.exec(stdout)?.[1] ?? null;
  },
};

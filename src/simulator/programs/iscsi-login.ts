import { isAnswered, scsiHostOf, targetNamed } from "../san/iscsi.ts";
import { complained, type Place, printed, type Result } from "../san/program.ts";
import type { IscsiSession } from "../san/san-state.ts";
import type { Record } from "./iscsi-records.ts";
import { scanHost } from "./scan.ts";
import { isActive } from "./start-lockspace.ts";

/** iscsiadm's own exit codes, with the words that it has for them. */
const errors = {
  8: "connection timed out",
  19: "encountered non-retryable iSCSI login failure",
  20: "could not connect to iscsid",
  24: "iSCSI login failed due to authorization failure",
} as const;

/** One record after the other; the worst that happens is the exit code. */
export function logInBy(records: readonly Record[], place: Place): Result {
  let stdout = "";
  let stderr = "";
  let exitCode = 0;
  const present = records.filter((record) => sessionOf(record, place) !== null).length;
  if (present === records.length) {
    return complained(
      `iscsiadm: default: ${records.length} session requested, but ${present} already present.\niscsiadm: Could not log into all portals\n`,
      15,
    );
  }
  for (const record of records.filter((each) => sessionOf(each, place) === null)) {
    const at = `[iface: default, target: ${record.target}, portal: ${record.address},${record.port}]`;
    stdout += `Logging in to ${at}\n`;
    const error = login(record, place);
    if (error === null) stdout += `Login to ${at} successful.\n`;
    else {
      if (error === 20) stderr += "iscsiadm: can not connect to iSCSI daemon (111)!\n";
      stderr += `iscsiadm: Could not login to ${at}.\niscsiadm: initiator reported error (${error} - ${errors[error]})\n`;
      exitCode = error;
    }
  }
  if (exitCode !== 0) stderr += "iscsiadm: Could not log into all portals\n";
  return { stdout, stderr, exitCode };
}

const sessionOf = ({ target, address, port }: Record, { host }: Place): IscsiSession | null =>
  host.iscsiSessions.find((each) => each.target === target && each.address === address && each.port === port) ?? null;

function login({ target: name, address, port, group, values }: Record, place: Place): keyof typeof errors | null {
  const { san, host } = place;
  if (!isActive(host, "iscsid.service")) return 20;
  const atPortal = san.state.targets.flatMap((target) =>
    target.portals.filter((portal) => portal.address === address && portal.port === port),
  );
  if (!atPortal.some(({ answers }) => answers)) return 8;
  const target = targetNamed(san, name);
  const portal = target?.portals.find((each) => each.address === address && each.port === port && each.answers);
  if (target === null || portal === undefined || (group >= 0 && group !== portal.group)) return 19;
  const isChap = values.get("node.session.auth.authmethod") === "CHAP";
  const knows =
    values.get("node.session.auth.username") === target.chap?.user &&
    values.get("node.session.auth.password") === target.chap?.secret;
  if (target.chap !== null && !(isChap && knows)) return 24;
  const sid = Math.max(0, ...host.iscsiSessions.map((session) => session.sid)) + 1;
  const scsiHost = Math.max(...host.scsiHosts) + 1;
  host.scsiHosts.push(scsiHost);
  const at = { address, port, group: portal.group, sentOnTo: portal.sendsOnTo };
  host.iscsiSessions.push({ sid, target: name, ...at, scsiHost });
  san.changed();
  scanHost(san, host, scsiHost);
  return null;
}

export function rescan(sessions: readonly IscsiSession[], place: Place): Result {
  if (sessions.length === 0) return complained("iscsiadm: No session found.\n", 21);
  const lines = sessions.map((session) => {
    if (isAnswered(place.san, session)) scanHost(place.san, place.host, session.scsiHost);
    return `Rescanning session [sid: ${session.sid}, target: ${session.target}, portal: ${session.address},${session.port}]\n`;
  });
  return printed(lines.join(""));
}

/** The kernel removes the session's disks, even if they are in use. */
export function logOutOf(sessions: readonly IscsiSession[], { san, host }: Place): Result {
  if (sessions.length === 0) return complained("iscsiadm: No matching sessions found\n", 21);
  const lines = sessions.map((session) => {
    const { sid, target, address, port, scsiHost } = session;
    host.iscsiSessions = host.iscsiSessions.filter((each) => each !== session);
    host.paths = host.paths.filter((path) => scsiHostOf(path.hctl) !== scsiHost);
    host.scsiHosts = host.scsiHosts.filter((number) => number !== scsiHost);
    const which = `[sid: ${sid}, target: ${target}, portal: ${address},${port}]`;
    return `Logging out of session ${which}\nLogout of ${which} successful.\n`;
  });
  san.changed();
  return printed(lines.join(""));
}

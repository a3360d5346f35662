import { isAnswered, scsiHostOf } from "../san/iscsi.ts";
import type { Place } from "../san/program.ts";
import type { IscsiSession } from "../san/san-state.ts";
import { findFile } from "./file-tree.ts";
import { bracketed } from "./iscsi-records.ts";

/** The address of every host on the iSCSI network. */
export const HOST_ADDRESS = "172.20.14.101";

/** `tcp: [1] 10.0.2.2:3260,1 iqn.2026-11.lab.san:array1 (non-flash)` */
export const sessionLine = ({ sid, address, port, group, target }: IscsiSession): string =>
  `tcp: [${sid}] ${bracketed(address)}:${port},${group} ${target} (non-flash)\n`;

/** `iscsiadm -m session -P 3`: targets, their portals, and the disks behind each session. */
export function sessionTree(place: Place): string {
  const { host } = place;
  const names = [...new Set(host.iscsiSessions.map(({ target }) => target))];
  const targets = names.map((name) => {
    const sessions = host.iscsiSessions.filter(({ target }) => target === name);
    const branches = sessions.map((session, index) => {
      const before = sessions.slice(0, index).some((each) => currentPortal(each) === currentPortal(session));
      return `${before ? "" : portalsOf(session)}${sessionBranch(session, place)}`;
    });
    return `Target: ${name} (non-flash)\n${branches.join("")}`;
  });
  return `iSCSI Transport Class version 2.0-870\nversion 2.1.8\n${targets.join("")}`;
}

const currentPortal = ({ address, sentOnTo, port, group }: IscsiSession): string =>
  sentOnTo === null ? `${bracketed(address)}:${port},${group}` : `${bracketed(sentOnTo)}:${port},1`;

/** Sessions with one current portal are listed together under it, and only the first one shows its own portal. */
const portalsOf = (session: IscsiSession): string =>
  `\tCurrent Portal: ${currentPortal(session)}\n\tPersistent Portal: ${currentPortal({ ...session, sentOnTo: null })}\n`;

function sessionBranch(session: IscsiSession, place: Place): string {
  const { sid } = session;
  const isUp = isAnswered(place.san, session);
  const initiator = /^InitiatorName=(\S+)/m.exec(findFile(place.host, "/etc/iscsi/initiatorname.iscsi")?.content ?? "");
  return [
    ...heading("\t\t", "Interface:", 10),
    "\t\tIface Name: default",
    "\t\tIface Transport: tcp",
    `\t\tIface Initiatorname: ${initiator?.[1] ?? "<empty>"}`,
    `\t\tIface IPaddress: ${HOST_ADDRESS}`,
    "\t\tIface HWaddress: default",
    "\t\tIface Netdev: default",
    `\t\tSID: ${sid}`,
    `\t\tiSCSI Connection State: ${isUp ? "LOGGED IN" : "TRANSPORT WAIT"}`,
    `\t\tiSCSI Session State: ${isUp ? "LOGGED_IN" : "FAILED"}`,
    `\t\tInternal iscsid Session State: ${isUp ? "NO CHANGE" : "REOPEN"}`,
    ...heading("\t\t", "Timeouts:", 9),
    "\t\tRecovery Timeout: 120",
    ...heading("\t\t", "CHAP:", 5),
    "\t\tusername: <empty>",
    "\t\tpassword: ********",
    ...heading("\t\t", "Attached SCSI devices:", 24),
    ...attached(session, place),
    "",
  ].join("\n");
}

const heading = (indent: string, title: string, stars: number): string[] => {
  const line = `${indent}${"*".repeat(stars)}`;
  return [line, `${indent}${title}`, line];
};

function attached({ scsiHost }: IscsiSession, { host }: Place): string[] {
  const paths = host.paths.filter(({ hctl }) => scsiHostOf(hctl) === scsiHost);
  const disks = paths.flatMap(({ hctl, device, state }) => {
    if (device === null) return [];
    const [, channel, id, lun] = hctl.split(":");
    const shown = state === "running" ? "running" : "transport-offline";
    return [
      `\t\tscsi${scsiHost} Channel ${channel?.padStart(2, "0")} Id ${id} Lun: ${lun}`,
      `\t\t\tAttached scsi disk ${device}\t\tState: ${shown}`,
    ];
  });
  return [`\t\tHost Number: ${scsiHost}\tState: running`, ...disks];
}

import { type CommandOutput, type HostCommand, OutputNotUnderstood, type ReadCommand } from "../core/host-command.ts";
import { FEW, ONE } from "../core/limits.ts";
import { eachUnderstood } from "../core/not-understood.ts";
import { shownSecret } from "../core/secret.ts";
import { linesOf } from "./output.ts";

/** Where a target is reached. */
export interface Portal {
  /** An IP address without brackets, as the URL standard writes it; a record may also hold a host name. */
  readonly address: string;
  readonly port: number;
}

/** The port that was given to iSCSI. */
const usualPort = 3260;

/** `10.0.2.2`, `10.0.2.2:3261`, `[2001:db8::1]:3260`; null for anything else. */
export function portalIn(text: string): Portal | null {
  const [, six, four, port] = /^(?:\[([0-9A-Fa-f:.]+)\]|((?:\d{1,3}\.){3}\d{1,3}))(?::(\d{1,5}))?$/.exec(text) ?? [];
  const address = six === undefined ? four : sixIn(six);
  const number = Number(port ?? usualPort);
  const isFour = address !== undefined && address === four && address.split(".").every((byte) => Number(byte) <= 255);
  if (address === undefined || (six === undefined && !isFour)) return null;
  return number >= 1 && number <= 65_535 ? { address, port: number } : null;
}

/** As iscsiadm prints it, also with a host name: `array2.lab:3260`; null for anything else. */
export function printedPortal(text: string): Portal | null {
  const [, name, port] = /^\[?([^[\]\s]+?)\]?:(\d{1,5})$/.exec(text) ?? [];
  return portalIn(text) ?? (name === undefined ? null : { address: name, port: Number(port) });
}

/** The same address may be written in many ways. */
function sixIn(address: string): string | undefined {
  const url = `http://[${address}]/`;
  return URL.canParse(url) ? new URL(url).hostname.slice(1, -1) : undefined;
}

export const portalText = ({ address, port }: Portal): string =>
  `${address.includes(":") ? `[${address}]` : address}:${port}`;

export const samePortal = (one: Portal, other: Portal): boolean => portalText(one) === portalText(other);

/** A target as a portal names it; the address may be one that this host can't reach. */
export interface DiscoveredTarget {
  readonly target: string;
  readonly portal: Portal;
  /** The target portal group; -1 where the target has none. */
  readonly group: number;
}

/** Asks a portal for its targets and keeps nothing: no record, no session. */
export const discoverTargets = (portal: Portal): ReadCommand<DiscoveredTarget[]> => ({
  effect: "read",
  argv: ["iscsiadm", "--mode=discovery", "--type=sendtargets", "--op=nonpersistent", `--portal=${portalText(portal)}`],
  // iscsiadm itself would try a portal that does not answer for minutes.
  timeoutMs: 20_000,
  limits: FEW,
  // 21: the portal names none.
  exitCodes: [0, 21],
  parse: ({ stdout }, note) => {
    const lines = linesOf(stdout).filter((line) => line.trim() !== "");
    return eachUnderstood(lines, (line) => [discovered(line)], targetsIn, note);
  },
});

/** `10.0.2.2:3260,1 iqn.2026-11.lab.san:array1` */
function discovered(line: string): DiscoveredTarget {
  const [, at = "", group, target] = /^(\S+),(-?\d+) (\S+)$/.exec(line.trim()) ?? [];
  const portal = printedPortal(at);
  if (portal === null || group === undefined || target === undefined) {
    throw new OutputNotUnderstood("iscsiadm", line, "address:port,group target");
  }
  return { target, portal, group: Number(group) };
}

/** The target that an odd line names; without one it may be any. */
function targetsIn(line: string): string[] | null {
  const targets = line.match(/\b(?:iqn|eui|naa)\.\S+/g);
  return targets === null ? null : [...targets];
}

/** A node record: what open-iscsi keeps of one portal of a target, over one interface. */
export interface NodeRecord {
  readonly target: string;
  readonly portal: Portal;
  /** The target portal group; -1 where the record was made without one. */
  readonly group: number;
  readonly interface: string;
  /** automatic, manual, onboot */
  readonly startup: string;
  /** None, CHAP */
  readonly authMethod: string;
  readonly userName: string | null;
  readonly hasPassword: boolean;
}

/** The records of one target; none where there are none. Passwords are printed as `********`. */
export const listNodeRecords = (target: string): ReadCommand<NodeRecord[]> => ({
  effect: "read",
  argv: ["iscsiadm", "--mode=node", `--targetname=${target}`],
  timeoutMs: 10_000,
  limits: FEW,
  exitCodes: [0, 21],
  parse: nodeRecords,
});

function nodeRecords({ stdout, stderr, exitCode }: CommandOutput): NodeRecord[] {
  if (exitCode === 21) {
    if (/no records found/i.test(stderr)) return [];
    throw new OutputNotUnderstood("iscsiadm", stderr.trim(), "No records found");
  }
  const [before = "", ...records] = stdout.split(/^# BEGIN RECORD.*$/m);
  if (before.trim() !== "" || records.length === 0) {
    throw new OutputNotUnderstood("iscsiadm", before.trim(), "# BEGIN RECORD");
  }
  return records.map(nodeRecord);
}

/** `node.session.auth.username = <empty>` */
function nodeRecord(text: string): NodeRecord {
  const values = new Map(
    linesOf(text).flatMap((line): [string, string][] => {
      const [, name, value] = /^(\S+) = (.*)$/.exec(line.trimEnd()) ?? [];
      return name === undefined || value === undefined || value === "<empty>" ? [] : [[name, value]];
    }),
  );
  const needed = (name: string): string => {
    const value = values.get(name);
    if (value === undefined) throw new OutputNotUnderstood("iscsiadm", text.trim(), `a record with ${name}`);
    return value;
  };
  const address = needed("node.conn[0].address");
  const portal = printedPortal(portalText({ address, port: Number(needed("node.conn[0].port")) }));
  if (portal === null) throw new OutputNotUnderstood("iscsiadm", address, "an address and a port");
  return {
    target: needed("node.name"),
    portal,
    group: Number(needed("node.tpgt")),
    interface: values.get("iface.iscsi_ifacename") ?? "default",
    startup: needed("node.startup"),
    authMethod: needed("node.session.auth.authmethod"),
    userName: values.get("node.session.auth.username") ?? null,
    hasPassword: values.has("node.session.auth.password"),
  };
}

const atPortal = (target: string, portal: Portal): string[] => [
  `--targetname=${target}`,
  `--portal=${portalText(portal)}`,
];

const change = (argv: readonly [string, ...string[]], exitCodes: readonly number[]): HostCommand<null, "change"> => ({
  effect: "change",
  argv,
  timeoutMs: 20_000,
  exitCodes,
  parse: () => null,
});

/** A record made without asking the target. One that is there is written anew, with every setting at its default. */
export const addNodeRecord = (target: string, portal: Portal): HostCommand<null, "change"> =>
  change(["iscsiadm", "--mode=node", "--op=new", ...atPortal(target, portal)], [0]);

/** From now on the host logs in when it starts. */
export const logInAtBoot = (target: string, portal: Portal): HostCommand<null, "change"> =>
  change(
    ["iscsiadm", "--mode=node", "--op=update", ...atPortal(target, portal), "--name=node.startup", "--value=automatic"],
    [0],
  );

/** Deletes the record, with the secret that is in it; 21 where it is gone already. One that a session uses stays. */
export const deleteNodeRecord = (target: string, portal: Portal): HostCommand<null, "change"> =>
  change(["iscsiadm", "--mode=node", "--op=delete", ...atPortal(target, portal)], [0, 21]);

/** Folders of node records: the RHEL family's, which its package brings, and everybody else's. */
const folders = ["/var/lib/iscsi/nodes", "/etc/iscsi/nodes"] as const;

/** The folder in which this host's open-iscsi keeps its records. */
export const findNodeFolder: ReadCommand<string> = {
  effect: "read",
  argv: ["ls", "--directory", "--", ...folders],
  timeoutMs: 10_000,
  limits: ONE,
  exitCodes: [0, 2],
  // Debian makes its folder with the first record.
  parse: ({ stdout }) => folders.find((folder) => linesOf(stdout).includes(folder)) ?? folders[1],
};

/** The file of a record; one without a portal group is kept as older versions did, without interfaces. */
export function nodeFile(folder: string, { target, portal, group, interface: name }: NodeFileOf): string {
  const place = `${folder}/${target}/${portal.address},${portal.port}`;
  return group < 0 ? place : `${place},${group}/${name}`;
}
type NodeFileOf = Pick<NodeRecord, "target" | "portal" | "group" | "interface">;

/**
 * Writes the CHAP user and the secret into a record's file. iscsiadm takes values only as arguments, which everybody on
 * the host can read while it runs; sed takes its script by standard input, and what it writes keeps the mode 0600.
 */
export const writeChap = (file: string, userName: string, secretName: string): HostCommand<null, "change"> => ({
  ...change(["sed", "--in-place", "--file=-", "--", file], [0]),
  stdin: chapScript(userName, shownSecret),
  withSecret: { name: secretName, stdin: (secret) => chapScript(userName, secret) },
});

/**
 * In the text of `a` a backslash is itself when it is doubled; everything else is as it stands. `d` ends sed's work on a
 * line, also on the last one, which is ours after the first time: so the text is appended first, and printed all the same.
 */
function chapScript(userName: string, secret: string): string {
  const text = [
    "node.session.auth.authmethod = CHAP",
    `node.session.auth.username = ${userName}`,
    `node.session.auth.password = ${secret}`,
  ].map((line) => line.replaceAll("\\", "\\\\"));
  const old = "/^node\\.session\\.auth\\.\\(authmethod\\|username\\|password\\) *=/d";
  return `$a\\\n${text.join("\\\n")}\n${old}\n`;
}

import { change } from "../core/change.ts";
import { type CommandOutput, type HostCommand, OutputNotUnderstood, type ReadCommand } from "../core/host-command.ts";
import { FEW, ONE } from "../core/limits.ts";
import { parseEach } from "../core/not-understood.ts";
import { shownSecret } from "../core/secret.ts";
import { linesOf } from "./output.ts";

/** The address at which a target is reached. */
export interface Portal {
  /** An IP address without brackets, in the form of the URL standard. A record may also have a host name. */
  readonly address: string;
  readonly port: number;
}

/** The port that is registered for iSCSI. */
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

/** One address has many notations. */
function sixIn(address: string): string | undefined {
  const url = `http://[${address}]/`;
  return URL.canParse(url) ? new URL(url).hostname.slice(1, -1) : undefined;
}

export const portalText = ({ address, port }: Portal): string =>
  `${address.includes(":") ? `[${address}]` : address}:${port}`;

export const samePortal = (one: Portal, other: Portal): boolean => portalText(one) === portalText(other);

/** A target as a portal reports it. This host may be unable to reach the address. */
export interface DiscoveredTarget {
  readonly target: string;
  readonly portal: Portal;
  /** The target portal group; -1 if the target has none. */
  readonly group: number;
}

/** Asks a portal for its targets. It creates no record and no session. */
export const discoverTargets = (portal: Portal): ReadCommand<DiscoveredTarget[]> => ({
  effect: "read",
  argv: ["iscsiadm", "--mode=discovery", "--type=sendtargets", "--op=nonpersistent", `--portal=${portalText(portal)}`],
  // iscsiadm itself tries an unresponsive portal for minutes.
  timeoutMs: 20_000,
  limits: FEW,
  // 21: the portal reports no target.
  exitCodes: [0, 21],
  parse: ({ stdout }, note) => {
    const lines = linesOf(stdout).filter((line) => line.trim() !== "");
    return parseEach(lines, (line) => [discovered(line)], targetsIn, note);
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

/** The target that a line names if the line is not understood. null: it may be any target. */
function targetsIn(line: string): string[] | null {
  const targets = line.match(/\b(?:iqn|eui|naa)\.\S+/g);
  return targets === null ? null : [...targets];
}

/** A node record: open-iscsi's settings for one portal of a target and one interface. */
export interface NodeRecord {
  readonly target: string;
  readonly portal: Portal;
  /** The target portal group; -1 if the record has none. */
  readonly group: number;
  readonly interface: string;
  /** automatic, manual, onboot */
  readonly startup: string;
  /** None, CHAP */
  readonly authMethod: string;
  readonly userName: string | null;
  readonly hasPassword: boolean;
}

/** The records of one target. iscsiadm prints passwords as `********`. */
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

/** Creates a record without contact to the target. An existing record is overwritten with the default settings. */
export const addNodeRecord = (target: string, portal: Portal) =>
  change(["iscsiadm", "--mode=node", "--op=new", ...atPortal(target, portal)], { timeoutMs: 20_000 });

/** The host logs in at every boot. */
export const logInAtBoot = (target: string, portal: Portal) =>
  change(
    ["iscsiadm", "--mode=node", "--op=update", ...atPortal(target, portal), "--name=node.startup", "--value=automatic"],
    { timeoutMs: 20_000 },
  );

/** Deletes the record with its secret. 21: the record does not exist. iscsiadm keeps a record that a session uses. */
export const deleteNodeRecord = (target: string, portal: Portal) =>
  change(["iscsiadm", "--mode=node", "--op=delete", ...atPortal(target, portal)], {
    timeoutMs: 20_000,
    exitCodes: [0, 21],
  });

/** Folders of node records: the RHEL family's, which its package creates, and that of all others. */
const folders = ["/var/lib/iscsi/nodes", "/etc/iscsi/nodes"] as const;

/** The folder of this host's node records. */
export const findNodeFolder: ReadCommand<string> = {
  effect: "read",
  argv: ["ls", "--directory", "--", ...folders],
  timeoutMs: 10_000,
  limits: ONE,
  exitCodes: [0, 2],
  // Debian creates its folder with the first record.
  parse: ({ stdout }) => folders.find((folder) => linesOf(stdout).includes(folder)) ?? folders[1],
};

/** The file of a record. Without a portal group it has the form of old versions, without interfaces. */
export function nodeFile(folder: string, { target, portal, group, interface: name }: NodeFileOf): string {
  const place = `${folder}/${target}/${portal.address},${portal.port}`;
  return group < 0 ? place : `${place},${group}/${name}`;
}
type NodeFileOf = Pick<NodeRecord, "target" | "portal" | "group" | "interface">;

/**
 * Writes the CHAP user and the secret into a record's file. iscsiadm takes values only as arguments, which every user
 * of the host can read while it runs. sed reads its script from standard input, and the file keeps its mode 0600.
 */
export const writeChap = (file: string, userName: string, secretName: string): HostCommand<null, "change"> => ({
  ...change(["sed", "--in-place", "--file=-", "--", file], { timeoutMs: 20_000 }),
  stdin: chapScript(userName, shownSecret),
  withSecret: { name: secretName, stdin: (secret) => chapScript(userName, secret) },
});

/**
 * In the text of `a`, a doubled backslash is one backslash; everything else is literal. `d` ends sed's work on a line.
 * After the first run, the last line is ours. So the text is appended first, and sed prints it although the line is
 * deleted.
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

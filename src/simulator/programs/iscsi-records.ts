import type { Place } from "../san/program.ts";
import type { SanHost } from "../san/san-state.ts";

/** open-iscsi's database as Debian keeps it: a text file for each node record. */
const folder = "/etc/iscsi/nodes";

export interface Record {
  readonly path: string;
  readonly target: string;
  readonly address: string;
  readonly port: number;
  /** -1 if it has no portal group. */
  readonly group: number;
  readonly values: ReadonlyMap<string, string>;
}

/** What a record holds, in its order, with the values that a new one has; iscsiadm prints what is empty as `<empty>`. */
const settings: readonly (readonly [name: string, value: string])[] = [
  ["node.name", ""],
  ["node.tpgt", "-1"],
  ["node.startup", "manual"],
  ["node.leading_login", "No"],
  ["iface.iscsi_ifacename", "default"],
  ["iface.transport_name", "tcp"],
  ["iface.initiatorname", ""],
  ["node.discovery_type", "static"],
  ["node.session.initial_login_retry_max", "4"],
  ["node.session.nr_sessions", "1"],
  ["node.session.auth.authmethod", "None"],
  ["node.session.auth.username", ""],
  ["node.session.auth.password", ""],
  ["node.session.auth.username_in", ""],
  ["node.session.auth.password_in", ""],
  ["node.session.auth.chap_algs", "MD5"],
  ["node.session.timeo.replacement_timeout", "120"],
  ["node.session.scan", "auto"],
  ["node.conn[0].address", ""],
  ["node.conn[0].port", "3260"],
  ["node.conn[0].startup", "manual"],
  ["node.conn[0].timeo.login_timeout", "30"],
];
const hidden = new Set(["node.session.auth.password", "node.session.auth.password_in"]);

export const recordsOf = (host: SanHost): Record[] =>
  host.files
    .filter(({ path }) => path.startsWith(`${folder}/`))
    .map(({ path, content }) => recordIn(path, content))
    .sort((left, right) => (left.path < right.path ? -1 : 1));

/** The last of several lines with one name counts. */
function recordIn(path: string, content: string): Record {
  const values = new Map(
    content.split("\n").flatMap((line): [string, string][] => {
      const [, name, value] = /^([a-z]\S*) = (.*?)\s*$/.exec(line) ?? [];
      return name === undefined || value === undefined ? [] : [[name, value]];
    }),
  );
  return {
    path,
    target: values.get("node.name") ?? "",
    address: values.get("node.conn[0].address") ?? "",
    port: Number(values.get("node.conn[0].port") ?? 3260),
    group: Number(values.get("node.tpgt") ?? -1),
    values,
  };
}

export function addRecord({ host, san }: Place, target: string, address: string, port: number): void {
  const path = `${folder}/${target}/${address},${port}`;
  const own = { "node.name": target, "node.conn[0].address": address, "node.conn[0].port": String(port) };
  writeRecord(host, path, new Map([...settings, ...Object.entries(own)]));
  if (!host.directories.includes(folder)) host.directories.push(folder);
  san.changed();
}

export function updateRecord({ host, san }: Place, record: Record, name: string, value: string): void {
  writeRecord(host, record.path, new Map([...record.values, [name, value]]));
  san.changed();
}

export function deleteRecord({ host, san }: Place, { path }: Record): void {
  host.files = host.files.filter((file) => file.path !== path);
  san.changed();
}

function writeRecord(host: SanHost, path: string, values: ReadonlyMap<string, string>): void {
  const lines = settings.flatMap(([name]) => (values.get(name) ? [`${name} = ${values.get(name)}\n`] : []));
  const content = `# BEGIN RECORD 2.1.8\n${lines.join("")}# END RECORD\n`;
  const file = host.files.find((each) => each.path === path);
  if (file) file.content = content;
  else host.files.push({ path, content });
}

export function recordText({ values }: Record): string {
  const lines = settings.map(([name]) => {
    const value = values.get(name) || "<empty>";
    return `${name} = ${hidden.has(name) && value !== "<empty>" ? "********" : value}\n`;
  });
  return `# BEGIN RECORD 2.1.8\n${lines.join("")}# END RECORD\n`;
}

/** What is no group is printed as a number without a sign. */
export const flatText = ({ target, address, port, group }: Record): string =>
  `${bracketed(address)}:${port},${group < 0 ? 2 ** 32 + group : group} ${target}\n`;

export const bracketed = (address: string): string => (address.includes(":") ? `[${address}]` : address);

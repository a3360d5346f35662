import { change } from "../core/change.ts";
import { OutputNotUnderstood, type ReadCommand } from "../core/host-command.ts";
import { FEW, ONE } from "../core/limits.ts";
import { Refusal, reason } from "../core/refusal.ts";

export const readHostname: ReadCommand<string> = {
  effect: "read",
  argv: ["uname", "-n"],
  timeoutMs: 10_000,
  limits: ONE,
  exitCodes: [0],
  parse: ({ stdout }) => {
    const name = stdout.trim();
    if (!/^\S+$/.test(name)) throw new OutputNotUnderstood("uname", stdout, "a host name");
    return name;
  },
};

/** The file with the name that the kernel gets at boot. It may have comments. */
export const STATIC_HOSTNAME = "/etc/hostname";

export const staticHostname = (text: string | null): string | null =>
  (text ?? "")
    .split(/\r?\n/)
    .find((line) => line.trim() !== "" && !line.startsWith("#"))
    ?.trim() ?? null;

/** Now and at every boot. */
export const setHostname = (name: string) => change(["hostnamectl", "set-hostname", name], { timeoutMs: 30_000 });

/** The addresses of all interfaces except loopback. Their order has no meaning. */
export const listAddresses: ReadCommand<string[]> = {
  effect: "read",
  argv: ["hostname", "--all-ip-addresses"],
  timeoutMs: 10_000,
  limits: FEW,
  exitCodes: [0],
  parse: ({ stdout }) => stdout.split(/\s+/).filter(Boolean).map(address),
};

function address(word: string): string {
  if (/^\d{1,3}(\.\d{1,3}){3}$/.test(word) || /^[0-9a-f]*:[0-9a-f:.]+$/i.test(word)) return word;
  throw new OutputNotUnderstood("hostname", word, "an IP address");
}

/** One line of /etc/hosts. */
export interface HostsEntry {
  readonly address: string;
  readonly name: string;
}

export const ETC_HOSTS = "/etc/hosts";
const BEGIN = "# BEGIN hosts of this cluster, kept by zstack-chatops";
const END = "# END hosts of this cluster";

/**
 * The text of /etc/hosts with a block for these entries, or without a block if there are none. Every byte outside the
 * block is unchanged.
 */
export function etcHosts(before: string | null, entries: readonly HostsEntry[]): string {
  const text = before ?? "";
  const place = blockIn(text);
  if (entries.length === 0) return place === null ? text : text.slice(0, place.start) + text.slice(place.end);
  const newline = text.includes("\r\n") ? "\r\n" : "\n";
  const lines = [BEGIN, ...entries.map(({ address, name }) => `${address}\t${name}`), END];
  const block = lines.map((line) => line + newline).join("");
  if (place !== null) return text.slice(0, place.start) + block + text.slice(place.end);
  return (text === "" || text.endsWith("\n") ? text : text + newline) + block;
}

/** The entries in the block now. */
export function managedEntries(text: string | null): HostsEntry[] {
  const place = blockIn(text ?? "");
  return place === null ? [] : entriesIn((text ?? "").slice(place.start, place.end));
}

/** The entries outside the block. If two lines have the same name, the first counts. */
export function otherEntries(text: string | null): HostsEntry[] {
  const place = blockIn(text ?? "");
  return entriesIn(place === null ? (text ?? "") : text?.slice(0, place.start) + (text ?? "").slice(place.end));
}

/** `172.20.11.107  sharedblock-host1 host1 # first rack`: a name each. */
const entriesIn = (text: string): HostsEntry[] =>
  text.split("\n").flatMap((line) => {
    const [address = "", ...names] = line.replace(/#.*/, "").trim().split(/\s+/);
    return names.map((name) => ({ address, name }));
  });

/** From the first character of its first marker to behind its last line; null if there is no block. */
function blockIn(text: string): { readonly start: number; readonly end: number } | null {
  const markers = [
    ...text.matchAll(
      /^# (BEGIN hosts of this cluster, kept by zstack-chatops|END hosts of this cluster)[ \t]*\r?(?:\n|$)/gm,
    ),
  ];
  if (markers.length === 0) return null;
  const [begin, end, ...more] = markers;
  if (begin === undefined || end === undefined || more.length > 0 || !isBegin(begin) || isBegin(end)) {
    const lines = markers.map((marker) => text.slice(0, marker.index).split("\n").length).join(", ");
    const why = `the marks of the bot's block are damaged (line ${lines})`;
    const fix = "keep one BEGIN and one END after it, or remove both";
    throw new Refusal(`${ETC_HOSTS} can't be changed`, reason("CONFIG_NOT_READABLE", why, fix));
  }
  return { start: begin.index, end: end.index + end[0].length };
}

const isBegin = (marker: RegExpMatchArray): boolean => marker[1]?.startsWith("BEGIN") === true;

import { counted } from "../../core/counted.ts";
import type { Facts } from "../../core/facts.ts";
import { clusterNamed, someHostsOf } from "../../core/find.ts";
import type { Host } from "../../core/inventory.ts";
import { runInSlices } from "../../core/parts.ts";
import { errorLines, Refusal } from "../../core/refusal.ts";
import { linesPart, type Part, type Reply } from "../../core/reply.ts";
import { isSilent } from "../sample.ts";
import { observedFrom } from "../sample-from.ts";
import { watchReads } from "../watch-reads.ts";
import { type ClusterMap, type FailedLink, makingMap, type ObservedHost } from "./map-model.ts";
import { mapSvg } from "./map-svg.ts";

/** What a host had so lately is missed. */
const GONE_MS = 24 * 3_600_000;
/** A screen reader reads a whole text. Slack takes no more characters. */
const MOST_ALT = 1_000;
const MOST_NAMED = 8;

/** A picture of what connects the hosts of a cluster with its LUNs, observed now. */
export async function clusterMapReply({ cluster: name }: { cluster: string }, facts: Facts): Promise<Reply> {
  const cluster = clusterNamed(facts.inventory, name);
  const hosts = someHostsOf(facts.inventory, cluster, `Cluster ${name} can't be shown`);
  const { gone, unread } = await goneSince(hosts, facts);
  const map = await runInSlices(makingMap(await observe(hosts, gone, facts), facts.inventory));
  const at = new Date(facts.now()).toISOString();
  const head = headOf(name, map);
  const svg = mapSvg(map, name, [head.short, `${countsText(map)} · ${at.slice(0, 16).replace("T", " ")} UTC`]);
  return {
    title: head.title,
    tone: head.tone,
    parts: [
      { kind: "text", text: `${countsText(map)}. The map is a picture in the thread.` },
      ...(map.silent.length === 0
        ? []
        : [{ kind: "text", tone: "bad", text: `No answer: ${namesText(map.silent)}.` } as const]),
      ...(map.failedLinks.length === 0 ? [] : [linksPart(map.failedLinks)]),
      ...(unread === null ? [] : [{ kind: "text", tone: "warning", text: unread } as const]),
    ],
    files: [{ name: `${name}-map.png`, content: { svg }, altText: altText(head.title, map) }],
    next: [`multipath status ${name}`, `multipath history ${name}`],
    asked: `cluster map ${name}`,
  };
}

type Gone = readonly { readonly hostUuid: string; readonly via: string; readonly wwid: string }[];

/** The paths that each host had lately and lost. Without the history the map shows what is there now. */
async function goneSince(
  hosts: readonly Host[],
  facts: Facts,
): Promise<{ readonly gone: Gone; readonly unread: string | null }> {
  const nowMs = facts.now();
  const uuids = new Set(hosts.map(({ uuid }) => uuid));
  try {
    const history = await facts.history.read(["path"], nowMs - GONE_MS, nowMs, ({ ownerUuid }) => uuids.has(ownerUuid));
    const gone = history
      .filter(({ spans }) => spans.at(-1)?.value === "gone")
      .map(({ track: { ownerUuid: hostUuid, via, subject: wwid } }) => ({ hostUuid, via, wwid }));
    return { gone, unread: null };
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    return { gone: [], unread: `Paths that are gone are not shown. ${errorLines(error.error).join(" ")}` };
  }
}

async function observe(hosts: readonly Host[], gone: Gone, facts: Facts): Promise<ObservedHost[]> {
  const reads = watchReads([]);
  const nowMs = facts.now();
  return Promise.all(
    hosts.map(async (host) => {
      const answers = await facts.gather(host, reads);
      const observed = observedFrom(host, [], answers, nowMs, facts.now());
      const keys = isSilent(observed) ? [] : (observed.paths ?? []).map(({ key }) => key);
      const own = gone.filter(
        ({ hostUuid, via, wwid }) => hostUuid === host.uuid && !keys.includes(`${wwid} via ${via}`),
      );
      return { host, observed, gone: own };
    }),
  );
}

const countsText = ({ counts: { hosts, ports, luns } }: ClusterMap): string =>
  [counted(hosts, "host"), counted(ports, "port"), counted(luns, "LUN")].join(", ");

interface Head {
  readonly title: string;
  readonly short: string;
  readonly tone: Reply["tone"];
}
/** What the map shows, in one line. */
export function headOf(name: string, { failedLinks, counts, silent }: ClusterMap): Head {
  if (silent.length === counts.hosts)
    return { title: `${name}: no host answers`, short: "no host answers", tone: "bad" };
  const isDown = failedLinks.filter(({ paths, failed }) => failed === paths);
  const ports = isDown.filter(({ adapter }) => adapter === "all").length;
  const down = isDown.length - ports;
  const partly = failedLinks.length - isDown.length;
  const words = [
    ...(ports === 0 ? [] : [`${counted(ports, "port")} down`]),
    ...(down === 0 ? [] : [`${counted(down, "link")} down`]),
    ...(partly === 0 ? [] : [`${counted(partly, "link")} with failed paths`]),
    ...(silent.length === 0 ? [] : [`${counted(silent.length, "host")} without an answer`]),
  ].join(", ");
  if (words !== "") return { title: `${name}: ${words}`, short: words, tone: isDown.length > 0 ? "bad" : "warning" };
  if (counts.luns === 0) return { title: `${name}: no host shows a path`, short: "no paths", tone: "warning" };
  return { title: `${name}: every observed path works`, short: "every observed path works", tone: "good" };
}

const linkText = ({ host, adapter, port, paths, failed }: FailedLink): string =>
  `${host} ${adapter === "all" ? (host.startsWith("all ") ? "hosts" : "with all adapters") : adapter} to ${port}, ${failed} of ${paths} paths failed`;

/** Lines are readable on a phone, where a table shows its first columns. */
const linksPart = (links: readonly FailedLink[]): Part =>
  links.length <= MOST_NAMED
    ? linesPart(
        "Links with failed paths",
        links.map((link) => [linkText(link)]),
      )
    : linkTable(links);

const linkTable = (links: readonly FailedLink[]): Part => ({
  kind: "table",
  caption: "Links with failed paths",
  compared: true,
  columns: ["host", "failed", "paths", "port", "adapter"],
  rows: links.map(({ host, adapter, port, failed, paths }) => [host, `${failed}`, `${paths}`, port, adapter]),
  numbers: { 1: links.map(({ failed }) => failed), 2: links.map(({ paths }) => paths) },
});

/** At most eight names, and how many more there are. */
const namesText = (names: readonly string[]): string => {
  const more = names.length - MOST_NAMED;
  return `${names.slice(0, MOST_NAMED).join(", ")}${more > 0 ? ` and ${more} more` : ""}`;
};

/** What the picture shows, for people who don't see it. */
function altText(title: string, map: ClusterMap): string {
  const named = map.failedLinks.slice(0, MOST_NAMED).map(linkText);
  const more = map.failedLinks.length - named.length;
  const failed = map.failedLinks.length === 0 ? "" : ` ${named.join("; ")}${more > 0 ? `; and ${more} more` : ""}.`;
  const silent = map.silent.length === 0 ? "" : ` No answer: ${namesText(map.silent)}.`;
  return `Map of ${title}. ${countsText(map)}.${silent}${failed}`.slice(0, MOST_ALT);
}

import type { Scope } from "../core/cause-scope.ts";
import { counted } from "../core/counted.ts";
import type { Finding, FindingKind } from "../core/finding.ts";
import type { Incident } from "../core/incident.ts";
import type { Inventory, PrimaryStorage } from "../core/inventory.ts";
import { partsIn, togetherAs } from "./grown-cause.ts";

type Described = Pick<Incident, "scope" | "shownFindings" | "moreCauses"> &
  OfFindings & {
    /** Of a cause that is found now there is none. */
    readonly state?: Incident["state"];
  };

interface OfFindings {
  readonly findings: readonly Finding[];
}

/** The cause in one line, object first: `Portal 10.0.0.2:3260 does not answer: 12 paths of 4 LUNs on 3 hosts`. */
export function causeText({ moreCauses = 0, ...described }: Described, inventory: Inventory): string {
  const more = moreCauses === 0 ? "" : `, and ${counted(moreCauses, "more cause")}`;
  return `${firstCause(described, inventory)}${more}`;
}

function firstCause(described: Omit<Described, "moreCauses">, inventory: Inventory): string {
  const { kind, id } = described.scope;
  const findings = shownFindings(described);
  const aspect = id.split(" ")[0] ?? "";
  const [first] = findings;
  const paths = findings.filter((finding) => finding.kind === "path failed");
  const of = paths.length === 0 ? "" : `: ${extentOf(paths)}`;
  const host = (uuid: string | undefined) => inventory.hosts.find((each) => each.uuid === uuid)?.name ?? uuid ?? "";
  const clusterUuid = first?.clusterUuid ?? "";
  const isWatched = (uuid: string) => inventory.hosts.some((each) => each.uuid === uuid);
  // Who left the inventory has no name there any more: the findings name it.
  const isNamed = kind === "adapter" || kind === "host";
  if (isNamed && first !== undefined && first.hostUuid !== null && !isWatched(first.hostUuid))
    return `${capital(first.text)}${findings.length === 1 ? "" : `, and ${findings.length - 1} more`}`;
  const cluster = inventory.clusters.find(({ uuid }) => uuid === clusterUuid)?.name ?? clusterUuid;
  const said = ({ text, brokeAs }: Finding) => (described.state === "resolved" ? (brokeAs ?? text) : text);
  if (paths.length === 0 && findings.length === 1 && first !== undefined) return capital(said(first));
  const parts = partsIn(described.scope);
  const together = togetherAs(described.scope);
  if (together !== null) return `${lunsOf(findings)} of array ${together.array} ${togetherText(together.how)}`;
  // A LUN that is new, or that grew, has not failed.
  if (["new", "size", "sizes", "name", "map"].includes(parts?.id.split(" ")[0] ?? aspect))
    return capital(factOn(findings));
  switch (kind) {
    case "path":
      return capital(first?.text ?? id);
    case "port":
      return `${portText(id)} does not answer${of}`;
    case "link": {
      const [uuid, adapter, port] = id.split(" ");
      return `${portText(port)} is not reached through adapter ${adapter} of ${host(uuid)}${of}`;
    }
    case "adapter": {
      const [uuid, adapter] = id.split(" ");
      return `Adapter ${adapter} of ${host(uuid)} reaches nothing${of}`;
    }
    case "LUN at a port":
      return `${lunText(first?.wwid)} is not reached through ${id.split(" ")[1]}${of}`;
    case "LUN on a host":
      return `${lunText(first?.wwid)} has failed on ${host(first?.hostUuid ?? undefined)}${of}`;
    case "LUN":
      return `${lunText(first?.wwid)} has failed on all hosts${of}`;
    case "array":
      return `Array ${id} does not answer${of}`;
    case "host":
      // It says itself how much of the host is back.
      if (aspect === "reach") {
        const silence = findings.find((each) => each.kind === "host unreachable");
        return capital(silence === undefined ? id : said(silence));
      }
      return paths.length > 0
        ? `${host(first?.hostUuid ?? undefined)} has no path left${of}`
        : capital(first?.text ?? id);
    case "storage":
      // How full it is says so itself.
      if (first?.hostUuid === null) return first.text;
      return named(storageNamed(first?.storageUuid, inventory)?.name ?? "Storage", factOn(findings));
    case "cluster":
      if (aspect === "paths") return `No host of ${cluster} has a path left${of}`;
      return aspect === "reach" ? `No host of ${cluster} answers` : named(cluster, factOn(findings));
    case "bot":
      return aspect === "clock"
        ? "The bot's clock differs from the clocks of all hosts"
        : "The bot can't reach any host: check the bot's own network";
    case "several":
      return `${partsText(described.scope, findings, inventory)}${of}`;
  }
}

/** What has failed in several parts, and works in others: `LUN …bbe00a has failed on host1, host2`. */
function partsText(scope: Scope, findings: readonly Finding[], inventory: Inventory): string {
  const { part, whole, id } = partsIn(scope) ?? { part: "", whole: "", id: scope.id };
  const nameOf = (uuid: string | null) => inventory.hosts.find((each) => each.uuid === uuid)?.name ?? uuid ?? "";
  const hosts = listed(
    findings.flatMap(({ hostUuid }) => (hostUuid === null ? [] : nameOf(hostUuid))),
    "host",
  );
  const luns = lunsOf(findings);
  const ports = portsOf(findings);
  const adapters = adaptersOf(findings, nameOf);
  const [first = "", second, third] = id.split(" ");
  const fact = `${capital(factOn(findings))}`;
  switch (`${part} in ${whole}`) {
    case "path in LUN on a host":
      return `${luns} on ${hosts} has lost some of its paths`;
    case "path in adapter":
      return `${luns} are not reached through adapter ${second} of ${hosts}`;
    case "path in link":
      return `${luns} are not reached through ${third} from ${hosts}`;
    case "link in adapter":
      return `Adapter ${second} of ${hosts} does not reach ${ports.text}`;
    case "path in LUN at a port":
      return `${luns} is not reached through ${second} from ${hosts}`;
    case "LUN on a host in LUN":
      return `${luns} has failed on ${hosts}`;
    case "LUN on a host in host":
      return `${luns} have failed on ${hosts}`;
    case "adapter in port":
    case "link in port":
      return `${portText(first)} is not reached from ${hosts}`;
    case "adapter in host":
      return `${adapters.text} ${adapters.isOne ? "reaches" : "reach"} nothing`;
    case "adapter in array":
      return `${adapters.text} ${adapters.isOne ? "does" : "do"} not reach array ${id}`;
    case "link in array":
      return `${adapters.text} ${adapters.isOne ? "does" : "do"} not reach ${ports.text} of array ${id}`;
    case "LUN at a port in LUN":
      return `${luns} is not reached through ${ports.text}`;
    case "LUN at a port in port":
      return `${luns} are not reached through ${id}`;
    case "LUN in array":
      return `${luns} have failed on all hosts`;
    case "port in array":
      return `${ports.text.charAt(0).toUpperCase()}${ports.text.slice(1)} of array ${id} ${ports.isOne ? "does" : "do"} not answer`;
    default:
      if (first === "paths" || whole === "array") return `${hosts} have no path left`;
      return ["reach", "network"].includes(first) ? `${hosts} do not answer${silenceText(findings)}` : fact;
  }
}

interface Subject {
  readonly text: string;
  /** While the others work again, one may be left. */
  readonly isOne: boolean;
}

/** `target ports 0x5001, 0x5002`. Findings of earlier versions do not say which. */
function portsOf(findings: readonly Finding[]): Subject {
  const ports = inOrder(findings.flatMap(({ port }) => port ?? []));
  if (ports.length === 0) return { text: "some ports", isOne: false };
  const what = ports.every((port) => port.startsWith("0x")) ? "target port" : "portal";
  const isOne = ports.length === 1;
  return { text: `${what}${isOne ? "" : "s"} ${firstNames(ports)}`, isOne };
}

/** `Adapters host3, host4 of kvm1`; of several hosts, `Adapters host3 of kvm1, host3 of kvm2`. */
function adaptersOf(findings: readonly Finding[], nameOf: (uuid: string | null) => string): Subject {
  const hosts = inOrder(findings.flatMap(({ hostUuid }) => (hostUuid === null ? [] : nameOf(hostUuid))));
  const isOneHost = hosts.length === 1;
  const adapters = inOrder(
    findings.flatMap(({ adapter, hostUuid }) =>
      adapter === undefined ? [] : isOneHost ? adapter : `${adapter} of ${nameOf(hostUuid)}`,
    ),
  );
  if (adapters.length === 0) return { text: `Some adapters of ${listed(hosts, "host")}`, isOne: false };
  const isOne = adapters.length === 1;
  return {
    text: `Adapter${isOne ? "" : "s"} ${firstNames(adapters)}${isOneHost ? ` of ${hosts[0]}` : ""}`,
    isOne,
  };
}

const collator = new Intl.Collator("en", { numeric: true });
/** Each name once. The order of findings differs between observations, and a title must not change with it. */
const inOrder = (names: readonly string[]): string[] => [...new Set(names)].sort(collator.compare);

/** How it shows, if it is one fact. Else that of the host of which it is worst. */
function silenceText(findings: readonly Finding[]): string {
  const [first, ...others] = findings.toSorted((a, b) => rankOf(a) - rankOf(b));
  const [host = "", fact] = (first?.text ?? "").split(" does not answer: ");
  if (fact === undefined) return "";
  return others.every(({ text }) => text.endsWith(` does not answer: ${fact}`)) ? `: ${fact}` : `. ${host}: ${fact}`;
}

const severities = ["critical", "warning", "info"] as const;
const rankOf = ({ severity }: Finding): number => severities.indexOf(severity);

const portText = (port = ""): string => `${port.startsWith("0x") ? "Target port" : "Portal"} ${port}`;

/** `host1, host2`, or `12 hosts`. */
function listed(names: readonly string[], what: string): string {
  const all = [...new Set(names)];
  return all.length > MOST_NAMES ? `${all.length} ${what}s` : all.join(", ");
}

const togetherText = (how: string): string => {
  if (how === "differing") return "have paths of different sizes";
  return how === "new" ? "are new" : `became ${how}`;
};

const lunsOf = (findings: readonly Finding[]): string =>
  listed(
    findings.flatMap(({ wwid }) => (wwid === null ? [] : lunText(wwid))),
    "LUN",
  );

/** The fact may name it itself. */
const named = (name: string, fact: string): string => (fact.startsWith(`${name} `) ? fact : `${name}: ${fact}`);

/** What the title says: after its end, and while it ends, all that broke. */
export const shownFindings = <F extends Finding>(incident: {
  readonly findings: readonly F[];
  readonly shownFindings?: readonly F[] | undefined;
}): readonly F[] => incident.shownFindings ?? incident.findings;

/** The same on each host: the first in words, the others counted. */
function factOn(findings: readonly Finding[]): string {
  const hosts = new Set(findings.map(({ hostUuid }) => hostUuid)).size;
  const luns = new Set(findings.map(({ wwid }) => wwid)).size;
  const more = hosts > 1 ? `on ${hosts - 1} more` : luns > 1 ? `for ${luns - 1} more` : null;
  return `${findings[0]?.text ?? ""}${more === null ? "" : `, and the same ${more}`}`;
}

/** `12 paths of 4 LUNs on 3 hosts` */
function extentOf(paths: readonly Finding[]): string {
  const luns = new Set(paths.map(({ wwid }) => wwid)).size;
  const hosts = new Set(paths.map(({ hostUuid }) => hostUuid)).size;
  return `${counted(paths.length, "path")} of ${counted(luns, "LUN")} on ${counted(hosts, "host")}`;
}

/** The cause, and what is left: what a review reads of one moment. */
export const factText = (cause: Described & { readonly shared?: readonly Finding[] }, inventory: Inventory): string =>
  [`${causeText(cause, inventory)}.`, leftText([...shownFindings(cause), ...(cause.shared ?? [])]) ?? ""]
    .join(" ")
    .trim();

/** Also what follows from its findings and is another incident's. */
export const allFindings = ({ findings, sharedFindings }: Pick<Incident, "findings" | "sharedFindings">) =>
  sharedFindings === undefined ? findings : [...findings, ...sharedFindings];

/** If the host or its services fail, all storages that it serves are at risk. */
const ofWholeHost: ReadonlySet<FindingKind> = new Set([
  ...(["host unreachable", "service down", "service without answer"] as const),
]);

/** The storages at risk, by name. */
export function storagesAtRisk({ findings }: OfFindings, inventory: Inventory): PrimaryStorage[] {
  const uuids = new Set(findings.map(({ storageUuid }) => storageUuid));
  const clusters = new Set(findings.flatMap(({ kind, clusterUuid }) => (ofWholeHost.has(kind) ? clusterUuid : [])));
  return inventory.primaryStorages.filter(
    ({ uuid, clusterUuids, state }) =>
      uuids.has(uuid) || (state !== "Maintenance" && clusterUuids.some((each) => clusters.has(each))),
  );
}

/** How many paths the LUN has that has the fewest; infinite if no path failed. */
export const fewestPaths = (incident: Pick<Incident, "findings" | "sharedFindings">): number =>
  allFindings(incident).reduce((least, { pathsLeft = least }) => Math.min(least, pathsLeft), Number.POSITIVE_INFINITY);

/** A LUN on the hosts that lack paths to it. */
interface LunLeft {
  readonly wwid: string;
  fewest: number;
  most: number;
  /** On how many hosts it has the fewest. */
  hosts: number;
}

/**
 * What is left, the worst first: `LUN …bbe7c8 still has 1 path; 3 LUNs have 2.` null if no path failed. Of each LUN, the
 * host with the fewest paths counts.
 */
export function leftText(findings: readonly Finding[], tense: "has" | "had" = "has"): string | null {
  // Of a host that did not answer until now nobody knows it.
  if (findings.some(({ brokeAs }) => brokeAs !== undefined)) return null;
  const luns = lunsLeft(findings);
  if (luns.length === 0) return null;
  const groups = new Map<number, LunLeft[]>();
  for (const lun of luns.sort((a, b) => a.fewest - b.fewest))
    groups.set(lun.fewest, [...(groups.get(lun.fewest) ?? []), lun]);
  const lost = groups.get(0) ?? [];
  groups.delete(0);
  const have = tense === "had" ? ["had", "had"] : ["has", "have"];
  const facts = [...groups].map(([fewest, group], index) => {
    const isWorst = index === 0 && lost.length === 0;
    const names = isWorst ? namesOf(group) : group.length === 1 ? namesOf(group) : `${group.length} LUNs`;
    const paths = index === 0 ? counted(fewest, "path") : String(fewest);
    const least = group.some(({ most }) => most > fewest) ? "at least " : "";
    const who = isWorst && groups.size === 1 && luns.length > 1 ? "Every LUN" : names;
    const isOne = who === "Every LUN" || group.length === 1;
    return `${who}${index === 0 ? " still" : ""} ${have[isOne ? 0 : 1]} ${least}${paths}`;
  });
  const hosts = Math.max(...lost.map((lun) => lun.hosts));
  const gone = lost.length === 0 ? [] : [`${namesOf(lost)}: no path left on ${counted(hosts, "host")}`];
  return `${[...gone, ...facts].join("; ")}.`;
}

function lunsLeft(findings: readonly Finding[]): LunLeft[] {
  const luns = new Map<string, LunLeft>();
  for (const { pathsLeft, wwid } of findings) {
    if (pathsLeft === undefined || wwid === null) continue;
    const lun = luns.get(wwid);
    if (lun === undefined) luns.set(wwid, { wwid, fewest: pathsLeft, most: pathsLeft, hosts: 1 });
    else {
      lun.hosts = pathsLeft < lun.fewest ? 1 : lun.hosts + (pathsLeft === lun.fewest ? 1 : 0);
      lun.fewest = Math.min(lun.fewest, pathsLeft);
      lun.most = Math.max(lun.most, pathsLeft);
    }
  }
  return [...luns.values()];
}

const MOST_NAMES = 3;

const namesOf = (luns: readonly LunLeft[]): string => firstNames(luns.map(({ wwid }) => lunText(wwid)));

function firstNames(names: readonly string[]): string {
  const more = names.length - MOST_NAMES;
  return `${names.slice(0, MOST_NAMES).join(", ")}${more > 0 ? ` and ${more} more` : ""}`;
}

const storageNamed = (uuid: string | null | undefined, { primaryStorages }: Inventory): PrimaryStorage | null =>
  primaryStorages.find((storage) => storage.uuid === uuid) ?? null;

/** LUNs of one array differ in their last characters. */
export const lunText = (wwid: string | null | undefined): string => `LUN …${(wwid ?? "").slice(-6)}`;

/** Names of hosts, storages and programs stay as they are. */
const capital = (text: string): string =>
  /^(?:clock|host id|no|paths of LUN|snapshot|the|thin|two|volume) /.test(text)
    ? text.charAt(0).toUpperCase() + text.slice(1)
    : text;

import { counted } from "../../core/counted.ts";
import { inOrder } from "../../core/in-order.ts";
import type { Host, Inventory } from "../../core/inventory.ts";
import type { Slices } from "../../core/parts.ts";
import { lunText } from "../incident-text.ts";
import { isSilent, type Observed } from "../sample.ts";

/** A path of one host to one LUN, with everything that it goes through. */
interface MapPath {
  readonly host: Host;
  readonly adapter: string;
  readonly port: string;
  readonly wwid: string;
  readonly works: boolean;
}
export interface ObservedHost {
  readonly host: Host;
  readonly observed: Observed;
  /** Paths that it had lately and that it does not show any more. */
  readonly gone: readonly { readonly via: string; readonly wwid: string }[];
}

export type NodeState = "works" | "degraded" | "failed";
/** One box of the picture: one thing, or many equal ones. */
export interface MapNode {
  readonly id: string;
  readonly label: string;
  /** Below the label, smaller. Empty: nothing. */
  readonly note: string;
  readonly state: NodeState;
}
export interface HostNode extends MapNode {
  readonly adapters: readonly MapNode[];
}
/** All paths that go through two boxes. */
export interface MapLink {
  readonly from: string;
  readonly to: string;
  readonly paths: number;
  readonly failed: number;
}
/** The paths of one adapter through one port, or of a whole port, that don't all work. */
export interface FailedLink {
  readonly host: string;
  readonly adapter: string;
  readonly port: string;
  readonly paths: number;
  readonly failed: number;
}
export interface ClusterMap {
  readonly hosts: readonly HostNode[];
  readonly ports: readonly MapNode[];
  readonly luns: readonly MapNode[];
  readonly links: readonly MapLink[];
  /** Not grouped: each host by itself. */
  readonly failedLinks: readonly FailedLink[];
  /** The names of hosts that did not answer. Not grouped. */
  readonly silent: readonly string[];
  readonly counts: { readonly hosts: number; readonly ports: number; readonly luns: number };
}

/** So many boxes of a column are readable on a phone. More become groups. */
const MOST_BOXES = 10;
/** Fewer healthy ones than this are shown one by one. */
const LEAST_GROUP = 4;
const MOST_ADAPTERS = 4;

/** Between two slices other work runs. */
const PATHS_A_SLICE = 1_000;

/**
 * Hosts, ports and LUNs of a cluster with what connects them. What is equal and healthy becomes one box. In slices, for a
 * hundred hosts with a hundred LUNs have 40,000 paths.
 */
export function* makingMap(observed: readonly ObservedHost[], inventory: Inventory): Slices<ClusterMap> {
  const seen: (ObservedHost & { readonly paths: readonly MapPath[] })[] = [];
  for (const each of observed) {
    seen.push({ ...each, paths: pathsOf(each) });
    yield;
  }
  const paths = seen.flatMap((each) => each.paths);
  const groups = {
    host: groupsOf(seen.map(hostMember)),
    port: groupsOf(
      membersOf(
        paths,
        ({ port }) => port,
        ({ host, wwid }) => `${host.uuid} ${wwid}`,
      ),
    ),
    lun: groupsOf(
      membersOf(
        paths,
        ({ wwid }) => wwid,
        ({ host, port }) => `${host.uuid} ${port}`,
      ).map((member) => ({ ...member, name: lunText(member.key).replace("LUN ", "") })),
    ),
  };
  const [hostOf, portOf, lunOf] = [placesIn(groups.host), placesIn(groups.port), placesIn(groups.lun)];
  yield;
  const adapterOf = adaptersIn(paths, hostOf);
  const tally = new Tally();
  const reach = new Map<string, { readonly lun: string; works: boolean }>();
  for (const [index, path] of paths.entries()) {
    if (index % PATHS_A_SLICE === 0) yield;
    const [host, port, lun] = [hostOf(path.host.uuid), `port ${portOf(path.port)}`, `lun ${lunOf(path.wwid)}`];
    const adapter = adapterOf(path);
    for (const id of [`host ${host}`, adapter, port, lun]) tally.add(id, path.works);
    tally.add(`${adapter}>${port}`, path.works);
    tally.add(`${port}>${lun}`, path.works);
    const reached = reach.get(`${path.host.uuid} ${path.wwid}`) ?? { lun, works: false };
    reach.set(`${path.host.uuid} ${path.wwid}`, reached);
    reached.works ||= path.works;
  }
  const lost = new Set([...reach.values()].flatMap(({ lun, works }) => (works ? [] : [lun])));
  const silent = new Set(seen.flatMap((each) => (isSilent(each.observed) ? [hostOf(each.host.uuid)] : [])));
  return {
    hosts: groups.host.map((group, index): HostNode => {
      const node = { id: `host ${index}`, label: labelOf(group, "hosts"), ...tally.stateOf(`host ${index}`) };
      const adapters = tally.ids(`adapter ${index} `).map((id) => ({
        id,
        label: id.split(" ").slice(2).join(" "),
        ...tally.stateOf(id),
        note: "",
      }));
      return silent.has(index) ? { ...node, adapters, note: "no answer", state: "failed" } : { ...node, adapters };
    }),
    ports: groups.port.map((group, index) => ({
      id: `port ${index}`,
      label: labelOf(group, "ports"),
      ...tally.stateOf(`port ${index}`),
    })),
    luns: groups.lun.map((group, index): MapNode => {
      const tallied = tally.stateOf(`lun ${index}`);
      const node = { id: `lun ${index}`, label: labelOf(group, "LUNs"), ...tallied };
      if (lost.has(node.id)) return { ...node, note: "no path on a host", state: "failed" };
      const owner = ownerOf(group, inventory);
      return tallied.state === "works" && owner !== null ? { ...node, note: owner } : node;
    }),
    links: tally.ids("").flatMap((id) => {
      const [from, to] = id.split(">");
      return from === undefined || to === undefined ? [] : [{ from, to, ...tally.of(id) }];
    }),
    failedLinks: failedLinksOf(paths),
    silent: observed.filter((each) => isSilent(each.observed)).map(({ host }) => host.name),
    counts: {
      hosts: observed.length,
      ports: new Set(paths.map(({ port }) => port)).size,
      luns: new Set(paths.map(({ wwid }) => wwid)).size,
    },
  };
}

function pathsOf({ host, observed, gone }: ObservedHost): MapPath[] {
  if (isSilent(observed) || observed.paths === null) return [];
  const seen = observed.paths.map(
    ({ adapter, port, wwid, works }): MapPath => ({ host, adapter, port: port ?? "no port", wwid, works }),
  );
  const lost = gone.map(({ via, wwid }): MapPath => {
    const [first = "", ...others] = via.split(" ");
    // With Fibre Channel a path is named after its adapter and its port, with iSCSI after its portal.
    const port = others.length === 0 ? first : others.join(" ");
    const adapter = others.length > 0 ? first : seen.find((path) => path.port === port)?.adapter;
    return { host, adapter: adapter ?? "gone", port, wwid, works: false };
  });
  return [...seen, ...lost];
}

interface Member {
  readonly key: string;
  readonly name: string;
  /** What fails there. Members with the same are alike; empty: nothing fails. */
  readonly like: string;
}
interface Group {
  readonly keys: readonly string[];
  readonly name: string;
}

function hostMember({ host, observed, paths }: ObservedHost & { readonly paths: readonly MapPath[] }): Member {
  const failed = paths.flatMap(({ port, wwid, works }) => (works ? [] : [`${port} ${wwid}`]));
  const like = isSilent(observed) ? "silent" : paths.length === 0 ? "no paths" : failed.sort().join("\n");
  return { key: host.uuid, name: host.name, like };
}

function membersOf(
  paths: readonly MapPath[],
  keyOf: (path: MapPath) => string,
  likeOf: (path: MapPath) => string,
): Member[] {
  const likes = new Map<string, string[]>();
  for (const path of paths) {
    const key = keyOf(path);
    const like = likes.get(key) ?? [];
    likes.set(key, like);
    if (!path.works) like.push(likeOf(path));
  }
  return [...likes].map(([key, like]) => ({ key, name: key, like: like.sort().join("\n") }));
}

/** Each alone if there is room. Otherwise those that fail come first, and the healthy ones are one box. */
function groupsOf(members: readonly Member[]): Group[] {
  const sorted = inOrder(members, ({ name }) => name);
  const alone = ({ key, name }: Member): Group => ({ keys: [key], name });
  const together = (some: readonly Member[]): Group => ({
    keys: some.map(({ key }) => key),
    name: some[0]?.name ?? "",
  });
  if (sorted.length <= MOST_BOXES) return sorted.map(alone);
  const failing = sorted.filter(({ like }) => like !== "");
  const healthy = sorted.filter(({ like }) => like === "");
  const last = healthy.length < LEAST_GROUP ? healthy.map(alone) : [together(healthy)];
  if (failing.length < MOST_BOXES) return [...failing.map(alone), ...last];
  const alike = new Map<string, Member[]>();
  for (const member of failing) alike.set(member.like, [...(alike.get(member.like) ?? []), member]);
  const largest = [...alike.values()].sort((a, b) => b.length - a.length);
  const rest = largest.splice(MOST_BOXES - 2).flat();
  return [...largest.map(together), ...(rest.length === 0 ? [] : [together(rest)]), ...last];
}

const labelOf = ({ keys, name }: Group, plural: string): string =>
  keys.length === 1 ? name : `${keys.length} ${plural}`;

/** The place of the group that has the key. */
function placesIn(groups: readonly Group[]): (key: string) => number {
  const places = new Map(groups.flatMap(({ keys }, index) => keys.map((key) => [key, index] as const)));
  return (key) => places.get(key) ?? -1;
}

/** The id of a path's adapter box. A box of hosts with many adapters has one box for all of them. */
function adaptersIn(paths: readonly MapPath[], hostOf: (uuid: string) => number): (path: MapPath) => string {
  const names = new Map<number, Set<string>>();
  for (const { host, adapter } of paths) {
    const own = names.get(hostOf(host.uuid)) ?? new Set();
    names.set(hostOf(host.uuid), own.add(adapter));
  }
  return ({ host, adapter }) => {
    const place = hostOf(host.uuid);
    const count = names.get(place)?.size ?? 0;
    return `adapter ${place} ${count > MOST_ADAPTERS ? `${count} in all` : adapter}`;
  };
}

interface Count {
  readonly paths: number;
  readonly failed: number;
}

/** Paths by the ids of boxes and links. */
class Tally {
  readonly #counts = new Map<string, { paths: number; failed: number }>();

  add(id: string, works: boolean): void {
    const count = this.#counts.get(id) ?? { paths: 0, failed: 0 };
    this.#counts.set(id, count);
    count.paths += 1;
    if (!works) count.failed += 1;
  }

  of(id: string): Count {
    return this.#counts.get(id) ?? { paths: 0, failed: 0 };
  }

  /** Of boxes and links that begin so, in order. */
  ids(beginning: string): string[] {
    const found = [...this.#counts.keys()].filter((id) => id.startsWith(beginning));
    return inOrder(beginning === "" ? found : found.filter((id) => !id.includes(">")), (id) => id);
  }

  stateOf(id: string): { readonly note: string; readonly state: NodeState } {
    const { paths, failed } = this.of(id);
    if (paths === 0) return { note: "no paths", state: "degraded" };
    if (failed === 0) return { note: counted(paths, "path"), state: "works" };
    return { note: `${failed}/${paths} failed`, state: failed === paths ? "failed" : "degraded" };
  }
}

function ownerOf({ keys: [wwid, ...others] }: Group, { primaryStorages }: Inventory): string | null {
  if (others.length > 0) return null;
  return primaryStorages.find(({ sharedBlocks }) => sharedBlocks.some((block) => block.wwid === wwid))?.name ?? null;
}

/** A port that fails for all its hosts is one row. */
function failedLinksOf(paths: readonly MapPath[]): FailedLink[] {
  const links = new Map<string, { host: string; adapter: string; port: string; paths: number; failed: number }>();
  for (const { host, adapter, port, works } of paths) {
    const key = `${host.uuid} ${adapter} ${port}`;
    const link = links.get(key) ?? { host: host.name, adapter, port, paths: 0, failed: 0 };
    links.set(key, link);
    link.paths += 1;
    if (!works) link.failed += 1;
  }
  const ports = new Map<string, FailedLink[]>();
  for (const link of links.values()) ports.set(link.port, [...(ports.get(link.port) ?? []), link]);
  const rows = [...ports].flatMap(([port, all]): FailedLink[] => {
    if (all.length < 2 || all.some(({ paths: count, failed }) => failed < count)) return all;
    const sum = (of: keyof Count) => all.reduce((total, each) => total + each[of], 0);
    const hosts = new Set(all.map(({ host }) => host)).size;
    return [
      {
        host: hosts === 1 ? (all[0]?.host ?? "") : `all ${hosts}`,
        adapter: "all",
        port,
        paths: sum("paths"),
        failed: sum("failed"),
      },
    ];
  });
  return inOrder(
    rows.filter(({ failed }) => failed > 0),
    ({ host, port }) => `${host} ${port}`,
  ).toSorted((a, b) => b.failed / b.paths - a.failed / a.paths);
}

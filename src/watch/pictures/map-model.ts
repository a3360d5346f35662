import { inOrder } from "../../core/in-order.ts";
import type { Host, Inventory } from "../../core/inventory.ts";
import { isSilent, type Observed } from "../sample.ts";

/** A path of one host to one LUN, with everything that it goes through. */
export interface MapPath {
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
/** One box of the picture, or many equal ones. */
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
export interface ClusterMap {
  readonly hosts: readonly HostNode[];
  readonly ports: readonly MapNode[];
  readonly luns: readonly MapNode[];
  readonly links: readonly MapLink[];
}

/** So many boxes of a column are readable on a phone. More become groups. */
const MOST_BOXES = 10;
/** Fewer healthy ones than this are shown one by one. */
const LEAST_GROUP = 4;
const MOST_ADAPTERS = 4;

export const pathsOf = ({ host, observed, gone }: ObservedHost): MapPath[] => {
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
};

/** Hosts, ports and LUNs of a cluster with what connects them. What is equal and healthy becomes one box. */
export function mapOf(observed: readonly ObservedHost[], inventory: Inventory): ClusterMap {
  const paths = observed.flatMap(pathsOf);
  const hostGroups = groupsOf(
    observed.map((each) => ({ key: each.host.uuid, name: each.host.name, like: likeOfHost(each) })),
  );
  const portGroups = groupsOf(
    distinct(
      paths,
      ({ port }) => port,
      ({ host, wwid }) => `${host.uuid} ${wwid}`,
    ),
  );
  const lunGroups = groupsOf(
    distinct(
      paths,
      ({ wwid }) => wwid,
      ({ host, port }) => `${host.uuid} ${port}`,
    ),
  );
  const hostOf = placeIn(hostGroups);
  const portOf = placeIn(portGroups);
  const lunOf = placeIn(lunGroups);
  const adapterOf = adaptersIn(paths, hostOf);
  const links = new Map<string, { from: string; to: string; paths: number; failed: number }>();
  for (const path of paths) {
    const port = `port ${portOf(path.port)}`;
    for (const [from, to] of [
      [adapterOf(path), port],
      [port, `lun ${lunOf(path.wwid)}`],
    ] as const) {
      const link = links.get(`${from}>${to}`) ?? { from, to, paths: 0, failed: 0 };
      links.set(`${from}>${to}`, link);
      link.paths += 1;
      if (!path.works) link.failed += 1;
    }
  }
  const hosts = hostGroups.map((group, index): HostNode => {
    const own = paths.filter(({ host }) => group.keys.includes(host.uuid));
    const silent = observed.find(({ host, observed: seen }) => group.keys.includes(host.uuid) && isSilent(seen));
    const ids = [...new Set(own.map(adapterOf))];
    return {
      id: `host ${index}`,
      label: group.keys.length === 1 ? group.name : `${group.keys.length} hosts`,
      note: silent === undefined ? noteOf(own) : "no answer",
      state: silent === undefined ? stateOf(own) : "failed",
      adapters: ids.map((id) =>
        adapterNode(
          id,
          own.filter((path) => adapterOf(path) === id),
        ),
      ),
    };
  });
  const nodes = (kind: "port" | "lun", groups: readonly Group[]): MapNode[] =>
    groups.map((group, index) => {
      const own = paths.filter((path) => group.keys.includes(kind === "port" ? path.port : path.wwid));
      const plural = kind === "port" ? "ports" : "LUNs";
      return {
        id: `${kind} ${index}`,
        label: group.keys.length === 1 ? group.name : `${group.keys.length} ${plural}`,
        note: kind === "lun" ? lunNote(group, own, inventory) : noteOf(own),
        state: kind === "lun" ? lunState(own) : stateOf(own),
      };
    });
  return { hosts, ports: nodes("port", portGroups), luns: nodes("lun", lunGroups), links: [...links.values()] };
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

/** Each alone if there is room. Otherwise the healthy ones are one box, then those that fail alike. */
function groupsOf(members: readonly Member[]): Group[] {
  const sorted = inOrder(members, ({ name }) => name);
  const alone = ({ key, name }: Member): Group => ({ keys: [key], name });
  const failing = sorted.filter(({ like }) => like !== "");
  const healthy = sorted.filter(({ like }) => like === "");
  const together = (some: readonly Member[]): Group[] =>
    some.length < LEAST_GROUP ? some.map(alone) : [{ keys: some.map(({ key }) => key), name: "" }];
  if (sorted.length <= MOST_BOXES) return [...failing, ...healthy].map(alone);
  if (failing.length < MOST_BOXES) return [...failing.map(alone), ...together(healthy)];
  const alike = new Map<string, Member[]>();
  for (const member of failing) alike.set(member.like, [...(alike.get(member.like) ?? []), member]);
  const largest = [...alike.values()].sort((a, b) => b.length - a.length);
  const rest = largest.slice(MOST_BOXES - 2).flat();
  const shown = largest
    .slice(0, MOST_BOXES - 2)
    .map((some): Group => ({ keys: some.map(({ key }) => key), name: some[0]?.name ?? "" }));
  return [
    ...shown,
    ...(rest.length === 0 ? [] : [{ keys: rest.map(({ key }) => key), name: rest[0]?.name ?? "" }]),
    ...together(healthy),
  ];
}

const likeOfHost = (each: ObservedHost): string => {
  if (isSilent(each.observed)) return "silent";
  const failed = pathsOf(each).filter(({ works }) => !works);
  return failed
    .map(({ port, wwid }) => `${port} ${wwid}`)
    .sort()
    .join("\n");
};

function distinct(
  paths: readonly MapPath[],
  keyOf: (path: MapPath) => string,
  likeOf: (path: MapPath) => string,
): Member[] {
  const likes = new Map<string, string[]>();
  for (const path of paths) {
    const like = likes.get(keyOf(path)) ?? [];
    likes.set(keyOf(path), like);
    if (!path.works) like.push(likeOf(path));
  }
  return [...likes].map(([key, like]) => ({ key, name: key, like: like.sort().join("\n") }));
}

/** The place of the group that has the key. */
function placeIn(groups: readonly Group[]): (key: string) => number {
  const places = new Map(groups.flatMap(({ keys }, index) => keys.map((key) => [key, index] as const)));
  return (key) => places.get(key) ?? -1;
}

/** The id of a path's adapter box. A host with many adapters, or a group of hosts, has one box for all of them. */
function adaptersIn(paths: readonly MapPath[], hostOf: (uuid: string) => number): (path: MapPath) => string {
  const names = new Map<number, Set<string>>();
  for (const { host, adapter } of paths) {
    const place = hostOf(host.uuid);
    names.set(place, (names.get(place) ?? new Set()).add(adapter));
  }
  return ({ host, adapter }) => {
    const place = hostOf(host.uuid);
    const own = names.get(place) ?? new Set();
    return `adapter ${place} ${own.size > MOST_ADAPTERS ? `${own.size} HBAs` : adapter}`;
  };
}

const adapterNode = (id: string, own: readonly MapPath[]): MapNode => ({
  ...{ id, label: id.split(" ").slice(2).join(" "), note: "", state: stateOf(own) },
});

const stateOf = (paths: readonly MapPath[]): NodeState =>
  paths.every(({ works }) => works) ? "works" : paths.some(({ works }) => works) ? "degraded" : "failed";

/** A LUN has failed if one of the hosts has no path to it. */
function lunState(paths: readonly MapPath[]): NodeState {
  const reached = new Set(paths.flatMap(({ host, wwid, works }) => (works ? [`${host.uuid} ${wwid}`] : [])));
  const isLost = paths.some(({ host, wwid }) => !reached.has(`${host.uuid} ${wwid}`));
  return isLost ? "failed" : stateOf(paths);
}

function noteOf(paths: readonly MapPath[]): string {
  const failed = paths.filter(({ works }) => !works).length;
  if (paths.length === 0) return "no paths";
  return failed === 0 ? `${paths.length} paths` : `${failed}/${paths.length} failed`;
}

function lunNote({ keys }: Group, paths: readonly MapPath[], { primaryStorages }: Inventory): string {
  if (lunState(paths) === "failed") return "no path on a host";
  const failed = paths.filter(({ works }) => !works).length;
  if (failed > 0) return `${failed}/${paths.length} failed`;
  const owners = primaryStorages.filter(({ sharedBlocks }) => sharedBlocks.some(({ wwid }) => keys.includes(wwid)));
  return owners.length === 1 && keys.length === 1 ? (owners[0]?.name ?? "") : `${paths.length} paths`;
}

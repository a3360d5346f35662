import type { Scope } from "../core/cause-scope.ts";
import { durationText } from "../core/duration.ts";
import { type FillLevels, usualLevels } from "../core/fill-levels.ts";
import type { Finding, FindingKind } from "../core/finding.ts";
import { changedKeyIn, OTHER_KEY } from "../core/host-key.ts";
import type { Host, Inventory, PrimaryStorage } from "../core/inventory.ts";
import { formatBytes } from "../storage/size.ts";
import { isNotRead } from "./aspects.ts";
import type { Element } from "./cause.ts";
import { finding, inSteps, type Scopes } from "./found.ts";
import { togetherIn } from "./grown-cause.ts";
import { lunText } from "./incident-text.ts";
import { type Known, type KnownPath, NEWS_MS } from "./known.ts";
import type { LeaseText } from "./lease-elsewhere.ts";
import { pathFindingKey, twoLunsFindingKey } from "./path-finding.ts";
import { pathSizesElement } from "./path-sizes.ts";
import { type HostSample, isSilent, type Observed, type WatchedPath } from "./sample.ts";
import { lockFindingsIn, serviceElements } from "./service-elements.ts";
import { storageElements } from "./storage-elements.ts";
import { twiceAtOnePort } from "./two-luns.ts";
import type { TwoTargets } from "./two-targets.ts";
import { unreadElements } from "./unread-elements.ts";

/** One host, as it showed itself last, and what it had before. */
interface WatchedHost {
  readonly host: Host;
  readonly observed: Observed;
  /** null: it was never observed before. */
  readonly known: Known | null;
  /** Of a silent host: what other hosts read of its lease. */
  readonly lease?: LeaseText | null;
  /** If its sanlock does not answer: for how many seconds others read no renewal of its lease, by storage. */
  readonly lateLeases?: ReadonlyMap<string, number>;
  /** sanlock's name of another host that has its host id in this storage, as others read it. */
  readonly takenBy?: (storageUuid: string) => string | null | undefined;
  /** How full a volume is when people hear of it, by storage; the usual levels if there are none. */
  readonly levelsOf?: (storage: PrimaryStorage) => FillLevels;
  /** LUNs of which the paths lead to several targets, and may be several LUNs. */
  readonly twoTargets?: ReadonlyMap<string, TwoTargets | null>;
  /** Whether its paths, and what they are compared with, are the same as in the observation before. */
  readonly hasSamePaths?: boolean;
  /** Whether the finding is no part of what the host's silence left: another incident has it, or a pause covered both. */
  readonly isApart?: (finding: Finding) => boolean;
}
type AnsweringHost = WatchedHost & { readonly observed: HostSample };
type Elements = ReadonlyMap<string, Element>;

/** Beyond this, logs of several hosts can't be read together any more. */
const MOST_SKEW_MS = 1_000;

/**
 * Everything on a host that works or not, with what it is a part of. `before`: what the last observation gave. What can't
 * be observed now is kept if it failed: nobody knows that it works again.
 */
export function hostElements(watched: WatchedHost, before: Elements, inventory: Inventory, nowMs: number): Elements {
  const { host, observed } = watched;
  const elements = new Map<string, Element>();
  if (isSilent(observed)) elements.set("reach", reach(host, observed.silence, watched.lease ?? null));
  else {
    // While a host comes back, its elements have one more scope.
    const isSame = watched.hasSamePaths === true && (before.get("reach")?.findings.length ?? 1) === 0;
    addSeen(elements, { ...watched, observed }, isSame ? before : null, inventory, nowMs);
  }
  for (const [key, element] of before) {
    if (elements.has(key) || key === "reach") continue;
    const isUnknown = isSilent(observed) || isNotRead(key, observed);
    if (isUnknown && (element.findings.length > 0 || isNotAsked(key, observed))) elements.set(key, element);
  }
  return isSilent(observed) ? elements : answering({ ...watched, observed }, elements, before);
}

/**
 * A host that answers again is whole when all that worked before works again. Until then its silence is not over, and
 * what does not work yet is a part of it. What failed before is no part of it: the last observation says so or, after a
 * restart of the bot, an incident of its own.
 */
function answering(
  { host, known, observed, isApart = () => false }: AnsweringHost,
  elements: Elements,
  before: Elements,
): Elements {
  const silent: Scope = { kind: "host", id: `reach ${host.uuid}` };
  const isOfSilence = ({ scopes }: Element) => scopes.some(({ kind, id }) => kind === silent.kind && id === silent.id);
  const answers: Element = { findings: [], scopes: reachScopes(host) };
  const wasSilent = (before.get("reach")?.findings.length ?? 0) > 0;
  // Nobody knows that anything worked before the first answer.
  const isFirst = known?.sinceMs === observed.atMs;
  if (!wasSilent || isFirst) return new Map([...elements, ["reach", answers]]);
  const missing = [...elements].filter(([key, { findings }]) => {
    if (findings.length === 0 || /^(?:new|sizes?) /.test(key)) return false;
    const earlier = before.get(key);
    const failedBefore = earlier !== undefined && earlier.findings.length > 0 && !isOfSilence(earlier);
    return !failedBefore && !findings.every(isApart);
  });
  if (missing.length === 0) return new Map([...elements, ["reach", answers]]);
  const [first] = missing.flatMap(([, { findings }]) => findings);
  const more = missing.length === 1 ? "" : `, and ${missing.length - 1} more`;
  const text = `${host.name} was silent. It answers again, but not all of it works: ${first?.text ?? ""}${more}`;
  const [silence] = before.get("reach")?.findings ?? [];
  const found = finding(host, "host unreachable", host.uuid, text);
  const [, ...others] = reachScopes(host);
  return new Map([
    ...elements,
    ...missing.map(([key, element]) => [key, { ...element, scopes: [...element.scopes, silent] as const }] as const),
    ["reach", { findings: [{ ...found, brokeAs: silence?.brokeAs ?? silence?.text }], scopes: [silent] }],
    // The bot reaches it: for that nothing else on it must work.
    ["answers", { findings: [], scopes: [others[0] ?? silent, ...others.slice(1)] }],
  ]);
}

/** LVM is asked only now and then. Until then the last answer counts, also that a group was complete. */
const isNotAsked = (key: string, observed: Observed): boolean => key.startsWith("group ") && !isSilent(observed);

const reachScopes = (host: Host): Scopes => [
  { kind: "host", id: `reach ${host.uuid}` },
  { kind: "bot", id: "network" },
  { kind: "cluster", id: `reach ${host.clusterUuid}` },
];

function reach(host: Host, silence: string, lease: LeaseText | null): Element {
  // A title is shortened: first what decides what a person does.
  const changed = changedKeyIn(silence);
  const text =
    changed !== null
      ? `${host.name} ${OTHER_KEY}${lease === null ? "" : `; ${lease.text}`} (${changed.presented}, trusted is ${changed.trusted})`
      : lease === null
        ? `${host.name} does not answer: ${silence}`
        : `${host.name} does not answer; ${lease.text} (${silence})`;
  const found = finding(host, "host unreachable", host.uuid, text, null, lease?.severity);
  return { findings: [{ ...found, ...inSteps(lease?.badness ?? 0) }], scopes: reachScopes(host) };
}

/** `same`: its paths have the elements that they have there. null: they may have others. */
function addSeen(
  elements: Map<string, Element>,
  watched: AnsweringHost,
  same: Elements | null,
  inventory: Inventory,
  nowMs: number,
): void {
  const { host, observed: sample, known } = watched;
  let made: readonly LunMap[] | null = null;
  const maps = () => {
    made ??= sample.paths === null || known === null ? [] : mapsOf(host, sample.paths, known, inventory);
    return made;
  };
  if (same === null)
    for (const map of maps()) addPaths(elements, host, map, sample.paths ?? [], watched.twoTargets?.get(map.wwid));
  else for (const [key, element] of same) if (isOfPaths(key)) elements.set(key, element);
  if (known !== null && sample.paths !== null) {
    const news = Object.entries(known.luns).filter(
      ([, lun]) => isNew(lun, known, nowMs) || isResized(lun, true, nowMs),
    );
    for (const [wwid] of news) {
      const map = maps().find((each) => each.wwid === wwid);
      if (map !== undefined) addNews(elements, host, map, known, nowMs);
    }
  }
  const hasPaths = Object.keys(known?.paths ?? {}).length > 0;
  const services = serviceElements(host, sample, hasPaths, inventory);
  for (const [unit, element] of services) elements.set(`unit ${unit}`, element);
  for (const [key, element] of unreadElements(host, sample)) elements.set(key, element);
  if (sample.clockAheadMs !== null) elements.set("clock", clockElement(host, sample.clockAheadMs));
  for (const each of sample.storages) {
    const storage = inventory.primaryStorages.find(({ uuid }) => uuid === each.storageUuid);
    if (storage === undefined) continue;
    const serving = {
      ...{ host, storage, served: known?.serves.includes(storage.uuid) ?? false },
      unchangedS: watched.lateLeases?.get(storage.uuid) ?? null,
      takenBy: () => watched.takenBy?.(storage.uuid),
      levels: watched.levelsOf?.(storage) ?? usualLevels,
      lostPaths: () => lostPathsOf(host, storage, maps()),
      lostLocks: lockFindingsIn(services),
    };
    for (const [key, element] of storageElements(serving, each)) elements.set(key, element);
  }
}

/** Keys of the failed paths of the storage's LUNs that have no path. */
const lostPathsOf = (host: Host, storage: PrimaryStorage, maps: readonly LunMap[]): string[] =>
  maps
    .filter((map) => map.storage?.uuid === storage.uuid && !map.paths.some(works))
    .flatMap(({ paths }) => paths.map((path) => pathFindingKey(host.uuid, path.key)));

interface MapPath extends KnownPath {
  readonly key: string;
  /** null: it was there, and it is gone. */
  readonly seen: WatchedPath | null;
  /** Its adapter reaches other ports too. */
  readonly isOneOfLinks: boolean;
}
/** One LUN on one host. */
interface LunMap {
  readonly wwid: string;
  readonly storage: PrimaryStorage | null;
  readonly paths: readonly MapPath[];
}

function mapsOf(host: Host, seen: readonly WatchedPath[], known: Known, inventory: Inventory): LunMap[] {
  const byKey = new Map(seen.map((path) => [path.key, path]));
  const byWwid = new Map<string, MapPath[]>();
  const portOf = new Map<string, string | null>();
  const linked = new Set<string>();
  for (const { adapter, port } of Object.values(known.paths)) {
    const other = portOf.get(adapter);
    if (other === undefined) portOf.set(adapter, port);
    else if (other !== port) linked.add(adapter);
  }
  for (const [key, path] of Object.entries(known.paths)) {
    const paths = byWwid.get(path.wwid) ?? [];
    byWwid.set(path.wwid, paths);
    paths.push({ ...path, key, seen: byKey.get(key) ?? null, isOneOfLinks: linked.has(path.adapter) });
  }
  return [...byWwid].map(([wwid, paths]) => ({
    wwid,
    paths,
    storage:
      inventory.primaryStorages.find(
        ({ sharedBlocks, clusterUuids }) =>
          clusterUuids.includes(host.clusterUuid) && sharedBlocks.some((block) => block.wwid === wwid),
      ) ?? null,
  }));
}

const arraysOf = ({ paths }: LunMap): ReadonlySet<string> => new Set(paths.flatMap(({ array }) => array ?? []));
const works = ({ seen }: MapPath): boolean => seen?.works === true;

function scopesOfPath({ uuid, clusterUuid }: Host, path: MapPath): Scopes {
  const { wwid, key, adapter, port, array, isOneOfLinks } = path;
  return [
    { kind: "path", id: `${uuid} ${key}` },
    { kind: "LUN on a host", id: `${wwid} ${uuid}` },
    { kind: "adapter", id: `${uuid} ${adapter}` },
    ...(port !== null && isOneOfLinks ? [{ kind: "link", id: `${uuid} ${adapter} ${port}` } as const] : []),
    { kind: "LUN", id: wwid },
    ...(port === null
      ? []
      : ([
          { kind: "LUN at a port", id: `${wwid} ${port}` },
          { kind: "port", id: port },
        ] as const)),
    { kind: "host", id: `paths ${uuid}` },
    ...(array === null ? [] : [{ kind: "array", id: array } as const]),
    { kind: "cluster", id: `paths ${clusterUuid}` },
  ];
}

function pathElement(host: Host, map: LunMap, path: MapPath): Element {
  const scopes = scopesOfPath(host, path);
  if (works(path)) return { findings: [], scopes };
  const lun = lunText(map.wwid);
  const over = path.port ?? path.adapter;
  const name = path.seen === null ? "Path" : `Path ${path.seen.device}`;
  const text = `${name} of ${lun} on ${host.name} through ${over}: ${path.seen?.state ?? "gone"}`;
  const found = finding(host, "path failed", `${host.uuid} ${path.key}`, text, map);
  const { adapter, port } = path;
  const ends = port === null ? { adapter } : { adapter, port };
  return { findings: [{ ...found, ...ends, key: pathFindingKey(host.uuid, path.key) }], scopes };
}

/** What failed paths mean for the map. It follows from them. */
function mapElement(host: Host, map: LunMap): Element | null {
  const { wwid, paths, storage } = map;
  const failed = paths.filter((path) => !works(path));
  const outside = paths.filter((path) => works(path) && path.seen?.map === null);
  const scopes: Scopes = [
    { kind: "LUN on a host", id: `map ${wwid} ${host.uuid}` },
    { kind: "LUN", id: `map ${wwid}` },
    { kind: "host", id: `map ${host.uuid}` },
  ];
  const pathsLeft = paths.length - failed.length - outside.length;
  const lun = `${lunText(wwid)} on ${host.name}`;
  const id = `${host.uuid} ${wwid}`;
  // What nobody has stored anything on can be missed, but it can't be lost.
  const severity = pathsLeft > 0 ? undefined : storage === null ? "warning" : "critical";
  // A failed path is a finding of its own. One outside the map is not.
  const worse = inSteps(outside.length);
  if (outside.length > 0 && pathsLeft === 0) {
    const text = `${lun} has no map: ${outside.length} of ${paths.length} paths are there`;
    return { findings: [{ ...finding(host, "LUN without map", id, text, map, severity), ...worse }], scopes };
  }
  if (failed.length === 0) {
    if (outside.length === 0) return null;
    const names = outside.flatMap(({ seen }) => seen?.device ?? []).join(", ");
    const text = `${outside.length} of ${paths.length} paths of ${lun} are outside of its map: ${names}`;
    return { findings: [{ ...finding(host, "path outside its map", id, text, map), ...worse }], scopes };
  }
  const isGone = paths.every(({ seen }) => seen === null);
  const kind = pathsLeft > 0 ? "map degraded" : isGone ? "LUN gone" : "map without paths";
  const left = pathsLeft > 0 ? `${pathsLeft}/${paths.length} paths` : isGone ? "not seen any more" : "no path left";
  const found = finding(host, kind, id, `${lun}: ${left}`, map, severity);
  // Without a second path the next fault is an outage.
  const isLast = pathsLeft === 1 ? 1 : 0;
  return {
    findings: [{ ...found, pathsLeft, ...inSteps(outside.length + isLast) }],
    scopes,
    follows: failed.map((path) => pathFindingKey(host.uuid, path.key)),
  };
}

function twiceElement(
  host: Host,
  { wwid, storage }: LunMap,
  seen: readonly WatchedPath[],
  targets: TwoTargets | null | undefined,
): Element | null {
  const twice = twiceAtOnePort(wwid, seen);
  if (twice.length === 0 && !targets) return null;
  const each = twice.map(({ device, hctl }) => `${device} at ${hctl}`).join(", ");
  const isProven = twice.length > 0 || targets?.isProven === true;
  const lun = `${lunText(wwid)} on ${host.name}`;
  const why = twice.length > 0 ? each : (targets?.text ?? "");
  const text = isProven ? `two LUNs have the WWID of ${lun}: ${why}` : `${lun} may be two LUNs: ${why}`;
  const severity = isProven ? undefined : "warning";
  const found = finding(host, "one name, two LUNs", `${host.uuid} ${wwid}`, text, { storage, wwid }, severity);
  return {
    findings: [{ ...found, key: twoLunsFindingKey(host.uuid, wwid) }],
    scopes: [
      { kind: "LUN on a host", id: `name ${wwid} ${host.uuid}` },
      { kind: "LUN", id: `name ${wwid}` },
    ],
  };
}

function addPaths(
  elements: Map<string, Element>,
  host: Host,
  map: LunMap,
  seen: readonly WatchedPath[],
  targets: TwoTargets | null | undefined,
): void {
  for (const path of map.paths) elements.set(`path ${path.key}`, pathElement(host, map, path));
  const element = mapElement(host, map);
  if (element !== null) elements.set(`map ${map.wwid}`, element);
  const twice = twiceElement(host, map, seen, targets);
  if (twice !== null) elements.set(`name ${map.wwid}`, twice);
  const own = map.paths.flatMap((path) => path.seen ?? []);
  const sizes = pathSizesElement(host, { ...map, arrays: arraysOf(map) }, own);
  if (sizes !== null) elements.set(`sizes ${map.wwid}`, sizes);
}

/** The names of the elements that `addPaths` adds. */
const isOfPaths = (name: string): boolean => /^(?:path|map|name|sizes) /.test(name);

/** A LUN that appeared or grew is a finding for some time. Then its incident ends by itself. */
const isNew = ({ firstSeenMs }: Known["luns"][string], { sinceMs }: Known, nowMs: number): boolean =>
  firstSeenMs > sinceMs && nowMs - firstSeenMs < NEWS_MS;

/** The end of a storage's LUN that shrank is lost until its size is back. */
const isResized = ({ sizeBytes, resized }: Known["luns"][string], isOwned: boolean, nowMs: number): boolean =>
  resized !== null &&
  (nowMs - resized.atMs < NEWS_MS || (isOwned && sizeBytes !== null && sizeBytes < resized.fromBytes));

function addNews(elements: Map<string, Element>, host: Host, map: LunMap, known: Known, nowMs: number): void {
  const { wwid, storage } = map;
  const lun = known.luns[wwid];
  if (lun === undefined) return;
  const add = (
    aspect: "new" | "size",
    kind: FindingKind,
    text: string,
    more: Partial<Finding> = {},
    larger: readonly Scope[] = [],
  ) =>
    elements.set(`${aspect} ${wwid}`, {
      findings: [{ ...finding(host, kind, `${host.uuid} ${wwid}`, `${lunText(wwid)} ${text}`, map), ...more }],
      scopes: [
        { kind: "LUN on a host", id: `${aspect} ${wwid} ${host.uuid}` },
        { kind: "LUN", id: `${aspect} ${wwid}` },
        ...larger,
      ],
    });
  const { sizeBytes, resized } = lun;
  const size = sizeBytes === null ? "" : `, ${formatBytes(sizeBytes)}`;
  const together = (how: Parameters<typeof togetherIn>[1]) => [...arraysOf(map)].map((array) => togetherIn(array, how));
  if (isNew(lun, known, nowMs)) add("new", "LUN new", `is new on ${host.name}${size}`, {}, together("new"));
  if (resized === null || sizeBytes === null || !isResized(lun, storage !== null, nowMs)) return;
  const text = `on ${host.name}: ${formatBytes(resized.fromBytes)} before, ${formatBytes(sizeBytes)} now`;
  const shrank = sizeBytes < resized.fromBytes;
  // Any smaller size is worse, also if what it is compared with has changed.
  const worse = inSteps(-sizeBytes);
  const severity = storage === null ? "warning" : "critical";
  add("size", "size changed", text, shrank ? { severity, ...worse } : worse, together(shrank ? "smaller" : "larger"));
}

function clockElement(host: Host, aheadMs: number): Element {
  const scopes: Scopes = [
    { kind: "host", id: `clock ${host.uuid}` },
    { kind: "bot", id: "clock" },
  ];
  if (Math.abs(aheadMs) <= MOST_SKEW_MS) return { findings: [], scopes };
  // Parts of a second differ in each observation: they would be news each time.
  const by = durationText(Math.abs(aheadMs));
  const text = `clock of ${host.name}: ${by} ${aheadMs > 0 ? "ahead of" : "behind"} the bot's`;
  const seconds = Math.ceil(Math.abs(aheadMs) / 1_000);
  return { findings: [{ ...finding(host, "clock skew", host.uuid, text), ...inSteps(seconds, seconds) }], scopes };
}

import { counted } from "../../core/counted.ts";
import type { Facts } from "../../core/facts.ts";
import { chosenHosts } from "../../core/find.ts";
import { notesIn } from "../../core/host-command.ts";
import type { Host } from "../../core/inventory.ts";
import { valueOr } from "../../core/outcome.ts";
import { OBJECTS, runInSlices, runToEnd, SliceLimit, type Slices, yieldToOthers } from "../../core/parts.ts";
import { linesPart, type Part, type Reply } from "../../core/reply.ts";
import { few, sharedFacts } from "../../core/shared-facts.ts";

import type { MultipathMap } from "../../core/storage.ts";
import { listBlockDevices } from "../../host/lsblk.ts";
import { type Health, healthOf, isWorking, listMultipathMaps } from "../../host/multipath.ts";
import { listDiskIds } from "../../host/udev.ts";
import { type HostView, problemsOf, viewWith } from "../observe/host-view.ts";
import { lunsOf, makeLuns } from "../observe/lun.ts";
import { problemsPart } from "./matrix.ts";

/** A host's maps, and the disks that are in none of them. */
export const observeMaps = (hosts: readonly Host[], facts: Facts): Promise<HostView[]> =>
  Promise.all(
    hosts.map(async (host) => {
      const reads = { maps: listMultipathMaps, ids: listDiskIds, devices: listBlockDevices };
      const seen = await facts.gather(host, reads);
      const problems = problemsOf(reads, seen, "by object");
      const [maps, ids, devices] = [valueOr(seen.maps, []), valueOr(seen.ids, []), valueOr(seen.devices, [])];
      const view = viewWith(host, { maps, ids, devices, problems, notUnderstood: notesIn(seen) });
      await makeLuns(view);
      return view;
    }),
  );

/** The paths outside each map of a host, by WWID. */
const outsideMaps = (view: HostView): ReadonlyMap<string, readonly string[]> =>
  new Map(lunsOf([view]).flatMap(({ wwid, on }) => on.map(({ outsideMap }) => [wwid, outsideMap] as const)));

/** The worst first. */
export const healthsOf = (view: HostView): { map: MultipathMap; outside: readonly string[]; health: Health }[] => {
  const outside = outsideMaps(view);
  return view.maps.map((map) => {
    const others = outside.get(map.wwid) ?? [];
    return { map, outside: others, health: healthOf(map, others.length) };
  });
};

const order: readonly Health[] = ["lost", "degraded", "healthy"];

/**
 * Every map with its paths and their states, the worst first. `only`: the maps of these WWIDs. `listed`: good maps are
 * left out, because the matrix of LUNs already shows them.
 */
export const multipathParts = (...args: Parameters<typeof makingMultipathParts>): Part[] =>
  runToEnd(makingMultipathParts(...args));

/** In slices, for all maps of a cluster, because each host may have thousands. */
export function* makingMultipathParts(
  views: readonly HostView[],
  only: ReadonlySet<string> | null,
  listed: "all" | "troubled" = "all",
): Slices<Part[]> {
  const maps: MapOnHost[] = [];
  for (const view of views) {
    for (const each of healthsOf(view)) {
      if (only === null || only.has(each.map.wwid)) maps.push({ host: view.host, ...each });
    }
    yield;
  }
  maps.sort((left, right) => order.indexOf(left.health) - order.indexOf(right.health));
  yield;
  const count = (health: Health) => maps.filter((each) => each.health === health).length;
  if (maps.length === 0) {
    const unread = views.filter((view) => view.problems.length > 0).length;
    return [
      {
        kind: "text",
        text:
          unread === 0
            ? "No multipath map."
            : `No multipath map is known; ${counted(unread, "host")} could not be read.`,
      },
    ];
  }
  const limit = new SliceLimit(OBJECTS);
  const byWwid = new Map<string, MapOnHost[]>();
  for (const each of maps) {
    const ofLun = byWwid.get(each.map.wwid);
    if (ofLun === undefined) byWwid.set(each.map.wwid, [each]);
    else ofLun.push(each);
    if (limit.isOver(1)) yield;
  }
  const facts: MapFact[] = [];
  for (const ofLun of byWwid.values()) {
    facts.push(...factsOfLun(ofLun, views.length));
    if (limit.isOver(ofLun.length)) yield;
  }
  facts.sort((left, right) => order.indexOf(left.health) - order.indexOf(right.health));
  const troubled = facts.filter(({ health }) => health !== "healthy");
  const shown = listed === "all" ? facts : troubled.slice(MOST_LINES);
  return [
    ...troubled.slice(0, MOST_LINES).map(troubleLine),
    {
      kind: "text",
      text: `${counted(maps.length, "map")}: ${count("lost")} lost, ${count("degraded")} degraded, ${count("healthy")} healthy.`,
      tone: count("lost") > 0 ? "bad" : count("degraded") > 0 ? "warning" : "good",
    },
    ...(shown.length === 0
      ? []
      : ([
          {
            ...{
              kind: "table",
              caption: "Multipath",
              columns: ["health", "paths", "LUN", "hosts", "map", "states", "WWID"],
            },
            rows: shown.map((each) => [
              ...[each.health, each.count, shortOf(each.map.wwid), each.hosts, few(each.names), each.states],
              each.map.wwid,
            ]),
          },
        ] satisfies Part[])),
  ];
}

type MapOnHost = ReturnType<typeof healthsOf>[number] & { readonly host: Host };

/** One fact about maps, with all hosts that show it. */
interface MapFact extends MapOnHost {
  readonly count: string;
  readonly hosts: string;
  readonly names: readonly string[];
  readonly states: string;
}

/** Hosts on which the LUN's map is alike are one fact; the names of paths differ from host to host. */
function factsOfLun(maps: readonly MapOnHost[], asked: number): MapFact[] {
  const facts = sharedFacts(
    maps,
    ({ host }) => host.name,
    (each) => `${each.health} ${pathCount(each)} ${statesOf(each, asked === 1)}`,
    asked,
  );
  return facts.map(({ hosts, names: hostNames, items }): MapFact => {
    const [first] = items;
    const names = [...new Set(items.map(({ map }) => map.alias ?? shortOf(map.wwid)))];
    return { ...first, count: pathCount(first), hosts, names, states: statesOf(first, hostNames.length === 1) };
  });
}

/** So many are lines; the others are in the table. */
const MOST_LINES = 6;

const shortOf = (wwid: string): string => `…${wwid.slice(-6)}`;

const pathCount = ({ map, outside }: Pick<MapOnHost, "map" | "outside">): string =>
  `${map.paths.filter(isWorking).length}/${map.paths.length + outside.length}`;

/** `⚠️ LUN …bbe7c8: degraded, 2/3 paths on host1, host2: 2 active ready running; 1 failed faulty running` */
const troubleLine = ({ health, map, count, hosts, states }: MapFact): Part => ({
  kind: "text",
  tone: health === "lost" ? "bad" : "warning",
  text: `LUN ${shortOf(map.wwid)}: ${health}, ${count} paths on ${hosts}: ${states}`,
});

/** `named`: with the names of the paths, which differ on each host. */
const statesOf = ({ map, outside }: Pick<MapOnHost, "map" | "outside">, named: boolean): string =>
  [
    map.paths.length === 0 ? "no paths" : pathStates(map, named),
    ...(outside.length === 0 ? [] : [`${named ? outside.join(", ") : outside.length} outside the map`]),
  ].join("; ");

/**
 * Paths grouped by state: `sdd, sdg active ready running; sdj failed faulty offline`, or `2 active ready running; …`.
 */
function pathStates(map: MultipathMap, named: boolean): string {
  const byState = new Map<string, string[]>();
  for (const path of map.paths) {
    const standby = path.checkerState === "ghost" ? " (standby)" : "";
    const state = `${path.dmState} ${path.checkerState} ${path.deviceState}${standby}`;
    byState.set(state, [...(byState.get(state) ?? []), path.device]);
  }
  return [...byState].map(([state, devices]) => `${named ? devices.join(", ") : devices.length} ${state}`).join("; ");
}

/** A name such as mpatha that means different LUNs on different hosts. On the wrong host, it changes the wrong LUN. */
export const aliasWarnings = (views: readonly Pick<HostView, "host" | "maps">[]): Part[] =>
  runToEnd(makingAliasWarnings(views));

function* makingAliasWarnings(views: readonly Pick<HostView, "host" | "maps">[]): Slices<Part[]> {
  const byAlias = new Map<string, Map<string, string[]>>();
  for (const { host, maps } of views) {
    for (const { alias, wwid } of maps) {
      if (alias === null) continue;
      const meanings = byAlias.get(alias) ?? new Map<string, string[]>();
      meanings.set(wwid, [...(meanings.get(wwid) ?? []), host.name]);
      byAlias.set(alias, meanings);
    }
    yield;
  }
  const several = [...byAlias].filter(([, meanings]) => meanings.size > 1);
  if (several.length === 0) return [];
  const said = several.map(([alias, meanings]) => {
    // A whole WWID wraps on a phone. It is shown if two LUNs have the same ending.
    const endings = new Set([...meanings.keys()].map(shortOf));
    const nameOf = (wwid: string): string => (endings.size === meanings.size ? `LUN ${shortOf(wwid)}` : wwid);
    const each = [...meanings].map(([wwid, hosts]) => `${nameOf(wwid)} on ${few(hosts)}`);
    return `${alias} is ${each.join(" and ")}`;
  });
  const lines = said.map((line) => [line]);
  return [
    linesPart("The same name means different LUNs", lines, "warning"),
    {
      kind: "text",
      text: "With names=wwid every LUN has one name everywhere. An alias of multipath.conf stays.",
    },
  ];
}

export async function multipathReply(
  { hostOrCluster: target }: { readonly hostOrCluster: string },
  facts: Facts,
): Promise<Reply> {
  const views = await observeMaps(chosenHosts(facts.inventory, target), facts);
  const maps = await runInSlices(makingMultipathParts(views, null));
  const aliases = await runInSlices(makingAliasWarnings(views));
  const problems = problemsPart(views);
  const healths = new Set<Health>();
  for (const view of views) {
    for (const { health } of healthsOf(view)) healths.add(health);
    await yieldToOthers();
  }
  const worst = healths.has("lost") ? "bad" : healths.has("degraded") || problems !== null ? "warning" : "good";
  return {
    title: `Multipath of ${target}`,
    tone: worst,
    parts: [...maps, ...aliases, ...(problems === null ? [] : [problems])],
    next: [
      ...(worst === "good" ? [] : [`host rescan ${target}`]),
      ...(aliases.length === 0 ? [] : [`multipath enable ${target} names=wwid`]),
    ],
  };
}

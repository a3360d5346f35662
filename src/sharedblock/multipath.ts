import type { Part } from "../core/reply.ts";
import type { MultipathMap } from "../core/storage.ts";
import type { HostView } from "./look.ts";
import { isActive } from "./lun.ts";

type Health = "lost" | "degraded" | "healthy";

export function healthOf(map: MultipathMap): Health {
  const active = map.paths.filter(isActive).length;
  if (active === 0) return "lost";
  return active < map.paths.length ? "degraded" : "healthy";
}

const order: readonly Health[] = ["lost", "degraded", "healthy"];

/** Every map with its paths and their states, the worst first; with `only`, the maps of those WWIDs. */
export function multipathParts(
  views: readonly Pick<HostView, "host" | "maps" | "problems">[],
  only: ReadonlySet<string> | null,
): Part[] {
  const maps = views
    .flatMap(({ host, maps: all }) => all.map((map) => ({ host, map, health: healthOf(map) })))
    .filter(({ map }) => only === null || only.has(map.wwid))
    .sort((left, right) => order.indexOf(left.health) - order.indexOf(right.health));
  const count = (health: Health) => maps.filter((each) => each.health === health).length;
  if (maps.length === 0) {
    const unread = views.filter((view) => view.problems.length > 0).length;
    return [
      {
        kind: "text",
        text: unread === 0 ? "No multipath map." : `No multipath map is known; ${unread} host(s) could not be read.`,
      },
    ];
  }
  const rows = maps.map(({ host, map, health }) => [
    health,
    host.name,
    map.alias ?? map.dmName,
    map.wwid,
    `${map.paths.filter(isActive).length}/${map.paths.length}`,
    map.paths.length === 0 ? "no paths" : pathStates(map),
  ]);
  return [
    {
      kind: "text",
      text: `${maps.length} maps: ${count("lost")} lost, ${count("degraded")} degraded, ${count("healthy")} healthy.`,
      tone: count("lost") > 0 ? "bad" : count("degraded") > 0 ? "warning" : "good",
    },
    { kind: "table", caption: "Multipath", columns: ["health", "host", "map", "WWID", "paths", "states"], rows },
  ];
}

/** Paths of one state together: `sdd, sdg active ready running; sdj failed faulty offline`. */
function pathStates(map: MultipathMap): string {
  const byState = new Map<string, string[]>();
  for (const path of map.paths) {
    const state = `${path.dmState} ${path.checkerState} ${path.deviceState}`;
    byState.set(state, [...(byState.get(state) ?? []), path.device]);
  }
  return [...byState].map(([state, devices]) => `${devices.join(", ")} ${state}`).join("; ");
}

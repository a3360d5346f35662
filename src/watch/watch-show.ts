import { durationText } from "../core/duration.ts";
import type { Facts } from "../core/facts.ts";
import type { Cluster, Host, Inventory } from "../core/inventory.ts";
import { type Inline, linesPart, type Part, type Reply } from "../core/reply.ts";
import type { CoveredNow, StorageUse, WatchedHost, WatchPause } from "../core/watch-facts.ts";
import { gaugeOf } from "./gauge.ts";
import { openOf, watchOf } from "./incident-list.ts";

/** More hosts are counted. */
const MOST_ROWS = 100;

/** How each host is watched, the worst first, and what is paused. */
export async function watchShowReply(_: unknown, facts: Facts): Promise<Reply> {
  const watch = watchOf(facts);
  const { inventory } = facts;
  const watched = new Map(watch.hosts().map((host) => [host.hostUuid, host]));
  const hosts = inventory.hosts
    .map((host) => ({ host, watch: watched.get(host.uuid) ?? null }))
    .sort((a, b) => rankOf(a.watch) - rankOf(b.watch));
  const pauses = watch.pauses().filter(({ until }) => Date.parse(until) > facts.now());
  const polled = hosts.filter(
    (each) => each.watch !== null && each.watch.silence === null && each.watch.noEvents !== null,
  );
  const silent = hosts.filter((each) => each.watch !== null && each.watch.silence !== null);
  const open = openOf(watch).length;
  return {
    title: `Watching ${hosts.length} ${hosts.length === 1 ? "host" : "hosts"}: ${open === 0 ? "no open incident" : `${open} open`}`,
    tone: silent.length > 0 || pauses.length > 0 || !watch.isPosting ? "warning" : "good",
    parts: [
      { kind: "text", text: summary(polled.length, silent.length, watch.everyMs) },
      ...(watch.isPosting
        ? []
        : [
            {
              kind: "text",
              tone: "warning",
              text: "Incidents are posted nowhere: set WATCH_CHANNEL or CHANNELS.",
            } as const,
          ]),
      ...pausesPart(pauses, inventory.clusters),
      ...maintenancePart(inventory),
      ...oldSpacePart(inventory, watch.uses(), facts.now()),
      ...coveredPart(watch.covered()),
      ...(hosts.length === 0 ? [] : [hostsTable(hosts.slice(0, MOST_ROWS), inventory, pauses, facts.now())]),
      ...(hosts.length > MOST_ROWS
        ? [{ kind: "text", text: `${hosts.length - MOST_ROWS} more hosts are not listed.` } as const]
        : []),
    ],
    next: ["incident list"],
  };
}

interface Row {
  readonly host: Host;
  /** null: its first observation is still to come. */
  readonly watch: WatchedHost | null;
}

const rankOf = (watch: WatchedHost | null): number =>
  watch === null ? 2 : watch.silence !== null ? 0 : watch.noEvents !== null ? 1 : 3;

function summary(polled: number, silent: number, everyMs: number): string {
  const every = durationText(everyMs);
  return [
    `Each host is observed at its kernel's events, and every ${every}.`,
    polled === 0 ? "" : `${polled} without events: only every ${every}.`,
    silent === 0 ? "" : `${silent} ${silent === 1 ? "does" : "do"} not answer.`,
  ]
    .filter((sentence) => sentence !== "")
    .join(" ");
}

const nameOf = (uuid: string, clusters: readonly Cluster[]): string =>
  clusters.find((cluster) => cluster.uuid === uuid)?.name ?? uuid;

function pausesPart(pauses: readonly WatchPause[], clusters: readonly Cluster[]): Part[] {
  const lines = pauses.map(({ clusterUuid, by, until, reason }): Inline[] => [
    `${nameOf(clusterUuid, clusters)} until `,
    { at: until },
    " by ",
    { person: by, isQuiet: true },
    `: ${reason}`,
  ]);
  return lines.length === 0 ? [] : [linesPart("Paused", lines, "warning")];
}

/** The locks and LUNs of such a storage are not watched, on all its hosts. */
function maintenancePart({ primaryStorages, clusters }: Inventory): Part[] {
  const lines = primaryStorages.flatMap(({ state, name, clusterUuids }): Inline[][] =>
    state === "Maintenance" ? [[`${name} on ${clusterUuids.map((uuid) => nameOf(uuid, clusters)).join(", ")}`]] : [],
  );
  return lines.length === 0 ? [] : [linesPart("In maintenance", lines)];
}

/** LVM is asked every 3 minutes. */
const OLD_SPACE_MS = 10 * 60_000;

/** How full a storage was, if nobody could read it since then. */
function oldSpacePart({ primaryStorages }: Inventory, uses: readonly StorageUse[], nowMs: number): Part[] {
  const lines = uses.flatMap((use): Inline[][] => {
    const ageMs = nowMs - Date.parse(use.observedAt);
    const storage = primaryStorages.find(({ uuid }) => uuid === use.storageUuid);
    if (storage === undefined || storage.state === "Maintenance" || ageMs <= OLD_SPACE_MS) return [];
    return [[`${storage.name}: ${gaugeOf(use).text}, read ${durationText(ageMs)} ago`]];
  });
  return lines.length === 0 ? [] : [linesPart("Space not read lately", lines, "warning")];
}

/** Of each, one finding is named. */
function coveredPart(covered: readonly CoveredNow[]): Part[] {
  const lines = covered.map(({ why, findings }): Inline[] => {
    const more = findings.length === 1 ? "" : `, and ${findings.length - 1} more`;
    return [`${why}: ${findings[0] ?? ""}${more}`];
  });
  return lines.length === 0 ? [] : [linesPart("Found, and no incident", lines)];
}

/** Why what begins on a host is no incident. */
function coverOf({ clusterUuid }: Host, { primaryStorages }: Inventory, pauses: readonly WatchPause[]): string {
  if (pauses.some((pause) => pause.clusterUuid === clusterUuid)) return "all: paused";
  const names = primaryStorages.flatMap(({ state, clusterUuids, name }) =>
    state === "Maintenance" && clusterUuids.includes(clusterUuid) ? [name] : [],
  );
  return names.length === 0 ? "nothing" : `${names.join(", ")}: maintenance`;
}

const answerOf = ({ silence, notRead = [] }: WatchedHost): string =>
  silence ?? (notRead.length === 0 ? "complete" : `without ${notRead.join("; ")}`);

function hostsTable(rows: readonly Row[], inventory: Inventory, pauses: readonly WatchPause[], nowMs: number): Part {
  const observed = (watch: WatchedHost | null) =>
    watch?.observedAt ? `${durationText(nowMs - Date.parse(watch.observedAt))} ago` : "not yet";
  const events = (watch: WatchedHost | null) =>
    watch === null ? "not yet" : watch.noEvents === null ? "arrive" : `none: ${watch.noEvents}`;
  return {
    kind: "table",
    columns: ["host", "cluster", "observed", "answer", "events", "left out"],
    rows: rows.map(({ host, watch }) => [
      host.name,
      nameOf(host.clusterUuid, inventory.clusters),
      observed(watch),
      watch?.observedAt ? answerOf(watch) : "none yet",
      events(watch),
      coverOf(host, inventory, pauses),
    ]),
  };
}

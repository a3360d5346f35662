import { counted } from "../core/counted.ts";
import { durationText } from "../core/duration.ts";
import type { Facts } from "../core/facts.ts";
import type { Incident } from "../core/incident.ts";
import { millisecondsOf } from "../core/moment.ts";
import { Refusal, reason } from "../core/refusal.ts";
import type { Cell, Reply } from "../core/reply.ts";
import type { WatchFacts } from "../core/watch-facts.ts";
import { causeText } from "./incident-text.ts";

interface ListAsked {
  readonly which: "open" | "all";
  readonly since?: string | undefined;
}

/** More rows are for `since=`. */
const MOST_ROWS = 50;

/** Open incidents, the worst first; with `all` those that ended since a time follow, the latest first. */
export async function incidentListReply({ which, since }: ListAsked, facts: Facts): Promise<Reply> {
  const watch = watchOf(facts);
  const fromMs = since === undefined ? null : millisecondsOf(since, facts.now(), "from");
  // All that are open lasted until any time.
  const open = openOf(watch);
  const wanted = which === "open" ? open : openFirst(open, await allSince(watch, fromMs, facts.now()));
  const shown = wanted.slice(0, MOST_ROWS);
  const what = which === "open" ? "open incident" : "incident";
  const rows = shown.map((incident) => rowOf(incident, facts));
  const more = wanted.length - shown.length;
  return {
    title: wanted.length === 0 ? `No ${what}` : counted(wanted.length, what),
    tone: wanted.some(isOpen) ? "warning" : "good",
    parts: [
      rows.length === 0
        ? { kind: "text", text: which === "open" ? "Nothing that is watched fails now." : "There was none." }
        : {
            kind: "table",
            columns: ["id", "severity", "state", "cause", "since (UTC)", "lasts", "owner"],
            rows,
          },
      ...(more > 0 ? [{ kind: "text", text: `${more} more began earlier: type a later since=.` } as const] : []),
    ],
    next: [...shown.slice(0, 1).map(({ id }) => `incident show ${id}`), "watch show"],
  };
}

/** Throws if nothing is watched. */
export function watchOf({ watch }: Facts, without = "There are no incidents"): WatchFacts {
  if (watch !== null) return watch;
  throw new Refusal(without, reason("WATCH_OFF", "the bot is not running, or it runs with WATCH=off"));
}

const isOpen = ({ state }: Incident): boolean => state === "open" || state === "quiet";
const ranks = { critical: 0, warning: 1, info: 2 } as const;

/** The worst first, then the oldest. */
export const openOf = (watch: WatchFacts): Incident[] =>
  watch
    .incidents()
    .filter(isOpen)
    .sort((a, b) => ranks[a.severity] - ranks[b.severity] || Date.parse(a.beganAt) - Date.parse(b.beganAt));

/** What is over must not be above what needs a person. */
const openFirst = (open: readonly Incident[], all: readonly Incident[]): Incident[] => {
  const reported = new Set(all.map(({ id }) => id));
  return [...open.filter(({ id }) => reported.has(id)), ...all.filter((incident) => !isOpen(incident))];
};

/** A month, if nobody says since when. */
const USUAL_MS = 30 * 24 * 3_600_000;

/** All that were reported and lasted until then, the latest first. */
export async function allSince(watch: WatchFacts, fromMs: number | null, nowMs: number): Promise<Incident[]> {
  const from = fromMs ?? nowMs - USUAL_MS;
  const lasted = ({ openedAt, resolvedAt }: Incident) =>
    openedAt !== null && (resolvedAt === null || Date.parse(resolvedAt) >= from);
  const found = watch.incidents().filter(lasted).reverse();
  for await (const incident of watch.archived()) {
    // An incident that began later may have ended earlier, so that a long one may be behind it.
    if (Date.parse(incident.resolvedAt ?? incident.beganAt) < from - USUAL_MS) break;
    if (lasted(incident)) found.push(incident);
  }
  return found.sort((a, b) => Date.parse(b.beganAt) - Date.parse(a.beganAt));
}

function rowOf(incident: Incident, { inventory, now }: Facts): Cell[] {
  const { id, severity, worstSeverity, state, beganAt, resolvedAt, acknowledged, assigned } = incident;
  const owner = assigned ?? acknowledged?.by ?? null;
  const endMs = resolvedAt === null ? now() : Date.parse(resolvedAt);
  return [
    id,
    isOpen(incident) ? severity : worstSeverity,
    state,
    causeText(incident, inventory),
    beganAt.slice(0, 16).replace("T", " "),
    durationText(endMs - Date.parse(beganAt)),
    owner === null ? "none" : { person: owner },
  ];
}

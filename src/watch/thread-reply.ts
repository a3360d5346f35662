import { durationText } from "../core/duration.ts";
import type { Incident, IncidentEvent } from "../core/incident.ts";
import type { Inventory } from "../core/inventory.ts";
import { detailsOf, type Inline, type NextStep, type Part, type Reply } from "../core/reply.ts";
import { eventLine } from "./event-text.ts";
import { findingsTable } from "./findings-table.ts";
import { causeText } from "./incident-text.ts";
import { isAcknowledged, mentions } from "./on-call.ts";

/** After these the findings are others. */
const changing: ReadonlySet<IncidentEvent["kind"]> = new Set([
  ...(["grew", "shrank", "worse", "better", "back", "flapping", "joined"] as const),
]);

/** A post in an incident's thread: whom it calls, and what happened since the last one. */
export function threadReply(
  incident: Incident,
  events: readonly IncidentEvent[],
  whom: readonly string[],
  inventory: Inventory,
): Reply {
  const { id, findings, severity, state, acknowledged } = incident;
  const last = events.at(-1);
  const called: Part[] =
    whom.length === 0
      ? []
      : [
          {
            kind: "text",
            tone: "bad",
            text: [
              ...mentions(whom),
              isAcknowledged(incident)
                ? ` ${id} is ${severity} now. It was acknowledged before.`
                : ` ${id} is ${severity}, and nobody has acknowledged it${acknowledged === null ? "" : " since it got worse"}.`,
            ],
          },
        ];
  const glass = events.filter(({ kind }) => kind === "break-glass");
  const others = events.filter(({ kind }) => kind !== "break-glass");
  const lines = others.flatMap((event, index): Inline[] => [
    ...(index === 0 ? [] : ["\n"]),
    { at: event.at, shows: "clock" },
    " ",
    ...eventLine(event),
    ...(event.kind === "resolved" && event.by === null ? [lastedText(incident)] : []),
  ]);
  const hasChanged = state !== "resolved" && events.some(({ kind }) => changing.has(kind));
  const acknowledges: NextStep[] =
    whom.length === 0 || isAcknowledged(incident) ? [] : [{ label: "Acknowledge", words: `incident ack ${id}` }];
  return {
    title: `${id}: ${glass.length > 0 ? "BREAK-GLASS" : (titleOf(last, incident) ?? causeText(incident, inventory))}`,
    tone: glass.length > 0 ? "bad" : last?.kind === "resolved" ? "good" : "plain",
    parts: [
      ...called,
      ...glass.map(glassPart),
      ...(lines.length === 0 ? [] : [{ kind: "text", text: lines } as const]),
      ...(hasChanged && findings.length > 0 ? [findingsTable(findings, "found now", inventory)] : []),
    ],
    next: [...acknowledges, ...glass.flatMap(({ ref }) => (ref === undefined ? [] : [detailsOf(ref)]))].slice(
      0,
      MOST_NEXT,
    ),
  };
}

/** It must not be one line among others: nobody approved what runs there. */
const glassPart = (event: IncidentEvent): Part => ({
  kind: "text",
  tone: "bad",
  text: [{ at: event.at, shows: "clock" }, " ", ...eventLine(event)],
});

/** Buttons of one post. */
const MOST_NEXT = 3;

function lastedText({ beganAt, resolvedAt }: Incident): string {
  const lastedMs = Date.parse(resolvedAt ?? beganAt) - Date.parse(beganAt);
  // It is negative if the clock was set back.
  return resolvedAt === null || lastedMs < 0 ? "" : ` after ${durationText(lastedMs)}`;
}

/** null: it continues. */
function titleOf(last: IncidentEvent | undefined, { unwatched = false }: Incident): string | null {
  if (last?.kind === "joined") return last.text;
  if (last?.kind !== "resolved") return null;
  return unwatched && last.by === null ? "not watched any more" : "resolved";
}

import type { Facts } from "../core/facts.ts";
import type { Incident } from "../core/incident.ts";
import { quietParts } from "../core/quiet.ts";
import { Refusal, reason } from "../core/refusal.ts";
import type { Inline, Part, Reply } from "../core/reply.ts";
import { eventLine } from "./event-text.ts";
import { findingsTable } from "./findings-table.ts";
import { watchOf } from "./incident-list.ts";
import { incidentReply } from "./incident-reply.ts";
import { shownFindings } from "./incident-text.ts";

/** More events are in the report. */
const MOST_EVENTS = 30;

/** One incident as its message shows it, with all findings and what happened. */
export async function incidentShowReply({ id }: { readonly id: string }, facts: Facts): Promise<Reply> {
  const incident = await incidentOf(id, facts);
  const message = incidentReply(incident, facts.inventory, facts.now());
  const { findings } = incident;
  const shown = findings.length > 0 ? findings : shownFindings(incident);
  const report = incident.state === "resolved" ? [] : [{ label: "Report", words: `incident report ${id}` }];
  return {
    ...message,
    parts: quietParts([
      ...message.parts,
      ...(shown.length === 0
        ? []
        : [findingsTable(shown, findings.length > 0 ? "found" : "found last", facts.inventory)]),
      eventsPart(incident),
    ]),
    next: [...message.next, ...report],
  };
}

/** Throws if it was never reported. */
export async function incidentOf(id: string, facts: Facts): Promise<Incident> {
  const incident = await watchOf(facts).incident(id);
  if (incident !== null && incident.openedAt !== null) return incident;
  throw new Refusal(
    `${id} can't be shown`,
    reason("NOT_FOUND", `there is no incident ${id}`, "read its id in `incident list`"),
    {
      next: ["incident list"],
    },
  );
}

function eventsPart({ events, omittedEvents = 0 }: Incident): Part {
  const shown = events.slice(-MOST_EVENTS);
  const left = events.length - shown.length + omittedEvents;
  const lines = shown.map((event): Inline[] => [{ at: event.at }, " ", ...eventLine(event)]);
  const before: Inline[][] = left > 0 ? [[`${left} earlier events are in the report`]] : [];
  return {
    kind: "text",
    text: [{ bold: "What happened" }, ...[...before, ...lines].flatMap((line): Inline[] => ["\n• ", ...line])],
  };
}

import { durationText } from "../core/duration.ts";
import type { Facts } from "../core/facts.ts";
import type { Incident } from "../core/incident.ts";
import { Refusal, reason } from "../core/refusal.ts";
import type { Inline, Reply } from "../core/reply.ts";
import type { Acting } from "../core/watch-facts.ts";
import { withEvent } from "./event-log.ts";
import { allFindings, causeText } from "./incident-text.ts";
import { ended } from "./incidents.ts";
import { isAcknowledged } from "./on-call.ts";
import { asBadAs } from "./worse-since.ts";

interface OfIncident {
  readonly id: string;
}
type Did = readonly [Incident, headline: string, ...details: Inline[]];

/** The person has it: nobody else is called for it. */
export const acknowledgeIncident = ({ id }: OfIncident, facts: Facts, acting: Acting): Promise<Reply> =>
  onOpen(id, "acknowledged", facts, acting, (incident, at) => {
    const { acknowledged } = incident;
    if (acknowledged !== null && isAcknowledged(incident))
      return [
        incident,
        "acknowledged already",
        "by ",
        { person: acknowledged.by, isQuiet: true },
        " at ",
        { at: acknowledged.at },
      ];
    const next = { ...incident, acknowledged: { by: acting.by, at, ...asBadAs(incident) } };
    return [withEvent(next, { at, by: acting.by, kind: "acknowledged", text: "" }), "acknowledged"];
  });

/** The reply says if the person does not read of it, or can't act on it: a team must not count on them then. */
export async function assignIncident(
  { id, to }: OfIncident & { readonly to: string },
  facts: Facts,
  acting: Acting,
): Promise<Reply> {
  const person = to === "me" ? acting.by : to;
  const troubles = person === acting.by ? [] : await acting.whyNotReached(person);
  return onOpen(id, "assigned", facts, acting, (incident, at) => {
    const next = withEvent({ ...incident, assigned: person }, { at, by: acting.by, kind: "assigned", text: person });
    return [next, "assigned", "to ", { person }, ".", ...troubles.map((trouble) => ` ${trouble}`)];
  });
}

export const silenceIncident = (
  { id, for: forMs, reason: why }: OfIncident & { readonly for: number; readonly reason: string },
  facts: Facts,
  acting: Acting,
): Promise<Reply> =>
  onOpen(id, "silenced", facts, acting, (incident, at) => {
    const until = new Date(Date.parse(at) + forMs).toISOString();
    const silenced = { by: acting.by, until, reason: why, ...asBadAs(incident) };
    const text = `for ${durationText(forMs)}: ${why}`;
    return [
      withEvent({ ...incident, silenced }, { at, by: acting.by, kind: "silenced", text }),
      ...(["silenced", "until ", { at: until }, ". If it gets worse, the posts begin again."] as const),
    ];
  });

/** Also for an incident that is over: what was learned belongs to its report. */
export const noteOnIncident = (
  { id, text }: OfIncident & { readonly text: string },
  facts: Facts,
  acting: Acting,
): Promise<Reply> =>
  onIncident(id, "noted", facts, acting, (incident, at) => {
    if (incident.events.filter(({ kind }) => kind === "note").length >= MOST_NOTES) throw tooManyNotes(id);
    return [withEvent(incident, { at, by: acting.by, kind: "note", text }), "noted", text];
  });

const MOST_NOTES = 1_000;
const tooManyNotes = (id: string): Refusal =>
  new Refusal(
    `${id} can't be noted`,
    reason("NOTES_FULL", `${id} has ${MOST_NOTES} notes, and keeps no more`, "write it in its thread"),
  );

/** What is found now is left out until it is worse, or was away once: a person knows better than the hosts say. */
export const resolveIncident = (
  { id, reason: why }: OfIncident & { readonly reason: string },
  facts: Facts,
  acting: Acting,
): Promise<Reply> =>
  onOpen(id, "resolved", facts, acting, (incident, at) => {
    const held = incident.findings.map(({ key, severity, worseFrom, kind, hostUuid, storageUuid }) => ({
      key,
      severity,
      ...(worseFrom !== undefined && { worseFrom }),
      kind,
      hostUuid,
      storageUuid,
    }));
    const next = withEvent(incident, { at, by: acting.by, kind: "resolved", text: why });
    const left =
      held.length === 0 ? [] : [" What is still found is reported if it gets worse, or ends and begins again."];
    return [
      {
        ...ended(next),
        ...{ state: "resolved", resolvedAt: at, quietAt: incident.quietAt ?? at },
        ...{ shownFindings: [...(incident.shownFindings ?? allFindings(incident))], held },
      },
      ...(["resolved", `${why}.`, ...left] as const),
    ];
  });

type Act = (incident: Incident, at: string) => Did;

const onOpen = (id: string, what: string, facts: Facts, acting: Acting, act: Act): Promise<Reply> =>
  onIncident(id, what, facts, acting, (incident, at) => {
    if (incident.state !== "resolved") return act(incident, at);
    const why = `${id} was resolved at ${incident.resolvedAt}`;
    throw new Refusal(`${id} can't be ${what}`, reason("INCIDENT_OVER", why), { next: [`incident show ${id}`] });
  });

async function onIncident(id: string, what: string, facts: Facts, { notes }: Acting, act: Act): Promise<Reply> {
  const at = new Date(facts.now()).toISOString();
  const now = (await facts.watch?.incident(id)) ?? null;
  if (now === null || now.openedAt === null) throw notThere(id, what);
  // Refused before anything changes. The incident may change until it is revised, so this is decided again there.
  let [, headline, ...details] = act(now, at);
  const revised = await notes.revise(id, (incident) => {
    const [next, ...said] = act(incident, at);
    [headline, ...details] = said;
    return next;
  });
  if (revised === null) throw notThere(id, what);
  return {
    title: `${id}: ${headline}`,
    tone: "good",
    parts: [
      ...(details.length === 0 ? [] : [{ kind: "text", text: details } as const]),
      { kind: "text", text: `${causeText(revised, facts.inventory)}.` },
    ],
    next: [`incident show ${id}`],
  };
}

const notThere = (id: string, what: string): Refusal =>
  new Refusal(
    `${id} can't be ${what}`,
    reason("NOT_FOUND", `there is no incident ${id}`, "read its id in `incident list`"),
    { next: ["incident list"] },
  );

import { durationText } from "../core/duration.ts";
import type { Facts } from "../core/facts.ts";
import type { Incident, IncidentEvent } from "../core/incident.ts";
import { Refusal, reason } from "../core/refusal.ts";
import type { Inline, Reply } from "../core/reply.ts";
import type { Acting } from "../core/watch-facts.ts";
import { causeText, shownFindings } from "./incident-text.ts";

interface OfIncident {
  readonly id: string;
}
type Did = readonly [Incident, headline: string, ...details: Inline[]];

/** The person has it: nobody else is called for it. */
export const acknowledgeIncident = ({ id }: OfIncident, facts: Facts, acting: Acting): Promise<Reply> =>
  onOpen(id, "acknowledged", facts, acting, (incident, at) => {
    const { acknowledged } = incident;
    if (acknowledged !== null)
      return [
        incident,
        "acknowledged already",
        "by ",
        { person: acknowledged.by, isQuiet: true },
        " at ",
        { at: acknowledged.at },
      ];
    const next = { ...incident, acknowledged: { by: acting.by, at } };
    return [withEvent(next, at, acting.by, "acknowledged", ""), "acknowledged"];
  });

export const assignIncident = (
  { id, to }: OfIncident & { readonly to: string },
  facts: Facts,
  acting: Acting,
): Promise<Reply> =>
  onOpen(id, "assigned", facts, acting, (incident, at) => {
    const person = to === "me" ? acting.by : to;
    const next = withEvent({ ...incident, assigned: person }, at, acting.by, "assigned", person);
    return [next, "assigned", "to ", { person }];
  });

export const silenceIncident = (
  { id, for: forMs, reason: why }: OfIncident & { readonly for: number; readonly reason: string },
  facts: Facts,
  acting: Acting,
): Promise<Reply> =>
  onOpen(id, "silenced", facts, acting, (incident, at) => {
    const until = new Date(Date.parse(at) + forMs).toISOString();
    const silenced = { by: acting.by, until, reason: why, severity: incident.severity };
    const text = `for ${durationText(forMs)}: ${why}`;
    return [
      withEvent({ ...incident, silenced }, at, acting.by, "silenced", text),
      ...(["silenced", "until ", { at: until }, ". If it gets worse, the posts begin again."] as const),
    ];
  });

/** Also for an incident that is over: what was learned belongs to its report. */
export const noteOnIncident = (
  { id, text }: OfIncident & { readonly text: string },
  facts: Facts,
  acting: Acting,
): Promise<Reply> =>
  onIncident(id, "noted", facts, acting, (incident, at) => [
    withEvent(incident, at, acting.by, "note", text),
    "noted",
    text,
  ]);

/** What is found now is left out until it was away once: a person knows better than the hosts say. */
export const resolveIncident = (
  { id, reason: why }: OfIncident & { readonly reason: string },
  facts: Facts,
  acting: Acting,
): Promise<Reply> =>
  onOpen(id, "resolved", facts, acting, (incident, at) => {
    const held = incident.findings.map(({ key }) => key);
    const next = withEvent(incident, at, acting.by, "resolved", why);
    const left = held.length === 0 ? [] : [" What is still found is reported only if it ends and begins again."];
    return [
      {
        ...next,
        ...{ state: "resolved", resolvedAt: at, quietAt: incident.quietAt ?? at },
        ...{ findings: [], shownFindings: [...shownFindings(incident)], held },
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
  const now = facts.watch?.incidents().find((each) => each.id === id && each.openedAt !== null);
  if (now === undefined) throw await notThere(id, what, facts);
  // Refused before anything changes. The incident may change until it is revised, so this is decided again there.
  let [, headline, ...details] = act(now, at);
  const revised = await notes.revise(id, (incident) => {
    const [next, ...said] = act(incident, at);
    [headline, ...details] = said;
    return next;
  });
  if (revised === null) throw await notThere(id, what, facts);
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

async function notThere(id: string, what: string, { watch }: Facts): Promise<Refusal> {
  const archived = (await watch?.incident(id)) ?? null;
  const why =
    archived === null || archived.openedAt === null
      ? reason("NOT_FOUND", `there is no incident ${id}`, "read its id in `incident list`")
      : reason("INCIDENT_OVER", `${id} was resolved at ${archived.resolvedAt}, and is archived`);
  const next = archived === null ? ["incident list"] : [`incident show ${id}`];
  return new Refusal(`${id} can't be ${what}`, why, { next });
}

const withEvent = (
  incident: Incident,
  at: string,
  by: string,
  kind: IncidentEvent["kind"],
  text: string,
): Incident => ({ ...incident, events: [...incident.events, { at, kind, by, text }] });

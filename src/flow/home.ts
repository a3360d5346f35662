import { type Frozen, frozenAt, frozenText } from "../access/frozen.ts";
import { closes, detailsOfReview, whatWasDone } from "../access/review-acts.ts";
import { counted } from "../core/counted.ts";
import type { Severity } from "../core/finding.ts";
import type { FreezeRecord } from "../core/freeze.ts";
import type { Incident } from "../core/incident.ts";
import type { Cluster, Inventory } from "../core/inventory.ts";
import type { StorageObservations } from "../core/observation.ts";
import type { Operation } from "../core/operation.ts";
import { fixTexts, type OperatorError } from "../core/refusal.ts";
import { detailsOf, type Inline, type NextStep, type Text, type Tone, wordsOf } from "../core/reply.ts";
import type { Review } from "../core/review.ts";
import type { IncidentPlace, WatchFacts, WatchPause } from "../core/watch-facts.ts";
import { incidentReply } from "../watch/incident-reply.ts";
import { allFindings, causeText, leftText, storagesAtRisk } from "../watch/incident-text.ts";
import { isSilenced } from "../watch/on-call.ts";
import { decisions } from "./approval-replies.ts";
import { type Queued, queuedText, runningText, type UnderWay, underWay } from "./home-runs.ts";
import { gaugesOf } from "./home-storages.ts";
import { menuReply } from "./menu.ts";
import type { RunNow } from "./stop-reply.ts";

/** The Home tab of a person, independent of Slack: what is wrong, what waits, what runs, and what can be done. */
export interface Home {
  /** The point, in one line. */
  readonly title: string;
  readonly lead: Text;
  readonly sections: readonly HomeSection[];
  /** The buttons for what is next. */
  readonly next: readonly NextStep[];
  /** When it was made, ISO 8601. */
  readonly madeAt: string;
}
export interface HomeSection {
  readonly title: string;
  readonly items: readonly HomeItem[];
  /** What is left out, and the command that shows it; null: nothing. */
  readonly more: string | null;
}
export interface HomeItem {
  readonly tone: Tone;
  readonly text: readonly Inline[];
  readonly next: readonly NextStep[];
  /** The message that has everything about it. */
  readonly link: HomeLink | null;
}
export interface HomeLink extends IncidentPlace {
  readonly label: string;
}

/** What a Home is made from. All of it is in memory: no host is asked. */
export interface HomeFacts {
  readonly inventory: Inventory;
  readonly operations: readonly Operation[];
  readonly observations: StorageObservations;
  /** Of plans that ran without their second person. Absent: none. */
  readonly reviews?: readonly Review[];
  /** The operations between their confirmation and their end. Absent: none. */
  readonly runs?: readonly RunNow[];
  /** Absent: nothing is frozen. */
  readonly freezes?: FreezeRecord;
  /** null: hosts are not watched. */
  readonly watch: Pick<WatchFacts, "incidents" | "hosts" | "pauses" | "placeOf" | "uses"> | null;
  readonly nowMs: number;
}
interface Viewer {
  readonly id: string;
  readonly mayChange: boolean;
  /** Absent: no. */
  readonly mayApprove?: boolean;
  /** The ids of the open reviews that this person may close, and of the operations to stop. Absent: none. */
  readonly mayClose?: ReadonlySet<string>;
  readonly mayStop?: ReadonlySet<string>;
}

/** What a section lists. More than `most` would not be read on one screen: `rest` ends the line that counts them. */
interface Listed {
  readonly title: string;
  readonly noun: string;
  readonly most: number;
  readonly rest: string;
}
const listed = {
  clusters: { title: "Clusters", noun: "cluster", most: 8, rest: ", none of them worse: cluster list" },
  incidents: { title: "Open incidents", noun: "incident", most: 8, rest: ": incident list" },
  plans: { title: "Plans that wait for you", noun: "plan", most: 6, rest: ": operation list" },
  reviews: { title: "Reviews that wait for an admin", noun: "review", most: 6, rest: ": review list" },
  running: { title: "Running operations", noun: "operation", most: 6, rest: ": operation list" },
  queued: { title: "Operations in the queue", noun: "operation", most: 4, rest: ": operation list" },
  storages: { title: "Storages", noun: "storage", most: 12, rest: ", none of them fuller: sharedblock list" },
} as const satisfies Record<string, Listed>;

/** Buttons of an incident, apart from its link: more would fill the screen. */
const INCIDENT_STEPS = 3;

export function homeOf(facts: HomeFacts, viewer: Viewer): Home {
  const { inventory, watch, nowMs } = facts;
  const open = openIncidents(watch?.incidents() ?? [], nowMs);
  const plans = waitingPlans(facts, viewer);
  const mayClose = openReviews(facts).filter(({ id }) => viewer.mayClose?.has(id) === true);
  const { running, queued } = underWay(facts, facts.runs);
  const sections = [
    clusterSection(facts, open),
    sectionOf(listed.incidents, open, (incident) => incidentItem(incident, facts)),
    sectionOf(listed.plans, plans, (plan) => planItem(plan, viewer)),
    sectionOf(listed.reviews, mayClose, reviewItem),
    sectionOf(listed.running, running, (each) => runningItem(each, viewer)),
    sectionOf(listed.queued, queued, (each) => queuedItem(each, viewer)),
    storageSection(facts),
  ];
  return {
    title: titleOf(open, facts),
    lead: leadOf(plans.length, running.length, queued.length),
    sections: sections.filter(({ items }) => items.length > 0),
    next: menuReply(inventory).next,
    madeAt: new Date(nowMs).toISOString(),
  };
}

/** The operations with a stop button on a Home. */
export function stoppableIn(facts: HomeFacts): readonly Operation[] {
  const { running, queued } = underWay(facts, facts.runs);
  const shown = [...running.slice(0, listed.running.most), ...queued.slice(0, listed.queued.most)];
  return shown.flatMap(({ operation, run }) => (run !== null && run.stops.length > 0 ? [operation] : []));
}

/** Two people with the same view see the same Home. */
export function viewOf(facts: HomeFacts, viewer: Viewer): string {
  const { id, mayChange, mayApprove = false, mayClose = [], mayStop = [] } = viewer;
  const roles = [mayChange && "operator", mayApprove && "approver", ...mayClose, ...mayStop].filter(
    (role) => role !== false,
  );
  // The own plans have other buttons, and are seen without a role too.
  const isOwn = waitingPlans(facts, viewer).some(({ askedBy }) => askedBy === id);
  return isOwn && (mayApprove || !mayChange) ? [...roles, id].join(" ") : roles.join(" ");
}

/** For a person who may not read what the bot knows. */
export const refusedHome = ({ code, headline, reasons, fixes }: OperatorError, nowMs: number): Home => ({
  title: `${code}  ${headline}`,
  lead: [...reasons.map((each) => `• ${each}\n`), fixTexts(fixes).join("\n")],
  sections: [],
  next: [],
  madeAt: new Date(nowMs).toISOString(),
});

/** For a place that refuses what is in the sections. The menu's buttons stay. */
export const shortHome = (home: Home): Home => ({
  ...home,
  lead: [
    ...(typeof home.lead === "string" ? [home.lead] : home.lead),
    "\n",
    "Slack refused the rest of this page. These commands show it: ",
    { code: "incident list" },
    ", ",
    { code: "operation list" },
    ", ",
    { code: "inventory" },
    ".",
  ],
  sections: [],
});

const ranks: Readonly<Record<Severity, number>> = { critical: 3, warning: 2, info: 1 };
const tones: Readonly<Record<Severity, Tone>> = { critical: "bad", warning: "warning", info: "plain" };
const rankOf = (incidents: readonly Incident[]): number =>
  Math.max(0, ...incidents.map(({ severity }) => ranks[severity]));

/** Reported and not resolved. The worst first, silenced ones last, then the newest first. */
const openIncidents = (incidents: readonly Incident[], nowMs: number): Incident[] =>
  incidents
    .filter(({ state, openedAt }) => openedAt !== null && (state === "open" || state === "quiet"))
    .toSorted(
      (one, other) =>
        Number(isSilenced(one, nowMs)) - Number(isSilenced(other, nowMs)) ||
        ranks[other.severity] - ranks[one.severity] ||
        Date.parse(other.beganAt) - Date.parse(one.beganAt),
    );

function titleOf(open: readonly Incident[], { inventory, watch }: HomeFacts): string {
  if (inventory.clusters.length === 0) return "No cluster is in the inventory yet";
  if (watch === null) return "Hosts are not watched";
  if (open.length === 0) return isUnobserved(watch) ? "No host is observed yet" : "No open incident";
  const critical = open.filter(({ severity }) => severity === "critical").length;
  return `${counted(open.length, "open incident")}${critical === 0 ? "" : `, ${critical} critical`}`;
}

/** Just after a start nobody knows whether something is wrong. */
const isUnobserved = (watch: NonNullable<HomeFacts["watch"]>): boolean => {
  const hosts = watch.hosts();
  return hosts.length > 0 && hosts.every(({ observedAt }) => observedAt === null);
};

function leadOf(plans: number, running: number, queued: number): string {
  const waits =
    plans === 0 ? "No plan waits for you." : `${counted(plans, "plan")} ${plans === 1 ? "waits" : "wait"} for you.`;
  const runs =
    running === 0 ? "No operation runs." : `${counted(running, "operation")} ${running === 1 ? "runs" : "run"}.`;
  const queue = queued === 0 ? "" : ` ${counted(queued, "operation")} ${queued === 1 ? "waits" : "wait"} in the queue.`;
  return `${waits} ${runs}${queue}`;
}

function sectionOf<T>(
  { title, noun, most, rest }: Listed,
  all: readonly T[],
  itemOf: (each: T) => HomeItem,
): HomeSection {
  const left = all.length - most;
  const more = left <= 0 ? null : `${counted(left, `more ${noun}`)}${rest}`;
  return { title, items: all.slice(0, most).map(itemOf), more };
}

interface ClusterState {
  readonly cluster: Cluster;
  readonly incidents: readonly Incident[];
  readonly hosts: number;
  readonly silent: number;
  readonly unobserved: number;
  readonly pause: WatchPause | null;
  readonly frozen: readonly Frozen[];
}

function clusterSection(facts: HomeFacts, open: readonly Incident[]): HomeSection {
  const states = clusterStates(facts, open).toSorted(worseFirst);
  const isWatched = facts.watch !== null;
  return sectionOf(listed.clusters, states, (state) => clusterItem(state, isWatched));
}

function clusterStates({ inventory, watch, freezes, nowMs }: HomeFacts, open: readonly Incident[]): ClusterState[] {
  const watched = new Map((watch?.hosts() ?? []).map((host) => [host.hostUuid, host]));
  const hostsOf = new Map(inventory.clusters.map(({ uuid }) => [uuid, { hosts: 0, silent: 0, unobserved: 0 }]));
  for (const { uuid, clusterUuid } of inventory.hosts) {
    const counts = hostsOf.get(clusterUuid);
    if (counts === undefined) continue;
    const host = watched.get(uuid);
    counts.hosts += 1;
    if ((host?.observedAt ?? null) === null) counts.unobserved += 1;
    else if (host?.silence !== null) counts.silent += 1;
  }
  const pauses = (watch?.pauses() ?? []).filter(({ until }) => Date.parse(until) > nowMs);
  return inventory.clusters.map((cluster) => ({
    cluster,
    incidents: open.filter((incident) => concerns(incident, cluster)),
    ...(hostsOf.get(cluster.uuid) ?? { hosts: 0, silent: 0, unobserved: 0 }),
    pause: pauses.find(({ clusterUuid }) => clusterUuid === cluster.uuid) ?? null,
    frozen: freezes === undefined ? [] : frozenAt(freezes, [cluster.name], nowMs),
  }));
}

/** One cause, such as an array, can affect several clusters. */
const concerns = ({ clusterUuid, findings }: Incident, { uuid }: Cluster): boolean =>
  clusterUuid === uuid || findings.some((finding) => finding.clusterUuid === uuid);

const worseFirst = (one: ClusterState, other: ClusterState): number =>
  rankOf(other.incidents) - rankOf(one.incidents) ||
  other.silent - one.silent ||
  other.incidents.length - one.incidents.length ||
  Number(other.pause !== null) - Number(one.pause !== null) ||
  Number(other.frozen.length > 0) - Number(one.frozen.length > 0) ||
  one.cluster.name.localeCompare(other.cluster.name, "en", { numeric: true });

function clusterItem(
  { cluster, incidents, hosts, silent, unobserved, pause, frozen }: ClusterState,
  isWatched: boolean,
): HomeItem {
  const facts = [
    incidents.length > 0 ? severityText(incidents) : isWatched && unobserved < hosts ? "no incident" : null,
    hosts === 0 ? "no host" : counted(hosts, "host"),
    silent === 0 ? null : `${silent} ${silent === 1 ? "does" : "do"} not answer`,
    isWatched && unobserved > 0 ? `${unobserved === hosts ? "none" : `${unobserved} not`} observed yet` : null,
  ].filter((fact) => fact !== null);
  const paused: Inline[] = pause === null ? [] : ["; not watched until ", { at: pause.until, shows: "clock" }];
  return {
    tone: toneOfCluster(incidents, silent, isWatched && unobserved === 0 && pause === null && hosts > 0),
    text: [{ bold: cluster.name }, `: ${facts.join(", ")}`, ...paused, ...frozenText(frozen)],
    next:
      incidents.length === 0 && silent === 0 ? [] : [`cluster check ${cluster.name}`, `cluster map ${cluster.name}`],
    link: null,
  };
}

function toneOfCluster(incidents: readonly Incident[], silent: number, isKnown: boolean): Tone {
  if (rankOf(incidents) === ranks.critical) return "bad";
  if (rankOf(incidents) === ranks.warning || silent > 0) return "warning";
  return isKnown ? "good" : "plain";
}

/** `1 critical, 2 warning` */
const severityText = (incidents: readonly Incident[]): string =>
  (["critical", "warning", "info"] as const)
    .map((severity) => [incidents.filter((each) => each.severity === severity).length, severity] as const)
    .filter(([count]) => count > 0)
    .map(([count, severity]) => `${count} ${severity}${severity === "warning" && count > 1 ? "s" : ""}`)
    .join(", ");

function incidentItem(incident: Incident, { inventory, watch, nowMs }: HomeFacts): HomeItem {
  const { id, severity, beganAt, quietAt, acknowledged, assigned, silenced } = incident;
  const storages = storagesAtRisk(incident, inventory).map(({ name }) => name);
  const message = watch?.placeOf(id) ?? null;
  const facts = [leftText(allFindings(incident)), storages.length === 0 ? null : `At risk: ${storages.join(", ")}.`];
  return {
    tone: tones[severity],
    text: [
      { bold: `${id}: ${causeText(incident, inventory)}` },
      `\n${severity === "critical" ? "Critical" : severity === "warning" ? "Warning" : "Info"} since `,
      { at: beganAt },
      quietAt === null ? "." : ". Nothing is found now.",
      ...facts.flatMap((fact) => (fact === null ? [] : ` ${fact}`)),
      ...(acknowledged === null ? [] : [" Acknowledged by ", { person: acknowledged.by }, "."]),
      ...(assigned === null ? [] : [" Assigned to ", { person: assigned }, "."]),
      ...(silenced === null || !isSilenced(incident, nowMs) ? [] : [" Silenced until ", { at: silenced.until }, "."]),
    ],
    next: incidentSteps(incident, inventory, nowMs),
    link: message === null ? null : { label: "Open Incident", ...message },
  };
}

/** The buttons of its message. Its cluster has the check already. */
const incidentSteps = (incident: Incident, inventory: Inventory, nowMs: number): NextStep[] =>
  incidentReply(incident, inventory, nowMs)
    .next.filter((step) => !wordsOf(step).startsWith("cluster check "))
    .slice(0, INCIDENT_STEPS);

/** Plans that this person can confirm or approve. The asker sees the own ones in any case, and may cancel them. */
const waitingPlans = ({ operations, nowMs }: HomeFacts, viewer: Viewer): Operation[] =>
  operations
    .filter(({ state, expiresAt }) => state === "planned" && Date.parse(expiresAt) > nowMs)
    .filter((plan) => viewer.mayChange || plan.askedBy === viewer.id || canApprove(plan, viewer))
    .toSorted((one, other) => Date.parse(one.expiresAt) - Date.parse(other.expiresAt));

const waitsForApprover = ({ second }: Operation): boolean => second !== null && second.given === null;

const canApprove = (plan: Operation, { id, mayApprove = false }: Viewer): boolean =>
  mayApprove && waitsForApprover(plan) && plan.askedBy !== id;

const planItem = (plan: Operation, viewer: Viewer): HomeItem => ({
  tone: "plain",
  text: [
    { bold: plan.title },
    `\n${plan.id}, asked by `,
    { person: plan.askedBy },
    ", expires at ",
    { at: plan.expiresAt, shows: "clock" },
    ...secondText(plan),
  ],
  next: [...(canApprove(plan, viewer) ? decisions(plan) : []), detailsOf(plan.id)],
  link: linkTo("Open Plan", plan),
});

function secondText({ second }: Operation): Inline[] {
  if (second === null) return [];
  if (second.given === null) return ["\n", "It waits for an approver."];
  const { kind, by } = second.given;
  return ["\n", kind === "approved" ? "Approved by " : "BREAK-GLASS by ", { person: by, isQuiet: true }, "."];
}

export const openReviews = ({ reviews = [] }: HomeFacts): readonly Review[] =>
  reviews.filter(({ closed }) => closed === null);

const reviewItem = (review: Review): HomeItem => ({
  tone: "bad",
  text: [{ bold: `${review.operationId ?? review.id}: ${review.title}` }, "\n", ...whatWasDone(review)],
  next: [closes(review), ...detailsOfReview(review)],
  link: null,
});

const stopsFor = ({ operation, run }: UnderWay, { mayStop }: Viewer): readonly NextStep[] =>
  run !== null && mayStop?.has(operation.id) === true ? run.stops : [];

const runningItem = (each: UnderWay, viewer: Viewer): HomeItem => ({
  tone: "plain",
  text: runningText(each),
  next: stopsFor(each, viewer),
  link: linkTo("Open Progress", each.operation),
});

const queuedItem = (each: Queued, viewer: Viewer): HomeItem => ({
  tone: "plain",
  text: queuedText(each),
  next: [...stopsFor(each, viewer), detailsOf(each.waits.ahead[0])],
  link: linkTo("Open Progress", each.operation),
});

const linkTo = (label: string, { place, messageId }: Operation): HomeLink | null =>
  messageId === null ? null : { label, place, messageId };

function storageSection(facts: HomeFacts): HomeSection {
  const all = gaugesOf(facts);
  return sectionOf(listed.storages, all, ({ storage, gauge, since }) => ({
    tone: gauge?.severity === undefined || gauge.severity === null ? "plain" : tones[gauge.severity],
    text: [
      { bold: storage.name },
      storage.state === "Enabled" ? "\n" : ` (${storage.state})\n`,
      ...(gauge === null ? ["capacity not observed yet"] : [{ code: gauge.bar }, ` ${gauge.text}`]),
      ...(since === null ? [] : [", observed ", { at: since } as const]),
    ],
    next: gauge?.severity ? [`sharedblock show ${storage.name}`, `sharedblock capacity ${storage.name}`] : [],
    link: null,
  }));
}

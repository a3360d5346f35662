import type { Inventory } from "../../../src/core/inventory.ts";
import type { Operation } from "../../../src/core/operation.ts";
import type { SanState } from "../../../src/simulator/san/san-state.ts";
import { canCause } from "../../../src/watch/operation-effects.ts";
import type { Event } from "../timeline.ts";
import { isAboutStorage } from "./words.ts";

export interface WatchedFinding {
  readonly kind: string;
  readonly hostUuid: string | null;
  readonly wwid: string | null;
  readonly storageUuid: string | null;
  readonly text: string;
  /** When it was first seen, ISO 8601, by the bot's clock. */
  readonly since: string;
}
export interface WatchedIncident {
  readonly id: string;
  /** When people read of it, ISO 8601. */
  readonly openedAt: string;
  /** All that its titles named. */
  readonly findings: readonly WatchedFinding[];
  /** Whether its message was posted. */
  readonly isPosted: boolean;
}
/** What a bot posted that watched the hosts, and what may explain it. */
export interface WatchedStory {
  /** null: the bot did not watch. */
  readonly incidents: readonly WatchedIncident[] | null;
  readonly events: readonly Event[];
  /** The time of an event with `atMs` 0, in milliseconds since the epoch. */
  readonly beganMs: number;
  readonly operations: readonly Pick<Operation, "words" | "state" | "confirmedAt" | "finishedAt">[];
  readonly inventoryBefore: Inventory;
  readonly inventory: Inventory;
  readonly sanBefore: SanState;
  readonly san: SanState;
}

/** How long after a moment the bot may still see what happened then: an observation of a silent host and the next one. */
const SEEN_LATE_MS = 60_000;
/** A clock that goes ahead by hours. */
const HOUR_MS = 3_600_000;
/** How far the bot's clock goes ahead once everything comes again hours later. */
export const LATER_MS = 5 * HOUR_MS;
/** A host that is silent for so long, while the bot runs, is reported. */
const REPORTED_MS = 120_000;

/**
 * Each incident has a cause that the story made: a fault on this host or LUN at this time, something that was broken
 * before, or what an operation left that did not finish. What an operation causes that is done is no incident.
 */
export function falseAlarms(story: WatchedStory): string[] {
  return (story.incidents ?? []).flatMap((incident) => {
    const unexplained = incident.findings.filter((finding) => !isExplained(finding, incident, story));
    return unexplained.length === 0
      ? []
      : [`${incident.id} is a false alarm: ${unexplained.map(({ text }) => text).join("; ")}`];
  });
}

function isExplained(finding: WatchedFinding, incident: WatchedIncident, story: WatchedStory): boolean {
  const { kind, wwid } = finding;
  const host = nameOf(finding.hostUuid, story);
  const sinceMs = trueMs(finding.since, story);
  if (kind === "host unreachable")
    return silences(story).some(
      (silence) => silence.host === host && silence.fromMs <= sinceMs && sinceMs <= silence.toMs + SEEN_LATE_MS,
    );
  if (kind === "clock skew")
    return story.events.some((event) => event.kind === "again" && event.when === "hours later");
  const isOfPaths = ofPaths.includes(kind);
  if (isOfPaths && wasBroken(host, wwid, kind, story.sanBefore)) return true;
  if (isOfPaths && outside("unmaps", wwid, story).some((atMs) => atMs <= sinceMs)) return true;
  // The kernel learns of it from a rescan only, and that is an operation's.
  if (kind === "size changed")
    return outside("grows", wwid, story).some((atMs) => atMs <= sinceMs) && !isDuringAny(sinceMs, story);
  // An operation that ends midway has read it on some paths.
  if (kind === "size differs between paths") return outside("grows", wwid, story).some((atMs) => atMs <= sinceMs);
  return isLeft(finding, incident, story);
}

const ofPaths = [
  ...["path failed", "map degraded", "map without paths", "LUN without map", "LUN gone", "path outside its map"],
];

/** The bot's clock may be ahead at the end of the story. */
function trueMs(iso: string, { events, beganMs }: WatchedStory): number {
  const ms = Date.parse(iso);
  const later = events.find((event) => event.kind === "again" && event.when === "hours later");
  return later !== undefined && ms > beganMs + later.atMs + HOUR_MS ? ms - LATER_MS : ms;
}

const nameOf = (hostUuid: string | null, { inventoryBefore, inventory }: WatchedStory): string | null =>
  [...inventoryBefore.hosts, ...inventory.hosts].find(({ uuid }) => uuid === hostUuid)?.name ?? null;

interface Silence {
  readonly host: string;
  readonly fromMs: number;
  readonly toMs: number;
}
function silences({ events, beganMs }: WatchedStory): Silence[] {
  return events.flatMap((event) => {
    if (event.kind !== "fault" || !["host down", "host silent"].includes(event.does)) return [];
    const end = events.find((each) => each.kind === "healed" && each.host === event.host && each.seq > event.seq);
    const toMs = beganMs + (end?.atMs ?? Number.POSITIVE_INFINITY);
    return [{ host: event.host, fromMs: beganMs + event.atMs, toMs }];
  });
}

const outside = (does: "grows" | "unmaps", wwid: string | null, { events, beganMs }: WatchedStory): number[] =>
  events.flatMap((event) =>
    event.kind === "outside" && event.does === does && event.wwid === wwid ? [beganMs + event.atMs] : [],
  );

/** Only what its paths were: a map with one failed path is not without paths. */
function wasBroken(name: string | null, wwid: string | null, kind: string, { hosts }: SanState): boolean {
  const paths = hosts.find((host) => host.name === name)?.paths.filter((path) => path.wwid === wwid) ?? [];
  const isAll = paths.every(({ state }) => state !== "running");
  return paths.some(({ state }) => state !== "running") && (isAll || !["map without paths", "LUN gone"].includes(kind));
}

type Ran = WatchedStory["operations"][number];

const isDuring = (sinceMs: number, { confirmedAt, finishedAt }: Ran): boolean =>
  confirmedAt !== null &&
  Date.parse(confirmedAt) <= sinceMs &&
  (finishedAt === null || sinceMs <= Date.parse(finishedAt) + SEEN_LATE_MS);

const isDuringAny = (sinceMs: number, { operations }: WatchedStory): boolean =>
  operations.some((operation) => isDuring(sinceMs, operation));

/**
 * What an operation left that did not finish: it began then, on a host and a storage of the operation, and of a kind that
 * such an operation can cause. People read of it after the operation's end only.
 */
function isLeft(finding: WatchedFinding, { openedAt }: WatchedIncident, story: WatchedStory): boolean {
  return story.operations.some(
    (operation) =>
      ["failed", "unknown", "refused"].includes(operation.state) &&
      isDuring(trueMs(finding.since, story), operation) &&
      operation.finishedAt !== null &&
      Date.parse(operation.finishedAt) <= trueMs(openedAt, story) &&
      canCause(operation, finding) &&
      isOn(operation, finding, story),
  );
}

function isOn({ words }: Ran, { hostUuid, storageUuid, wwid }: WatchedFinding, story: WatchedStory): boolean {
  const { inventoryBefore, inventory } = story;
  const typed = words.split(/[\s,=]+/);
  const hosts = [...inventoryBefore.hosts, ...inventory.hosts];
  const clusters = [...inventoryBefore.clusters, ...inventory.clusters];
  const storages = [...inventoryBefore.primaryStorages, ...inventory.primaryStorages];
  const own = hosts.filter(({ uuid }) => uuid === hostUuid);
  const isNamed = own.some(({ name, clusterUuid }) =>
    [name, ...clusters.flatMap((cluster) => (cluster.uuid === clusterUuid ? [cluster.name] : []))].some((each) =>
      typed.includes(each),
    ),
  );
  const namesNone = ![...hosts, ...clusters].some(({ name }) => typed.includes(name));
  if (hostUuid !== null && !isNamed && !namesNone) return false;
  if (!/^(sharedblock|lun) /.test(words)) return true;
  const affected = storages.filter(({ uuid }) => uuid === storageUuid);
  const isAbout = affected.some(
    ({ name, sharedBlocks }) =>
      isAboutStorage(words, name) || sharedBlocks.some((block) => words.includes(block.wwid.slice(-6))),
  );
  return isAbout || (wwid !== null && words.includes(wwid.slice(-6))) || (storageUuid === null && wwid === null);
}

/**
 * What is broken at the end of the story was so for longer than anything must last. The bot has observed it, and so did
 * the bot that was started after it. So people have read of it.
 */
export function missedAlarms(story: WatchedStory): string[] {
  if (story.incidents === null) return [];
  const reported = story.incidents.flatMap(({ findings }) => findings);
  const isReported = (kinds: readonly string[], hostUuid: string, about: Partial<WatchedFinding>) =>
    reported.some(
      (finding) =>
        kinds.includes(finding.kind) &&
        finding.hostUuid === hostUuid &&
        (about.wwid === undefined || finding.wwid === about.wwid) &&
        (about.storageUuid === undefined || finding.storageUuid === about.storageUuid),
    );
  const missed: string[] = [];
  for (const { id, isPosted } of story.incidents)
    if (!isPosted) missed.push(`${id} opened, and its message was never posted`);
  for (const host of story.inventory.hosts) {
    const shown = story.san.hosts.find(({ name }) => name === host.name);
    if (shown === undefined || !story.inventoryBefore.hosts.some(({ uuid }) => uuid === host.uuid)) continue;
    const isMapped = (wwid: string) => shown.maps.some((map) => map.wwid === wwid);
    for (const { wwid, state, device } of shown.paths)
      if (state !== "running" && device !== null && isMapped(wwid) && !isReported(ofPaths, host.uuid, { wwid }))
        missed.push(`path ${device} of ${wwid} on ${host.name} is ${state} at the end, and no incident says so`);
    for (const storage of story.inventory.primaryStorages)
      if (hasLostLockspace(storage, host.name, story) && !isReported(ofLease, host.uuid, { storageUuid: storage.uuid }))
        missed.push(`${host.name} is no longer in the lockspace of ${storage.name}, and no incident says so`);
    for (const { toMs, fromMs, host: name } of silences(story))
      if (name === host.name && isLong(fromMs, toMs, story) && !isReported(["host unreachable"], host.uuid, {}))
        missed.push(`${name} was silent for ${Math.round((toMs - fromMs) / 1000)} s, and no incident says so`);
  }
  return [...new Set(missed)];
}

const ofLease = ["lockspace stopped", "lease lost", "lease old"];

/** It was in it before, and nothing people asked for took it out. */
function hasLostLockspace(
  { uuid, name, state, clusterUuids }: Inventory["primaryStorages"][number],
  hostName: string,
  { inventoryBefore, inventory, san, sanBefore, operations }: WatchedStory,
): boolean {
  const before = inventoryBefore.primaryStorages.find((storage) => storage.uuid === uuid);
  const host = inventory.hosts.find((each) => each.name === hostName);
  const takesOut = ({ words, confirmedAt }: Ran) =>
    confirmedAt !== null &&
    (isAboutStorage(words, name) || isAboutStorage(words, before?.name ?? name)) &&
    /^sharedblock (detach|maintain|disable|delete|rename)/.test(words);
  const isServed = state !== "Maintenance" && clusterUuids.includes(host?.clusterUuid ?? "");
  if (before === undefined || !isServed || operations.some(takesOut)) return false;
  return isJoined(hostName, uuid, sanBefore) && !isJoined(hostName, uuid, san);
}

function isJoined(hostName: string, storageUuid: string, { hosts, volumeGroups }: SanState): boolean {
  const group = volumeGroups.find(({ name }) => name === storageUuid)?.uuid;
  const host = hosts.find(({ name }) => name === hostName);
  return host?.lockspaces.some(({ volumeGroupUuid, joined }) => volumeGroupUuid === group && joined) === true;
}

/** The bot ran all that time. */
const isLong = (fromMs: number, toMs: number, { events, beganMs }: WatchedStory): boolean =>
  toMs - fromMs >= REPORTED_MS &&
  !events.some(({ kind, atMs }) => kind === "bot" && beganMs + atMs >= fromMs && beganMs + atMs <= toMs);

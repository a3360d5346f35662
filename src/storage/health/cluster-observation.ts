import type { Facts } from "../../core/facts.ts";
import { storageOf } from "../../core/find.ts";
import type { Gathered } from "../../core/host-command.ts";
import type { Cluster, Host, PrimaryStorage } from "../../core/inventory.ts";
import { type Outcome, valueOr } from "../../core/outcome.ts";
import { readClock } from "../../host/clock.ts";
import { type HostLease, listHostLeases, listWatchdogs, readSanlockStatus } from "../../host/sanlock.ts";
import { readUnits, type Unit } from "../../host/systemd.ts";
import { type HostView, lunReads } from "../observe/host-view.ts";
import { viewMade } from "../observe/hosts.ts";
import { type Lun, lunsOf } from "../observe/lun.ts";
import { notUnderstoodAbout, objectsOf } from "../observe/not-understood.ts";
import { keepObservation } from "../observe/status.ts";
import { LOCK_UNITS } from "../steps/lock-services.ts";
import { MULTIPATH_UNIT } from "./repair.ts";

export const checkReads = {
  ...lunReads,
  units: readUnits([...LOCK_UNITS, MULTIPATH_UNIT, "wdmd.service"]),
  sanlock: readSanlockStatus,
  watchdogs: listWatchdogs,
};
const reads = (storage: PrimaryStorage | null) => ({
  ...checkReads,
  ...(storage === null ? {} : { hostLeases: listHostLeases(storage.uuid) }),
});

/** One host of a cluster during an incident: everything that its storage depends on. */
export interface HostObservation {
  readonly host: Host;
  readonly view: HostView;
  readonly seen: Gathered<typeof checkReads>;
  /** The storage's host ids as this host reads them. Null if there is no storage. */
  readonly hostLeases: Outcome<HostLease[] | null> | null;
  /** The minimum and maximum of how far its clock is ahead of the bot's. Null if it did not answer. */
  readonly ahead: { readonly leastMs: number; readonly mostMs: number } | null;
}
export interface ClusterObservation {
  readonly storage: PrimaryStorage | null;
  readonly hosts: readonly HostObservation[];
  /** What all hosts together see. */
  readonly luns: readonly Lun[];
}

export async function observeCluster(
  cluster: Cluster,
  hosts: readonly Host[],
  facts: Facts,
): Promise<ClusterObservation> {
  const storage = storageOf(facts.inventory, cluster);
  const observations = await Promise.all(hosts.map((host) => observeHost(host, storage, facts)));
  return { storage, hosts: observations, luns: lunsOf(observations.map(({ view }) => view)) };
}

async function observeHost(host: Host, storage: PrimaryStorage | null, facts: Facts): Promise<HostObservation> {
  const seen = await facts.gather(host, reads(storage));
  const view = await viewMade(host, seen);
  keepObservation(view, facts);
  const hostLeases = "hostLeases" in seen && seen.hostLeases !== undefined ? seen.hostLeases : null;
  // Alone and on an open connection, because the duration of the answer is the error of the comparison.
  const ahead = isSilent(seen) ? null : await clockAhead(host, facts);
  return { host, view, seen, hostLeases, ahead };
}

/** No read was answered. If only one tool hangs, the other answers count. */
export const isSilent = (seen: Gathered<typeof checkReads>): boolean =>
  Object.values<Outcome>(seen).every(({ kind }) => kind === "unknown");

async function clockAhead(host: Host, facts: Facts): Promise<HostObservation["ahead"]> {
  const before = facts.now();
  const { clock } = await facts.gather(host, { clock: readClock });
  const after = facts.now();
  return clock.kind === "done" ? { leastMs: clock.value - after, mostMs: clock.value - before } : null;
}

export const unitOf = ({ seen }: HostObservation, name: string): Unit | null =>
  valueOr(seen.units, []).find((unit) => unit.name === name) ?? null;

/** Unknown if the host printed something about the storage that was not understood. Null otherwise. */
export function notUnderstood({ host, view }: HostObservation, storage: PrimaryStorage): Verdict | null {
  const [doubt] = notUnderstoodAbout(view, objectsOf(storage));
  return doubt === undefined ? null : unknown(`not understood: ${doubt.why}`, { next: `host show ${host.name}` });
}

/**
 * The command that connects a host again. If its storage is in maintenance, or it has none, the command prepares the
 * host without locks.
 */
export const reconnect = (
  { storage }: ClusterObservation,
  { host }: HostObservation,
  otherwise: "host prepare" | "host rescan",
): string =>
  storage === null || storage.state === "Maintenance"
    ? `${otherwise} ${host.name}`
    : `sharedblock reconnect ${storage.name} ${host.name}`;

export type Check = (observation: HostObservation, cluster: ClusterObservation) => Verdict | Verdicts;

/**
 * unsafe: other hosts may write what this one writes. broken: the host does not serve its storage, or is about to fail.
 * at risk: one more fault may stop it. none: nothing is there to check, and nothing must be there.
 */
export type Grade = "unsafe" | "broken" | "at risk" | "unknown" | "fine" | "none";

export interface Verdict {
  readonly grade: Grade;
  readonly seen: string;
  /** The WWIDs of the LUNs that the finding is about, if it is not about the check itself. */
  readonly luns?: readonly string[];
  /** The storage that these LUNs belong to. */
  readonly of?: string;
  /** The whole finding, if it is more than the check and what was seen. It begins with the hosts. */
  readonly sentence?: (hosts: string, count: number) => string;
  /** What other hosts show: `seen on 2 others`. */
  readonly also?: string;
  /** What removes it: a command of the bot, without the leading slash command, or what to do by hand; empty if none is known. */
  readonly fix: string;
  /** A command that only shows more, without the leading slash command. */
  readonly next?: string;
  /** A value that each host has for itself, in a fact that is the same for all. */
  readonly own?: OwnValue;
}

/** What one check found on one host: one verdict for each object. */
export type Verdicts = readonly [Verdict, ...Verdict[]];

interface OwnValue {
  readonly value: number;
  /** The fact with the values of several hosts. */
  readonly ofAll: (values: readonly number[]) => string;
}

export const fine = (seen: string, own?: OwnValue): Verdict => ({
  ...{ grade: "fine", seen, fix: "" },
  ...(own === undefined ? {} : { own }),
});

export const nothing = (seen: string): Verdict => ({ grade: "none", seen, fix: "" });

/** What hosts with the same fact have in common: it does not depend on their own values. */
export const commonOf = ({ seen, own }: Verdict): string => (own === undefined ? seen : own.ofAll([0]));

/** One fact of several hosts, with the values that are their own. */
export function seenOf(verdicts: readonly [Verdict, ...Verdict[]]): string {
  const [{ seen, own }] = verdicts;
  const values = verdicts.flatMap((each) => each.own?.value ?? []);
  return own !== undefined && new Set(values).size > 1 ? own.ofAll(values) : seen;
}

/** Not listed as a finding if both `fix` and `next` are empty. */
export const unknown = (
  seen: string,
  { fix = "", next = "" }: { readonly fix?: string; readonly next?: string } = {},
): Verdict => ({
  ...{ grade: "unknown", seen, fix },
  ...(next === "" ? {} : { next }),
});

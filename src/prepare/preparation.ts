import type { Facts } from "../core/facts.ts";
import { chosenHosts, clusterOf, hostsOf } from "../core/find.ts";
import { inOrder } from "../core/in-order.ts";
import type { Cluster, Host } from "../core/inventory.ts";
import { oneLinePerFact } from "../core/one-line-per-fact.ts";
import { type Plan, plan } from "../core/plan.ts";
import { type Reason, reason, refuse } from "../core/refusal.ts";
import type { Part } from "../core/reply.ts";
import { few, sharedFacts } from "../core/shared-facts.ts";
import { ETC_HOSTS, managedEntries } from "../host/hostname.ts";
import { SANLOCK_CONF } from "../host/lvm-settings.ts";
import { clusterLock } from "../storage/locks.ts";
import { leftOutParts } from "../storage/render/left-out.ts";
import { type Addresses, addressesOf, type Neighbour } from "./addresses.ts";
import { afterPackages, type Difference, differenceStage, differenceTable, namingHost } from "./difference.ts";
import { hostnameDifference, hostnameReasons } from "./hostname.ts";
import { contradictions, hostsFileDifference } from "./hosts-file.ts";
import { moduleDifferences } from "./kernel-modules.ts";
import { lockServiceDifferences, lockServiceReasons, sanlockConfDifference } from "./lock-services.ts";
import { lackedPackages, packageDifference } from "./needed-packages.ts";
import { type HostObservation, observeHost, observeNeighbours, type Unread } from "./observe.ts";
import { BY_ADMINISTRATOR, helperDifference, needsAdministrator } from "./root-helper.ts";

interface PrepareRequest {
  readonly hostOrCluster: string;
  readonly install: boolean;
}

export async function planPrepare({ hostOrCluster: target, install }: PrepareRequest, facts: Facts): Promise<Plan> {
  const { inventory } = facts;
  const hosts = chosenHosts(inventory, target);
  const headline = `${target} can't be prepared`;
  const cluster = clusterOf(inventory, hosts);
  const others = hostsOf(inventory, cluster).filter((host) => !hosts.includes(host));
  const [seen, siblings] = await Promise.all([
    Promise.all(hosts.map((host) => observeHost(host, facts))),
    observeNeighbours(others, facts),
  ]);
  const observations = seen.filter((each) => "seen" in each);
  const leftOut = seen.filter((each) => "problems" in each);
  const unread = leftOut.map(({ host, problems }) => reason("HOST_UNREADABLE", `${host.name}: ${problems.join("; ")}`));
  refuse(headline, observations.length === 0 ? unread : [], { next: [`host show ${hosts[0]?.name}`] });
  refuse(headline, observations.flatMap(reasonsAgainst), { next: ["help host prepare"] });

  const own = new Map(observations.map((observation) => [observation.host, observation.own]));
  const asked = hosts.map((host) => ({ host, own: own.get(host) ?? null }));
  const preparation = { target, cluster, install, observations, leftOut, neighbours: byName([...asked, ...siblings]) };
  const differences = differencesOf(preparation);
  const names = few(observations.map(({ host }) => host.name));
  const multipath = { when: "if multipath is not set up yet", run: `multipath enable ${target}` };
  const ready = reason("NOTHING_TO_DO", `already prepared: ${names}`, multipath);
  const outdated = helpersLeft(observations).map((why) => reason("HOST_NOT_READY", why, BY_ADMINISTRATOR));
  refuse(headline, differences.length === 0 ? [ready, ...outdated, ...unread] : []);
  const nothing = differences.every(({ steps }) => steps.length === 0);
  const lacks = lacking(observations).map((why) => reason("HOST_NOT_READY", why));
  refuse(headline, nothing ? [...lacks, ...unread] : [], {
    fixes: [{ run: `host prepare ${target} install=true` }],
  });
  return preparationPlan(preparation, differences);
}

/** All data about hosts that are prepared. */
interface Preparation {
  readonly target: string;
  readonly cluster: Cluster;
  /** Whether missing packages are installed. */
  readonly install: boolean;
  readonly observations: readonly HostObservation[];
  readonly leftOut: readonly Unread[];
  /** Every host of the cluster, for /etc/hosts. */
  readonly neighbours: readonly Neighbour[];
}

/** The differences on each host, in the order in which they are changed. */
const differencesOf = (preparation: Preparation): Difference[] =>
  preparation.observations.flatMap((observation) => differencesOn(observation, preparation));

function differencesOn(
  { host, seen, manager, helper, missing }: HostObservation,
  { neighbours, install }: Preparation,
): Difference[] {
  const modules = moduleDifferences(host, seen);
  const hostsFile = { path: ETC_HOSTS, realPath: seen.hostsFileAt, text: seen.hostsFile };
  const sanlockConf = { path: SANLOCK_CONF, realPath: seen.sanlockConfAt, text: seen.sanlockConf };
  const packages = install ? packageDifference(host, manager, missing) : lackedPackages(host, missing);
  return [
    ...hostnameDifference(host, seen.hostname, seen.hostnameAtBoot),
    ...namingHost(host, () => hostsFileDifference(host, hostsFile, addressesFor(seen.hostsFile, neighbours).entries)),
    ...sanlockConfDifference(host, sanlockConf, seen.units),
    ...(missing.length > 0 ? [packages] : []),
    ...(missing.includes("kmod") && !install ? modules.map(afterPackages) : modules),
    ...lockServiceDifferences(host, seen.units, { missing, install }),
    ...helperDifference(host, helper, manager, install),
  ];
}

const addressesFor = (hostsFile: string | null, neighbours: readonly Neighbour[]): Addresses =>
  addressesOf(neighbours, managedEntries(hostsFile));

function preparationPlan(preparation: Preparation, differences: readonly Difference[]): Plan {
  const { target, cluster } = preparation;
  return plan({
    title: `Prepare ${target}`,
    verb: "Prepare Hosts",
    undo: { none: "Packages and settings stay. Change them on the hosts." },
    facts: [differenceTable(differences), ...notes(preparation, differences)],
    stages: [differenceStage("Change packages and settings", differences)],
    leftOut: preparation.leftOut.map(({ host }) => host),
    locks: [clusterLock(cluster)],
    afterwards: stillLacking(preparation).map((part) => ({ part, after: [] })),
  });
}

/** Hosts that lack packages they need. */
const lacking = (observations: readonly HostObservation[]): string[] =>
  sharedFacts(
    observations.filter(({ missing }) => missing.length > 0),
    ({ host }) => host.name,
    ({ missing }) => `the packages ${missing.join(", ")}`,
  ).map(({ names, fact }) => `${few(names)} ${names.length === 1 ? "lacks" : "lack"} ${fact}`);

/** Hosts with a root helper that they can't replace themselves. */
function helpersLeft(observations: readonly HostObservation[]): string[] {
  const names = observations.filter(({ helper }) => needsAdministrator(helper)).map(({ host }) => host.name);
  if (names.length === 0) return [];
  return [`${few(names)} ${names.length === 1 ? "has" : "have"} a root helper of another version`];
}

/** The hosts that are not prepared, and the command for them. */
function stillLacking({ target, observations, install }: Preparation): Part[] {
  const lines = install ? [] : lacking(observations);
  return lines.length === 0
    ? []
    : [warning(`${lines.join("; ")}. What installs them: /zstack host prepare ${target} install=true`)];
}

/** What the operator must know besides the differences. */
function notes({ observations, leftOut, neighbours }: Preparation, differences: readonly Difference[]): Part[] {
  const changed = new Set(differences.map(({ host }) => host));
  const ready = observations.map(({ host }) => host).filter((host) => !changed.has(host));
  const without = new Set(observations.flatMap(({ seen }) => addressesFor(seen.hostsFile, neighbours).without));
  const otherwise = observations.flatMap(({ host, seen }) =>
    contradictions(host, seen.hostsFile, addressesFor(seen.hostsFile, neighbours).entries),
  );
  return [
    ...(ready.length > 0 ? [text(`Already prepared: ${namesOf(ready)}.`)] : []),
    ...leftOutParts(leftOut.map(({ host, problems }) => ({ host, why: problems.join("; ") }))),
    ...helpersLeft(observations).map((why) => warning(`${why}: ${BY_ADMINISTRATOR}.`)),
    ...(without.size > 0 ? [warning(`Not in /etc/hosts: ${few([...without], "; ")}.`)] : []),
    ...(otherwise.length > 0
      ? [
          warning(
            `Lines of /etc/hosts outside the block say otherwise, and stay: ${oneLinePerFact(otherwise).join("; ")}.`,
          ),
        ]
      : []),
  ];
}

const namesOf = (hosts: readonly Host[]): string => few(hosts.map((host) => host.name));
const text = (said: string): Part => ({ kind: "text", text: said });
const warning = (said: string): Part => ({ kind: "text", text: said, tone: "warning" });

const reasonsAgainst = ({ host, missing, seen }: HostObservation): Reason[] => [
  ...hostnameReasons(host),
  ...lockServiceReasons(host, missing, seen.units),
];

/** The block of /etc/hosts has the same order on every host. */
const byName = <T extends { readonly host: Host }>(all: readonly T[]): T[] => inOrder(all, ({ host }) => host.name);

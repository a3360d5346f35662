import type { Cluster, Host } from "../core/inventory.ts";
import type { Plan } from "../core/plan.ts";
import type { Part } from "../core/reply.ts";
import { managedEntries } from "../host/etc-hosts.ts";
import { type Addresses, addressesOf, type Neighbour } from "./addresses.ts";
import { type Difference, differenceStage, differenceTable, namingHost } from "./difference.ts";
import { hostnameDifference } from "./hostname.ts";
import { contradictions, hostsFileDifference } from "./hosts-file.ts";
import { moduleDifferences } from "./kernel-modules.ts";
import { lockServiceDifference, sanlockConfDifference } from "./lock-services.ts";
import type { HostLook, Unread } from "./look.ts";
import { packageDifference } from "./needed-packages.ts";

/** All that is known when hosts are made ready. */
export interface Preparation {
  readonly target: string;
  readonly cluster: Cluster;
  readonly looks: readonly HostLook[];
  readonly leftOut: readonly Unread[];
  /** Every host of the cluster, for /etc/hosts. */
  readonly neighbours: readonly Neighbour[];
}

/** What differs on each host, in the order in which it is made so. */
export const differencesOf = ({ looks, neighbours }: Preparation): Difference[] =>
  looks.flatMap(({ host, seen, missing }) => [
    ...hostnameDifference(host, seen.hostname, seen.hostnameAtBoot),
    ...namingHost(host, () =>
      hostsFileDifference(host, seen.hostsFile, addressesFor(seen.hostsFile, neighbours).entries),
    ),
    ...sanlockConfDifference(host, seen.sanlockConf, seen.units),
    ...(missing.length > 0 ? [packageDifference(host, seen.os, missing)] : []),
    ...moduleDifferences(host, seen.modules, seen.modulesAtBoot),
    ...lockServiceDifference(host, seen.os, seen.units),
  ]);

const addressesFor = (hostsFile: string | null, neighbours: readonly Neighbour[]): Addresses =>
  addressesOf(neighbours, managedEntries(hostsFile));

export function preparationPlan(preparation: Preparation, differences: readonly Difference[]): Plan {
  const { target, cluster } = preparation;
  return {
    title: `Prepare ${target}`,
    facts: [differenceTable(differences), ...notes(preparation, differences)],
    irreversible: [],
    stages: [differenceStage("Make it so", differences)],
    typedConfirmation: null,
    locks: [`hosts of ${cluster.name}`],
    afterwards: [],
    result: null,
  };
}

/** What the operator should know beside what differs. */
export function notes({ looks, leftOut, neighbours }: Preparation, differences: readonly Difference[]): Part[] {
  const changed = new Set(differences.map(({ host }) => host));
  const ready = looks.map(({ host }) => host).filter((host) => !changed.has(host));
  const without = new Set(looks.flatMap(({ seen }) => addressesFor(seen.hostsFile, neighbours).without));
  const otherwise = looks.flatMap(({ host, seen }) =>
    contradictions(host, seen.hostsFile, addressesFor(seen.hostsFile, neighbours).entries),
  );
  return [
    ...(ready.length > 0 ? [text(`As it should be already: ${namesOf(ready)}.`)] : []),
    ...leftOut.map(({ host, problems }) => warning(`Left out: ${host.name}: ${problems.join("; ")}`)),
    ...(without.size > 0 ? [warning(`Not in /etc/hosts: ${[...without].join("; ")}.`)] : []),
    ...(otherwise.length > 0
      ? [warning(`Lines of /etc/hosts outside the block say otherwise, and stay: ${otherwise.join("; ")}.`)]
      : []),
  ];
}

const namesOf = (hosts: readonly Host[]): string => hosts.map((host) => host.name).join(", ");
const text = (said: string): Part => ({ kind: "text", text: said });
const warning = (said: string): Part => ({ kind: "text", text: said, tone: "warning" });

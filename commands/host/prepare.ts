import { z } from "zod";
import { defineChange, type Facts } from "../../src/core/command.ts";
import { clusterOf, hostsMeant, hostsOf, refuse } from "../../src/core/find.ts";
import { inOrder } from "../../src/core/in-order.ts";
import { type Host, nameSchema } from "../../src/core/inventory.ts";
import type { Plan } from "../../src/core/plan.ts";
import { NEEDED_PACKAGES, packageNames } from "../../src/host/packages.ts";
import { hostnameObjections } from "../../src/prepare/hostname.ts";
import { lockServiceObjections } from "../../src/prepare/lock-services.ts";
import { type HostLook, lookAtHost, lookAtNeighbours } from "../../src/prepare/observe.ts";
import { differencesOf, lacking, preparationPlan } from "../../src/prepare/preparation.ts";

const args = z.strictObject({
  hostOrCluster: nameSchema.describe("a host or a cluster"),
  install: z
    .stringbool({ truthy: ["true", "yes"], falsy: ["false", "no"] })
    .default(false)
    .describe(`true: what is missing is installed of ${NEEDED_PACKAGES.map(packageNames).join(", ")}`),
});

export const hostPrepare = defineChange({
  name: "host prepare",
  summary: "make hosts ready: name, /etc/hosts, packages, multipath modules, lock services",
  risk: "trust",
  args,
  positional: ["hostOrCluster"],
  examples: ["host prepare cluster-1", "host prepare sharedblock-host1 install=true"],
  plan,
});

async function plan({ hostOrCluster: target, install }: z.output<typeof args>, facts: Facts): Promise<Plan> {
  const { inventory } = facts;
  const hosts = hostsMeant(inventory, target);
  const doing = `preparing ${target}`;
  const cluster = clusterOf(inventory, hosts);
  const others = hostsOf(inventory, cluster).filter((host) => !hosts.includes(host));
  const [seen, beside] = await Promise.all([
    Promise.all(hosts.map((host) => lookAtHost(host, facts))),
    lookAtNeighbours(others, facts),
  ]);
  const looks = seen.filter((each) => "seen" in each);
  const leftOut = seen.filter((each) => "problems" in each);
  const unread = leftOut.map(({ host, problems }) => `${host.name}: ${problems.join("; ")}`);
  refuse(doing, looks.length === 0 ? unread : [], [`host show ${hosts[0]?.name}`]);
  refuse(doing, looks.flatMap(objectionsTo), ["help host prepare"]);

  const own = new Map(looks.map((look) => [look.host, look.own]));
  const asked = hosts.map((host) => ({ host, own: own.get(host) ?? null }));
  const preparation = { target, cluster, install, looks, leftOut, neighbours: byName([...asked, ...beside]) };
  const differences = differencesOf(preparation);
  const ready = `${looks.map(({ host }) => host.name).join(", ")}: all is as it should be, so there is nothing to do`;
  refuse(doing, differences.length === 0 ? [ready, ...unread] : [], [`multipath enable ${target}`]);
  const nothing = differences.every(({ steps }) => steps.length === 0);
  refuse(doing, nothing ? [...lacking(looks), ...unread] : [], [`host prepare ${target} install=true`]);
  return preparationPlan(preparation, differences);
}

const objectionsTo = ({ host, missing, seen }: HostLook): string[] => [
  ...hostnameObjections(host),
  ...lockServiceObjections(host, missing, seen.units),
];

/** The block of /etc/hosts has the same order on every host. */
const byName = <T extends { readonly host: Host }>(all: readonly T[]): T[] => inOrder(all, ({ host }) => host.name);

import { z } from "zod";
import { defineChange } from "../../src/core/command.ts";
import { clusterOf, hostsMeant, hostsOf, refuse } from "../../src/core/find.ts";
import { nameSchema } from "../../src/core/inventory.ts";
import { whichTarget } from "../../src/iscsi/discovery.ts";
import { loginPlan } from "../../src/iscsi/login.ts";
import { chapUserSchema, portalListSchema, targetSchema } from "../../src/iscsi/names.ts";
import { bootUnitOf, DAEMON, type IscsiLook, initiatorsOf, lookAtTarget } from "../../src/iscsi/observe.ts";

export const iscsiLogin = defineChange({
  name: "iscsi login",
  summary: "log hosts in to an iSCSI target over every portal, now and at boot; without target= it names the targets",
  risk: "trust",
  args: z.strictObject({
    hostOrCluster: nameSchema.describe("a host or a cluster"),
    portal: portalListSchema.describe("the array's portals, IP or IP:PORT, several with commas"),
    target: targetSchema.describe("name of the target; without it the portals are asked").optional(),
    "chap-user": chapUserSchema.describe("CHAP user; the secret is asked for in a form").optional(),
  }),
  positional: ["hostOrCluster"],
  examples: [
    "iscsi login cluster-1 portal=172.20.14.11,172.20.14.12 target=iqn.2003-01.org.linux-iscsi.array2:shared",
    "iscsi login cluster-1 portal=172.20.14.11 target=iqn.2003-01.org.linux-iscsi.array2:guarded chap-user=zstack",
    "iscsi login sharedblock-host1 portal=172.20.14.11:3260",
  ],
  async plan({ hostOrCluster: place, portal: portals, target, "chap-user": chapUser = null }, facts) {
    const hosts = hostsMeant(facts.inventory, place);
    if (target === undefined) throw await whichTarget(place, portals, hosts, facts);
    const others = hostsOf(facts.inventory, clusterOf(facts.inventory, hosts)).filter((host) => !hosts.includes(host));
    const [looks, beside] = await Promise.all([lookAtTarget(target, hosts, facts), initiatorsOf(others, facts)]);
    const doing = `logging ${place} in to ${target}`;
    const install = looks.every(isInstalled) ? [] : [`host prepare ${place} install=true`];
    refuse(
      doing,
      [...looks.flatMap(unready), ...sharedNames([...looks, ...beside])],
      [...install, `iscsi list ${place}`],
    );
    return loginPlan({ place, target, portals, chapUser, looks });
  },
});

const isInstalled = (look: IscsiLook): boolean =>
  look.units.some((unit) => unit.name === DAEMON && unit.loaded) && bootUnitOf(look) !== null;

function unready(look: IscsiLook): string[] {
  const { host, problems } = look;
  if (problems.length > 0) return problems.map((problem) => `${host.name}: ${problem}`);
  if (isInstalled(look)) return [];
  return [
    `${host.name} has no ${DAEMON} or no service that logs in at boot; package iscsi-initiator-utils (RHEL family) or open-iscsi (Debian family)`,
  ];
}

/** Copied machines have one name, and the array ends the session of the one when the other logs in. */
function sharedNames(looks: readonly Pick<IscsiLook, "host" | "initiator">[]): string[] {
  const byName = new Map<string, string[]>();
  for (const { host, initiator } of looks) {
    if (initiator !== null) byName.set(initiator, [...(byName.get(initiator) ?? []), host.name]);
  }
  return [...byName]
    .filter(([, hosts]) => hosts.length > 1)
    .map(
      ([name, hosts]) =>
        `${hosts.join(" and ")} have the same initiator name ${name}: each needs its own in /etc/iscsi/initiatorname.iscsi`,
    );
}

import { z } from "zod";
import { defineChange, type Facts } from "../../src/core/command.ts";
import { clusterOf, hostNamed, refuse } from "../../src/core/find.ts";
import { type Cluster, type Host, nameSchema } from "../../src/core/inventory.ts";
import type { Plan } from "../../src/core/plan.ts";
import { Refusal } from "../../src/core/refusal.ts";
import type { Part } from "../../src/core/reply.ts";
import { clusterLock } from "../../src/storage/locks.ts";
import {
  type Departure,
  deadLeaseFacts,
  departureChecks,
  lockedIn,
  lookAtDeparture,
  stillAlive,
} from "../../src/storage/plans/remove-host.ts";

const args = z.strictObject({
  name: nameSchema.describe("name of the host"),
  force: z
    .stringbool({ truthy: ["true", "yes"], falsy: ["false", "no"] })
    .default(false)
    .describe("true: it is dead and can't be asked"),
  reason: z.string().min(3).max(500).describe("how you know that it is dead; goes into the audit log").optional(),
});

export const hostRemove = defineChange({
  name: "host remove",
  summary: "take a host out of the inventory; the host itself is not touched, and must not be locked into a storage",
  risk: "trust",
  args,
  positional: ["name"],
  examples: [
    "host remove sharedblock-host3",
    'host remove sharedblock-host3 force=true reason="mainboard burnt out, switched off"',
  ],
  plan,
});

async function plan({ name, force, reason }: z.output<typeof args>, facts: Facts): Promise<Plan> {
  const host = hostNamed(facts.inventory, name);
  const doing = `removing host ${name}`;
  if (force && reason === undefined) {
    throw new Refusal(doing, "force=true needs a reason: how do you know that it is dead?", [
      `host remove ${name} force=true reason="…"`,
    ]);
  }
  const departure = await lookAtDeparture(host, facts);
  const { storages, silent } = departure;
  const stop = storages.flatMap((storage) => [
    `sharedblock volumes ${storage.name}`,
    `sharedblock show ${storage.name}`,
  ]);
  refuse(doing, lockedIn(departure), [...stop, `host show ${name}`]);
  if (silent === null && force) {
    throw new Refusal(doing, `${name} answers: force=true is for a host that is dead`, [`host remove ${name}`]);
  }
  const cluster = clusterOf(facts.inventory, [host]);
  if (silent === null || (storages.length === 0 && !force)) return departurePlan(departure, cluster, null);
  if (!force) {
    const names = storages.map((storage) => storage.name).join(", ");
    const alive = stillAlive(departure);
    // Who writes its lease is not dead.
    const byForce = alive.length > 0 ? [] : [`host remove ${name} force=true reason="…"`];
    const why = `${name} may be locked into ${names} and can't be asked: ${silent}`;
    throw new Refusal(doing, [why, ...alive], [...byForce, `host show ${name}`]);
  }
  refuse(doing, stillAlive(departure), [`host show ${name}`]);
  return departurePlan(departure, cluster, reason ?? "");
}

/** `deadBecause` is the reason where the host is dead. */
function departurePlan(departure: Departure, cluster: Cluster, deadBecause: string | null): Plan {
  const { host, silent } = departure;
  const checks = departureChecks(departure);
  return {
    title: `Remove host ${host.name}${deadBecause === null ? "" : ", which is dead"}`,
    verb: "Remove Host",
    undo: { command: `host add ${host.name} address=${host.address} cluster=${cluster.name}` },
    facts: [
      ...(deadBecause === null ? [] : deadParts(departure, deadBecause)),
      ...(deadBecause === null && silent !== null ? [warning(`It does not answer (${silent}).`)] : []),
      { kind: "text", text: keyText(host) },
    ],
    irreversible: [],
    stages: [
      ...(checks.length === 0 ? [] : [{ kind: "hosts" as const, title: "It holds no storage", steps: checks }]),
      { kind: "record", title: "Write the inventory", changes: [{ kind: "host removed", uuid: host.uuid }] },
    ],
    typedConfirmation: null,
    locks: ["inventory", clusterLock(cluster), ...departure.storages.map((storage) => storage.uuid)],
    afterwards: [],
    result: null,
  };
}

const deadParts = (departure: Departure, reason: string): Part[] => [
  { kind: "text", text: `Reason given: ${reason}` },
  ...deadLeaseFacts(departure).map(warning),
];

const warning = (text: string): Part => ({ kind: "text", text, tone: "warning" });

const keyText = (host: Host): string =>
  `${host.address}:${host.port}, trusted key ${host.hostKeySha256}. Adding it again asks to trust its key anew.`;

import { counted } from "../../core/counted.ts";
import { gravest } from "../../core/error-codes.ts";
import type { Facts } from "../../core/facts.ts";
import { attachedHosts, hostNamed, storageNamed } from "../../core/find.ts";
import type { Host, PrimaryStorage } from "../../core/inventory.ts";
import { type Plan, plan } from "../../core/plan.ts";
import { type Reason, Refusal, reason, reasonText, refuse } from "../../core/refusal.ts";
import { type Inline, linesPart, type Part } from "../../core/reply.ts";
import { sharedFacts } from "../../core/shared-facts.ts";
import type { Step } from "../../core/step.ts";
import { problemFixes } from "../../host/problem.ts";
import { lunsOfStorage } from "../checks/group.ts";
import { finishWords, hasNoFinishedLun } from "../checks/unfinished.ts";
import {
  type Finding,
  leasesSeen,
  lockFindings,
  lunFindings,
  observeForRepair,
  type RepairObservation,
} from "../health/repair.ts";
import { storageLocks } from "../locks.ts";
import { storageNow } from "../render/storage.ts";
import { verifyStage } from "../steps/join.ts";
import { hostIdChanges, idLock } from "../steps/serve.ts";

interface ReconnectRequest {
  readonly name: string;
  readonly host?: string | undefined;
}

export async function planReconnect({ name, host: hostName }: ReconnectRequest, facts: Facts): Promise<Plan> {
  const storage = storageNamed(facts.inventory, name);
  const what = hostName === undefined ? name : `${hostName} to ${name}`;
  const headline = `${what} can't be reconnected`;
  refuseOutOfService(headline, storage, facts);
  const all = attachedHosts(facts.inventory, storage);
  const hosts = hostName === undefined ? all : [attachedHost(headline, hostName, all, storage, facts)];
  if (hosts.length === 0) {
    throw new Refusal(headline, reason("NO_HOSTS", "no host of its clusters is registered"), {
      next: ["help host add"],
    });
  }
  const repairs = repairsOf(hosts, storage, await observeForRepair(all, storage, facts));
  if (repairs.every(({ unfixable }) => unfixable)) {
    refuse(headline, repairs.map(unfixableReason), { next: hosts.slice(0, 3).map((each) => `host show ${each.name}`) });
  }
  return reconnectionPlan(storage, repairs, what, facts);
}

/** One host, with the problems of its connection. */
interface Repair extends Finding {
  readonly observation: RepairObservation;
  /** No step is planned on this host. */
  readonly unfixable: boolean;
}

/** `observations` has all the storage's hosts, because what the others see shows the problems of one. */
function repairsOf(
  hosts: readonly Host[],
  storage: PrimaryStorage,
  observations: readonly RepairObservation[],
): Repair[] {
  const luns = lunsOfStorage(
    storage,
    observations.map(({ view }) => view),
  );
  return observations
    .filter(({ host }) => hosts.includes(host))
    .map((observation) => {
      if (observation.problems.length > 0) {
        const steps = proof(observation, storage, false);
        return {
          observation,
          wrong: ["could not be read completely"],
          steps,
          cannot: observation.problems.map((why) =>
            reason("HOST_UNREADABLE", why, ...problemFixes(why, observation.host.name)),
          ),
          unfixable: true,
        };
      }
      const others = leasesSeen(observations.filter((each) => each !== observation));
      const [disks, locks] = [lunFindings(observation, luns), lockFindings(observation, storage, others)];
      const cannot = [...disks.cannot, ...locks.cannot];
      const tries = [...disks.steps, ...locks.steps];
      return {
        observation,
        wrong: [...disks.wrong, ...locks.wrong],
        steps: [...tries, ...proof(observation, storage, locks.cannot.length === 0)],
        cannot,
        unfixable: tries.length === 0 && locks.cannot.length > 0,
      };
    });
}

/**
 * The plan always verifies that a host is connected, so that "done" is true for all. It does not wait for a host that
 * can't connect.
 */
function proof({ host, hostId }: RepairObservation, { uuid }: PrimaryStorage, mayCome: boolean): readonly Step[] {
  const stage = verifyStage(new Map([[host, hostId]]), uuid);
  if (stage.kind !== "hosts") return [];
  return mayCome ? stage.steps : stage.steps.map((step) => ("check" in step ? { ...step, withinMs: 0 } : step));
}

function reconnectionPlan(storage: PrimaryStorage, repairs: readonly Repair[], what: string, facts: Facts): Plan {
  const observations = repairs.filter(({ unfixable }) => !unfixable).map(({ observation }) => observation);
  const ids = hostIdChanges(observations);
  const table = repairTable(repairs);
  return plan({
    title: `Reconnect ${what}`,
    verb: "Reconnect",
    undo: { command: `sharedblock maintain ${storage.name}` },
    facts: [table],
    stages: [
      { kind: "record", title: "Give sanlock host ids", changes: ids },
      {
        kind: "hosts",
        title: `Bring ${repairs.length === 1 ? "the host" : counted(repairs.length, "host")} back and check it`,
        steps: repairs.flatMap(({ steps }) => steps),
        waitingFor: "disks, maps and sanlock's leases, about half a minute side by side",
        eachHostAlone: true,
      },
    ],
    locks: [...storageLocks(storage, facts.inventory), ...idLock(observations)],
    result: async (later) => {
      const now = await storageNow(storage, later);
      return {
        ...now,
        shown: [...repairLines(repairs), ...now.shown],
        details: [...(repairs.length > MOST_LINES ? [table] : []), ...(now.details ?? [])],
      };
    },
  });
}

function repairTable(repairs: readonly Repair[]): Part {
  return {
    kind: "table",
    caption: "What was wrong",
    columns: ["hosts", "wrong", "needs a person", "what is done"],
    rows: alike(repairs).map(({ hosts, items: [{ wrong, steps, cannot }] }) => [
      ...[hosts, wrong.join("; ") || "nothing"],
      ...[cannot.map(reasonText).join("; ") || "nothing", triedText(steps)],
    ]),
  };
}

/** Up to six hosts have one line each. If there are more, only hosts that need a person have one. */
function repairLines(repairs: readonly Repair[]): Part[] {
  const shown = repairs.length <= MOST_LINES ? repairs : repairs.filter(({ cannot }) => cannot.length > 0);
  const lines = alike(shown, repairs.length).map(({ hosts, items: [{ wrong, steps, cannot }] }): Inline[] => [
    { bold: hosts },
    `: ${wrong.join("; ") || "nothing was wrong"}. Done: ${triedText(steps)}.`,
    ...(cannot.length === 0 ? [] : [` Needs a person: ${cannot.map(reasonText).join("; ")}.`]),
  ]);
  return lines.length === 0 ? [] : [linesPart("What was wrong", lines)];
}

/** What is the same on several hosts, but for their own names. */
const alike = (repairs: readonly Repair[], asked = repairs.length) =>
  sharedFacts(
    repairs,
    ({ observation }) => observation.host.name,
    ({ observation, wrong, steps, cannot }) =>
      JSON.stringify([wrong, triedText(steps), cannot.map(reasonText)]).replaceAll(observation.host.name, "\0"),
    asked,
  );

const MOST_LINES = 6;

function triedText(steps: readonly Step[]): string {
  const changes = steps.flatMap((step) => ("check" in step ? [] : step.why));
  return changes.join("; ") || (steps.length > 0 ? "only checked" : "nothing");
}

/** One line for the host, with the fixes of all findings. */
function unfixableReason({ observation, wrong, cannot }: Repair): Reason {
  const text = `${observation.host.name}: ${[...wrong, ...cannot.map((each) => each.text)].join("; ")}`;
  const [first, ...others] = cannot;
  const code = first === undefined ? "CANT_BE_FIXED" : gravest([first.code, ...others.map((each) => each.code)]);
  return reason(code, text, ...cannot.flatMap(({ fixes }) => fixes));
}

/** A storage in maintenance is not reconnected. */
function refuseOutOfService(headline: string, storage: PrimaryStorage, facts: Facts): void {
  const { name, state, clusterUuids } = storage;
  if (state === "Maintenance") {
    const why = `${name} is in maintenance, so its locks are stopped`;
    const maintain = {
      ...({ or: true, when: "if a host still holds its locks" } as const),
      run: `sharedblock maintain ${name}`,
    };
    throw new Refusal(headline, reason("WRONG_STATE", why, { run: `sharedblock enable ${name}` }, maintain));
  }
  if (clusterUuids.length === 0) {
    const why = reason("STORAGE_NOT_ATTACHED", `${name} is attached to no cluster`);
    throw new Refusal(headline, why, { next: ["help sharedblock attach"] });
  }
  if (hasNoFinishedLun(storage)) {
    const finish = { run: finishWords(storage, facts.inventory) };
    throw new Refusal(headline, reason("STORAGE_UNFINISHED", `${name} is not finished`, finish));
  }
}

function attachedHost(
  headline: string,
  hostName: string,
  all: readonly Host[],
  storage: PrimaryStorage,
  { inventory }: Facts,
): Host {
  const host = hostNamed(inventory, hostName);
  if (all.includes(host)) return host;
  const cluster = inventory.clusters.find((each) => each.uuid === host.clusterUuid);
  const why = `${hostName} is in ${cluster?.name}, and ${storage.name} is not attached there`;
  const fix = { run: `sharedblock attach ${storage.name} ${cluster?.name}` };
  throw new Refusal(headline, reason("STORAGE_NOT_ATTACHED", why, fix));
}

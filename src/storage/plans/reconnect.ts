import type { Facts } from "../../core/command.ts";
import type { Host, PrimaryStorage } from "../../core/inventory.ts";
import type { Plan, Step } from "../../core/plan.ts";
import type { Part } from "../../core/reply.ts";
import { lockFindings } from "../health/repair-locks.ts";
import { type Finding, lunFindings } from "../health/repair-luns.ts";
import { leasesSeen, type RepairLook } from "../health/repair-observation.ts";
import { storageLocks } from "../locks.ts";
import { verifyStage } from "../steps/join.ts";
import { idLock, idsGiven } from "../steps/serve.ts";
import { lunsOfStorage, storageNow } from "./attach.ts";

/** One host, with what is wrong with its connection. */
export interface Repair extends Finding {
  readonly look: RepairLook;
  /** Nothing is to be tried there. */
  readonly hopeless: boolean;
}

/** `looks` are all the storage's hosts; what the others see tells what is wrong with one. */
export function repairsOf(hosts: readonly Host[], storage: PrimaryStorage, looks: readonly RepairLook[]): Repair[] {
  const luns = lunsOfStorage(
    storage,
    looks.map(({ view }) => view),
  );
  return looks
    .filter(({ host }) => hosts.includes(host))
    .map((look) => {
      if (look.problems.length > 0) {
        const steps = proof(look, storage, false);
        return { look, wrong: ["could not be read whole"], steps, cannot: look.problems, hopeless: true };
      }
      const others = leasesSeen(looks.filter((each) => each !== look));
      const [disks, locks] = [lunFindings(look, luns), lockFindings(look, storage, others)];
      const cannot = [...disks.cannot, ...locks.cannot];
      const tries = [...disks.steps, ...locks.steps];
      return {
        look,
        wrong: [...disks.wrong, ...locks.wrong],
        steps: [...tries, ...proof(look, storage, locks.cannot.length === 0)],
        cannot,
        hopeless: tries.length === 0 && locks.cannot.length > 0,
      };
    });
}

/** That a host is connected is proved in any case, so that "done" means all; what it can't be is not waited for. */
function proof({ host, hostId }: RepairLook, { uuid }: PrimaryStorage, mayCome: boolean): readonly Step[] {
  const stage = verifyStage(new Map([[host, hostId]]), uuid);
  if (stage.kind !== "hosts") return [];
  return mayCome ? stage.steps : stage.steps.map((step) => ("check" in step ? { ...step, withinMs: 0 } : step));
}

export function reconnectionPlan(
  storage: PrimaryStorage,
  repairs: readonly Repair[],
  what: string,
  facts: Facts,
): Plan {
  const looks = repairs.filter(({ hopeless }) => !hopeless).map(({ look }) => look);
  const ids = idsGiven(looks);
  const table = repairTable(repairs);
  return {
    title: `Reconnect ${what}`,
    verb: "Reconnect",
    undo: { command: `sharedblock maintain ${storage.name}` },
    facts: [table],
    irreversible: [],
    stages: [
      ...(ids.length > 0 ? [{ kind: "record" as const, title: "Give sanlock host ids", changes: ids }] : []),
      {
        kind: "hosts",
        title: `Bring ${repairs.length === 1 ? "the host" : `${repairs.length} hosts`} back and prove it`,
        steps: repairs.flatMap(({ steps }) => steps),
        waitingFor: "disks, maps and sanlock's leases, about half a minute side by side",
        eachHostAlone: true,
      },
    ],
    typedConfirmation: null,
    locks: [...storageLocks(storage, facts.inventory), ...idLock(looks)],
    afterwards: [],
    result: async (later) => [table, ...(await storageNow(storage, later))],
  };
}

function repairTable(repairs: readonly Repair[]): Part {
  return {
    kind: "table",
    caption: "What was wrong",
    columns: ["host", "wrong", "tried", "needs a person"],
    rows: repairs.map(({ look, wrong, steps, cannot }) => [
      look.host.name,
      wrong.join("; ") || "nothing",
      triedText(steps),
      cannot.join("; ") || "nothing",
    ]),
  };
}

function triedText(steps: readonly Step[]): string {
  const changes = steps.flatMap((step) => ("check" in step ? [] : step.why));
  return changes.join("; ") || (steps.length > 0 ? "only checked" : "nothing");
}

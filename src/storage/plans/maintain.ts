import { asking } from "../../core/asking.ts";
import type { Facts } from "../../core/facts.ts";
import { attachedHosts, refuse, storageNamed } from "../../core/find.ts";
import type { ReadCommand } from "../../core/host-command.ts";
import { named } from "../../core/host-text.ts";
import type { Host, Inventory, PrimaryStorage } from "../../core/inventory.ts";
import { type Guard, guardRead, type Plan, type Stage, type Step } from "../../core/plan.ts";
import { Refusal } from "../../core/refusal.ts";
import type { Part } from "../../core/reply.ts";
import { listActiveVolumes } from "../../host/dmsetup.ts";
import { listRunningVms, listVmDisks, powerOffVm, shutDownVm } from "../../host/libvirt.ts";
import { storageLocks } from "../locks.ts";
import type { Objection } from "../objection.ts";
import { strangerNext, strangersAmong, strangerText } from "../observe/foreign-hosts.ts";
import { type HeldMachine, type Hold, isFree, lookAtHolds, namesOf, volumeAt } from "../observe/holds.ts";
import { few } from "../render/matrix.ts";
import { storageNow } from "../render/storage.ts";
import { withoutEmpty } from "../steps/serve.ts";
import { holdNext, holdObjections, holdsParts, joinStage, withdrawStages } from "../steps/withdraw.ts";
import { openedBy } from "./detach.ts";

interface MaintainRequest {
  readonly name: string;
  readonly grace: number;
}

export async function planMaintain(asked: MaintainRequest, facts: Facts): Promise<Plan> {
  const { inventory } = facts;
  const storage = storageNamed(inventory, asked.name);
  const doing = `taking ${storage.name} into maintenance`;
  const hosts = attachedHosts(inventory, storage);
  const holds = await lookAtHolds(storage.uuid, hosts, facts);
  refuse(doing, holdObjections(storage, holds), holdNext(storage, holds));
  const readings = holds.map(({ hostLeases }) => hostLeases);
  const strangers = strangersAmong(hosts, readings, inventory);
  refuse(
    doing,
    strangers.map((stranger) => strangerText(storage, stranger)),
    [...strangerNext(storage, strangers), `sharedblock maintain ${storage.name}`],
  );
  if (storage.state === "Maintenance" && holds.every(isFree)) {
    throw new Refusal(doing, "it is in maintenance already: no host holds anything of it", [
      `sharedblock enable ${storage.name}`,
    ]);
  }
  refuse(doing, unstoppableObjections(holds), [
    `sharedblock volumes ${storage.name}`,
    `sharedblock maintain ${storage.name}`,
  ]);
  return maintenancePlan({ storage, holds, graceSeconds: asked.grace, inventory });
}

export interface Maintenance {
  readonly storage: PrimaryStorage;
  readonly holds: readonly Hold[];
  /** How long machines may take to shut down; 0: they are not asked. */
  readonly graceSeconds: number;
  readonly inventory: Inventory;
}

/** Open volumes that stopping machines won't close. One that is no disk of a machine may be a backing file of one that runs. */
export const unstoppableObjections = (holds: readonly Hold[]): Objection[] =>
  holds
    .filter(({ machines, machinesUnknown }) => machines.length === 0 || machinesUnknown !== null)
    .flatMap((hold) =>
      hold.volumes
        .filter((volume) => volume.openCount > 0 && volume.machines.length === 0)
        .map((volume) => `volume ${volume.name} is open on ${hold.host.name} by ${openedBy(volume, hold)}`),
    );

export function maintenancePlan({ storage, holds, graceSeconds, inventory }: Maintenance): Plan {
  const machines = holds.flatMap((hold) => hold.machines.map((machine) => ({ host: hold.host, machine })));
  return {
    title: `Take ${storage.name} into maintenance`,
    verb: machines.length > 0 ? "Stop VMs and Maintain" : "Start Maintenance",
    undo: { command: `sharedblock enable ${storage.name}` },
    facts: [...machineParts(holds), ...openParts(holds), ...holdsParts(holds)],
    irreversible:
      machines.length === 0
        ? []
        : [
            `${machines.length} machine(s) stop, NeverStop ones too. Those that still run ${graceSeconds} s after they were asked lose their power, and what their guests had not written is lost.`,
          ],
    stages: [
      ...withoutEmpty([joinStage(holds, storage.uuid)]),
      ...stopStages(storage, machines, graceSeconds),
      ...withdrawStages(holds, storage.uuid),
      {
        kind: "record",
        title: "Record the maintenance",
        changes: [{ kind: "primary storage state wished", uuid: storage.uuid, state: "Maintenance" }],
      },
    ],
    typedConfirmation: null,
    locks: storageLocks(storage, inventory),
    afterwards: [],
    result: (facts) => storageNow(storage, facts),
  };
}

function machineParts(holds: readonly Hold[]): Part[] {
  const rows = holds.flatMap(({ host, machines }) =>
    machines.map(({ name, volumes }) => [host.name, name, few(volumes)]),
  );
  if (rows.length === 0) return [{ kind: "text", text: "No machine runs on it." }];
  return [
    {
      kind: "table",
      compared: true,
      caption: "Machines that would be stopped",
      columns: ["host", "machine", "its volumes"],
      rows,
    },
    {
      kind: "text",
      text: "Whoever starts machines by itself (ZStack starts NeverStop ones again) must know of the maintenance first: a machine that is started meanwhile keeps its host's locks, and the plan stops there.",
      tone: "warning",
    },
  ];
}

function openParts(holds: readonly Hold[]): Part[] {
  const rows = holds.flatMap((hold) =>
    hold.volumes
      .filter(({ openCount }) => openCount > 0)
      .map((volume) => [hold.host.name, volume.name, openedBy(volume, hold)]),
  );
  return rows.length === 0
    ? []
    : [{ kind: "table", caption: "Open volumes", columns: ["host", "volume", "opened by"], rows }];
}

interface Running {
  readonly host: Host;
  readonly machine: HeldMachine;
}

/** All are asked at once and share the grace; what has not gone by then is powered off. */
function stopStages(storage: PrimaryStorage, machines: readonly Running[], graceSeconds: number): Stage[] {
  const steps = (step: (running: Running) => Step) => machines.map(step);
  return withoutEmpty([
    {
      kind: "hosts",
      title: "Ask the machines to shut down",
      steps:
        graceSeconds === 0
          ? []
          : steps(({ host, machine }) => ({
              host,
              command: shutDownVm(machine.uuid),
              why: `asks ${named(machine.name)} to shut down; where it can't be asked, the next stage decides`,
            })),
    },
    {
      kind: "hosts",
      title: graceSeconds === 0 ? "Power the machines off" : `Power off what still runs after ${graceSeconds} s`,
      steps: steps(({ host, machine }) => ({
        host,
        command: powerOffVm(machine.uuid),
        unless: { holds: isOff(machine), withinMs: graceSeconds * 1000 },
        guard: stillOn(host, machine, storage),
        why: `takes the power of ${named(machine.name)}, unless it has shut down by then`,
      })),
      ...(graceSeconds === 0 ? {} : { waitingFor: `machines to shut down, at most ${graceSeconds} s` }),
    },
    {
      kind: "hosts",
      title: "Nothing has a volume open any more",
      steps: [...new Set(machines.map(({ host }) => host))].map((host) => ({
        host,
        check: nothingOpen(storage),
        withinMs: 20_000,
        why: "proves that the machines let their volumes go",
      })),
    },
  ]);
}

function isOff({ uuid }: HeldMachine): ReadCommand<boolean> {
  return asking(listRunningVms, (machines) => !machines.some((machine) => machine.uuid === uuid));
}

const stillOn = (host: Host, { uuid, name }: HeldMachine, storage: PrimaryStorage): Guard => [
  guardRead(host, { disks: listVmDisks(uuid) }, ({ disks }) =>
    disks.some((disk) => volumeAt(disk, storage.uuid) !== null)
      ? null
      : `machine ${named(name)} has no disk on ${storage.name} any more`,
  ),
];

function nothingOpen({ uuid }: PrimaryStorage): ReadCommand<string | null> {
  return asking(listActiveVolumes, (volumes) => {
    const opened = volumes.filter(({ openCount }) => openCount > 0);
    const open = namesOf(opened, uuid);
    return open.length === 0
      ? null
      : `still has ${few(open)} open: find what uses it, close it, and type the words again`;
  });
}

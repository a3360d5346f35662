import { check, mapRead } from "../../core/check.ts";
import type { Facts } from "../../core/facts.ts";
import { storageNamed, usingHosts } from "../../core/find.ts";
import type { ReadCommand } from "../../core/host-command.ts";
import { named } from "../../core/host-text.ts";
import type { Host, Inventory, PrimaryStorage } from "../../core/inventory.ts";
import { type Plan, plan, type Stage } from "../../core/plan.ts";
import { type Reason, Refusal, reason, refuse } from "../../core/refusal.ts";
import { type Inline, linesPart, type Part } from "../../core/reply.ts";
import { few, sharedFacts } from "../../core/shared-facts.ts";
import { type Guard, guardRead, type Step } from "../../core/step.ts";
import { listActiveVolumes } from "../../host/dmsetup.ts";
import { listRunningVms, listVmDisks, powerOffVm, shutDownVm } from "../../host/libvirt.ts";
import { clusterLocks, storageLocks } from "../locks.ts";
import { foreignHostReason, foreignHostsAmong } from "../observe/foreign-hosts.ts";
import {
  isFree,
  namesOf,
  observeStorageOn,
  type StorageOnHost,
  type UsingVm,
  volumeAt,
} from "../observe/storage-on-host.ts";
import { storageNow } from "../render/storage.ts";
import { joinStage, onHostsParts, withdrawHelp, withdrawReasons, withdrawStages } from "../steps/withdraw.ts";
import { openedBy, openReason } from "./detach.ts";

interface MaintainRequest {
  readonly name: string;
  readonly grace: number;
}

export async function planMaintain(asked: MaintainRequest, facts: Facts): Promise<Plan> {
  const { inventory } = facts;
  const storage = storageNamed(inventory, asked.name);
  const headline = `${storage.name} can't go into maintenance`;
  const hosts = usingHosts(inventory, storage);
  const onHosts = await observeStorageOn(storage.uuid, hosts, facts);
  refuse(headline, withdrawReasons(storage, onHosts), withdrawHelp(storage, onHosts));
  const readings = onHosts.map(({ hostLeases }) => hostLeases);
  const foreign = foreignHostsAmong(hosts, readings, inventory);
  refuse(
    headline,
    foreign.map((foreignHost) => foreignHostReason(storage, foreignHost)),
    { next: [`sharedblock show ${storage.name}`] },
  );
  if (storage.state === "Maintenance" && onHosts.every(isFree)) {
    const fix = { when: "to end the maintenance", run: `sharedblock enable ${storage.name}` };
    throw new Refusal(headline, reason("NOTHING_TO_DO", "it is in maintenance already, and no host uses it", fix));
  }
  refuse(headline, unstoppableReasons(onHosts), {
    fixes: [{ first: "close these volumes", run: `sharedblock maintain ${storage.name}` }],
    next: [`sharedblock volumes ${storage.name}`],
  });
  return maintenancePlan({ storage, onHosts, graceSeconds: asked.grace, inventory });
}

interface Maintenance {
  readonly storage: PrimaryStorage;
  readonly onHosts: readonly StorageOnHost[];
  /** The time for VMs to shut down, in seconds. 0: they are not asked to. */
  readonly graceSeconds: number;
  readonly inventory: Inventory;
}

/**
 * Open volumes that stay open after all VMs stop. A volume that is no disk of a VM may be the backing file of a running
 * one.
 */
const unstoppableReasons = (onHosts: readonly StorageOnHost[]): Reason[] =>
  onHosts
    .filter(({ vms, vmsUnknown }) => vms.length === 0 || vmsUnknown !== null)
    .flatMap((on) =>
      on.volumes
        .filter((volume) => volume.openCount > 0 && volume.vms.length === 0)
        .map((volume) => openReason(volume, on)),
    );

function maintenancePlan({ storage, onHosts, graceSeconds, inventory }: Maintenance): Plan {
  const hosts = onHosts.map(({ host }) => host);
  const vms = onHosts.flatMap((on) => on.vms.map((vm) => ({ host: on.host, vm })));
  return plan({
    title: `Take ${storage.name} into maintenance`,
    verb: vms.length > 0 ? "Stop VMs and Maintain" : "Start Maintenance",
    undo: { command: `sharedblock enable ${storage.name}` },
    facts: [...vmParts(onHosts), ...openParts(onHosts), ...onHostsParts(onHosts)],
    irreversible:
      vms.length === 0
        ? []
        : [
            `${vms.length === 1 ? "1 VM stops" : `${vms.length} VMs stop`}, NeverStop ones too. ${graceSeconds === 0 ? "Each VM is switched off at once." : `A VM that still runs ${graceSeconds} s later is switched off.`} Data that its guest has not written is lost.`,
          ],
    stages: [
      joinStage(onHosts, storage.uuid),
      ...stopStages(storage, vms, graceSeconds),
      ...withdrawStages(onHosts, storage.uuid),
      {
        kind: "record",
        title: "Record the maintenance",
        changes: [{ kind: "primary storage state wished", uuid: storage.uuid, state: "Maintenance" }],
      },
    ],
    locks: [...new Set([...storageLocks(storage, inventory), ...clusterLocks(hosts, inventory)])],
    result: (facts) => storageNow(storage, facts),
  });
}

function vmParts(onHosts: readonly StorageOnHost[]): Part[] {
  const vms = onHosts.flatMap(({ host, vms: own }) => own.map((vm) => ({ host: host.name, vm })));
  if (vms.length === 0) return [{ kind: "text", text: "No VM runs on it." }];
  const line = ({ host, vm }: (typeof vms)[number]): Inline[] => [{ bold: vm.name }, ` on ${host}: ${few(vm.volumes)}`];
  return [
    vms.length <= MOST_LINES
      ? linesPart("VMs that stop", vms.map(line))
      : {
          kind: "table",
          compared: true,
          caption: "VMs that stop",
          columns: ["VM", "host", "volumes"],
          rows: vms.map(({ host, vm }) => [vm.name, host, few(vm.volumes)]),
        },
    {
      kind: "text",
      text: "Set the maintenance in ZStack first: it starts NeverStop VMs again. A VM that starts during the plan keeps the locks of its host, and the plan stops there.",
      tone: "warning",
    },
  ];
}

/** Up to so many are lines; more are a table. */
const MOST_LINES = 6;

/** One volume that is open on several hosts is one row. */
function openParts(onHosts: readonly StorageOnHost[]): Part[] {
  const open = onHosts.flatMap((hold) =>
    hold.volumes
      .filter(({ openCount }) => openCount > 0)
      .map((volume) => ({ host: hold.host.name, volume: volume.name, by: openedBy(volume, hold) })),
  );
  const facts = sharedFacts(
    open,
    ({ host }) => host,
    ({ volume, by }) => JSON.stringify([volume, by]),
  ).map(({ names, items: [{ volume, by }] }) => ({ volume, by, hosts: few(names) }));
  if (facts.length === 0) return [];
  if (facts.length > MOST_LINES) {
    const rows = facts.map(({ volume, by, hosts }) => [volume, by, hosts]);
    return [{ kind: "table", caption: "Open volumes", columns: ["volume", "in use by", "hosts"], rows }];
  }
  const lines = facts.map(({ volume, by, hosts }): Inline[] => [{ bold: volume }, ` on ${hosts}: in use by ${by}`]);
  return [linesPart("Open volumes", lines)];
}

interface Running {
  readonly host: Host;
  readonly vm: UsingVm;
}

/** All VMs are asked at the same time and share the time limit. A VM that still runs after it is switched off. */
function stopStages(storage: PrimaryStorage, vms: readonly Running[], graceSeconds: number): Stage[] {
  const steps = (step: (running: Running) => Step) => vms.map(step);
  return [
    {
      kind: "hosts",
      title: "Ask the VMs to shut down",
      steps:
        graceSeconds === 0
          ? []
          : steps(({ host, vm }) => ({
              host,
              command: shutDownVm(vm.uuid),
              why: `asks ${named(vm.name)} to shut down; if it can't be asked, the next stage decides`,
            })),
    },
    {
      kind: "hosts",
      title: graceSeconds === 0 ? "Power the VMs off" : `Power off what still runs after ${graceSeconds} s`,
      steps: steps(({ host, vm }) => ({
        host,
        command: powerOffVm(vm.uuid),
        skipIf: { condition: isOff(vm), withinMs: graceSeconds * 1000 },
        guard: stillOn(host, vm, storage),
        why: `switches ${named(vm.name)} off, unless it has shut down by then`,
      })),
      ...(graceSeconds === 0 ? {} : { waitingFor: `VMs to shut down, at most ${graceSeconds} s` }),
    },
    {
      kind: "hosts",
      title: "Nothing has a volume open any more",
      steps: [...new Set(vms.map(({ host }) => host))].map((host) => ({
        host,
        check: nothingOpen(storage),
        withinMs: 20_000,
        why: "proves that the VMs closed their volumes",
      })),
    },
  ];
}

function isOff({ uuid }: UsingVm): ReadCommand<boolean> {
  return mapRead(listRunningVms, (vms) => !vms.some((vm) => vm.uuid === uuid));
}

const stillOn = (host: Host, { uuid, name }: UsingVm, storage: PrimaryStorage): Guard => [
  guardRead(host, { disks: listVmDisks(uuid) }, ({ disks }) =>
    disks.some((disk) => volumeAt(disk, storage.uuid) !== null)
      ? null
      : reason("CONTENT_CHANGED", `VM ${named(name)} has no disk on ${storage.name} any more`),
  ),
];

function nothingOpen({ uuid }: PrimaryStorage) {
  return check(listActiveVolumes, (volumes) => {
    const opened = volumes.filter(({ openCount }) => openCount > 0);
    const open = namesOf(opened, uuid);
    return open.length === 0
      ? null
      : `still has ${few(open)} open: find what uses it, close it, and send the command again`;
  });
}

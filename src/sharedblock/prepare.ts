import { dirname } from "node:path/posix";
import type { Gathered } from "../core/host-command.ts";
import type { Host, Inventory } from "../core/inventory.ts";
import type { Step } from "../core/plan.ts";
import { makeDirectory, moveFile, readTextFile, writeTextFile } from "../host/file.ts";
import type { Lease } from "../host/lease.ts";
import { type LvmSettings, readLvmSettings } from "../host/lvm.ts";
import {
  LVM_LOCAL_CONF,
  lvmLocalConf,
  SANLOCK_CONF,
  sanlockConf,
  sharedBlockLvmSettings,
} from "../host/lvm-settings.ts";
import { readHostname } from "../host/os-release.ts";
import { canBackUpSignatures } from "../host/signatures.ts";
import { enableUnits, readUnits } from "../host/systemd.ts";
import type { Objection } from "./checks.ts";
import { problemsOf } from "./look.ts";

/** RHEL 7 calls the second one lvm2-lvmlockd; whichever the host has is used. */
const LOCK_UNITS = ["sanlock.service", "lvmlockd.service", "lvm2-lvmlockd.service"];

export const prepareReads = {
  hostname: readHostname,
  settings: readLvmSettings,
  localConf: readTextFile(LVM_LOCAL_CONF),
  sanlockConf: readTextFile(SANLOCK_CONF),
  units: readUnits(LOCK_UNITS),
  wipefsBacksUp: canBackUpSignatures,
};
export type PrepareLook = Gathered<typeof prepareReads>;
interface Prepared {
  readonly host: Host;
  readonly hostId: number;
  readonly prepare: PrepareLook;
  readonly view: { readonly leases: readonly Lease[] };
}

/** sanlock's own limit. */
const MOST_HOST_ID = 2000;

/** sanlock's id for each host: what it has, or the next that was never given to any host. */
export function hostIdsFor(hosts: readonly Host[], inventory: Inventory): Map<Host, number> {
  let last = inventory.lastSanlockHostId;
  return new Map(
    hosts.map((host) => {
      if (host.sanlockHostId !== null) return [host, host.sanlockHostId];
      last += 1;
      return [host, last];
    }),
  );
}

/** What stands in the way of preparing a host. */
export function prepareObjections({ host, hostId, prepare: seen, view: { leases } }: Prepared): Objection[] {
  const problems = problemsOf(prepareReads, seen).map((problem) => `${host.name} can't be prepared: ${problem}`);
  if (problems.length > 0) return problems;
  const objections: Objection[] = [];
  const units = seen.units.kind === "done" ? seen.units.value : [];
  if (!units.some((unit) => unit.name === "sanlock.service" && unit.loaded)) {
    objections.push(`${host.name} has no sanlock.service: install the package sanlock`);
  }
  if (lockDaemon(seen) === null)
    objections.push(`${host.name} has no lvmlockd.service: install the package lvm2-lockd`);
  if (hostId > MOST_HOST_ID)
    objections.push(`${host.name} can get no sanlock host id: all ${MOST_HOST_ID} were given out`);
  const others = leases.filter((lease) => lease.hostId !== hostId);
  if (others.length > 0) {
    const names = others.map((lease) => `${lease.volumeGroup} (id ${lease.hostId})`).join(", ");
    objections.push(
      `${host.name} holds leases of ${names}, but its sanlock host id here is ${hostId}: stop those lockspaces first`,
    );
  }
  return objections;
}

function lockDaemon(seen: PrepareLook): string | null {
  const units = seen.units.kind === "done" ? seen.units.value : [];
  return units.find((unit) => unit.loaded && unit.name !== "sanlock.service")?.name ?? null;
}

/** The steps that make one host ready for a shared volume group; none where all holds already. */
export function prepareSteps({ host, hostId, prepare: seen }: Prepared): Step[] {
  if (seen.settings.kind !== "done" || seen.units.kind !== "done") return [];
  const steps: Step[] = [];
  const wanted = sharedBlockLvmSettings(hostId);
  const differing = differences(seen.settings.value, wanted);
  if (differing.length > 0) {
    const before = seen.localConf.kind === "done" ? seen.localConf.value : null;
    steps.push(...replaceFile(host, LVM_LOCAL_CONF, lvmLocalConf(before, wanted), differing.join(", ")));
  }
  const isOn = (name: string) =>
    seen.units.kind === "done" && seen.units.value.some((unit) => unit.name === name && unit.active && unit.enabled);
  const sanlockBefore = seen.sanlockConf.kind === "done" ? seen.sanlockConf.value : null;
  const sanlockAfter = sanlockConf(sanlockBefore);
  // A sanlock that runs already has what it needs; its watchdog setting is not ours to change.
  if (!isOn("sanlock.service") && sanlockAfter !== sanlockBefore) {
    steps.push({
      host,
      command: makeDirectory(dirname(SANLOCK_CONF), "0755"),
      why: "the folder of sanlock's settings",
    });
    steps.push(...replaceFile(host, SANLOCK_CONF, sanlockAfter, "use_watchdog = 0, as ZStack's agent sets it"));
  }
  const daemon = lockDaemon(seen);
  const units = ["sanlock.service", ...(daemon === null ? [] : [daemon])];
  if (!units.every(isOn))
    steps.push({ host, command: enableUnits(units), why: "the lock services run now and at boot" });
  return steps;
}

/** LVM reads its settings at every command: it must never meet half a file. */
const replaceFile = (host: Host, path: string, text: string, why: string): Step[] => [
  { host, command: writeTextFile(`${path}.zstack-chatops`, text), why },
  { host, command: moveFile(`${path}.zstack-chatops`, path), why: "puts it in place in one step" },
];

function differences(now: LvmSettings, wanted: LvmSettings): string[] {
  const names: [keyof LvmSettings, string][] = [
    ["hostId", "host_id"],
    ["useLvmlockd", "use_lvmlockd"],
    ["sanlockLvExtendMiB", "sanlock_lv_extend"],
    ["lvmlockdLockRetries", "lvmlockd_lock_retries"],
    ["issueDiscards", "issue_discards"],
  ];
  return names
    .filter(([key]) => now[key] !== wanted[key])
    .map(([key, name]) => `${name} ${Number(now[key] ?? 0)} → ${Number(wanted[key])}`);
}

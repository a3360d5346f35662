import { answersIn, type Gathered } from "../../core/host-command.ts";
import type { Host, Inventory } from "../../core/inventory.ts";
import { valueOr } from "../../core/outcome.ts";
import { type Reason, reason } from "../../core/refusal.ts";
import type { Step } from "../../core/step.ts";
import { readRealPath, readTextFile } from "../../host/file.ts";
import { readHostname } from "../../host/hostname.ts";
import {
  LVM_LOCAL_CONF,
  type LvmSettings,
  lvmLocalConf,
  readLvmSettings,
  SANLOCK_CONF,
  sharedBlockLvmSettings,
} from "../../host/lvm-settings.ts";
import type { Lease } from "../../host/sanlock.ts";
import { readUnits } from "../../host/systemd.ts";
import { canBackUpSignatures } from "../../host/wipefs.ts";
import { problemsOf } from "../observe/host-view.ts";
import { LOCK_UNITS, lockDaemonOf, lockServiceSteps, sanlockConfSteps } from "./lock-services.ts";
import { replaceFile } from "./replace-file.ts";

export const prepareReads = {
  hostname: readHostname,
  settings: readLvmSettings,
  localConf: readTextFile(LVM_LOCAL_CONF),
  localConfAt: readRealPath(LVM_LOCAL_CONF),
  sanlockConf: readTextFile(SANLOCK_CONF),
  sanlockConfAt: readRealPath(SANLOCK_CONF),
  units: readUnits(LOCK_UNITS),
  wipefsBacksUp: canBackUpSignatures,
};
export type PrepareObservation = Gathered<typeof prepareReads>;
interface Prepared {
  readonly host: Host;
  readonly hostId: number;
  readonly prepare: PrepareObservation;
  readonly view: { readonly leases: readonly Lease[] };
}

/** sanlock's own limit. */
const MOST_HOST_ID = 2000;

/** sanlock's id for each host: its existing one, or the next that no host ever had. */
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

/** What prevents the preparation of a host. */
export function prepareReasons({ host, hostId, prepare: seen, view: { leases } }: Prepared): Reason[] {
  const problems = problemsOf(prepareReads, seen).map((problem) =>
    reason("HOST_UNREADABLE", `${host.name} can't be prepared: ${problem}`),
  );
  if (problems.length > 0) return problems;
  const reasons: Reason[] = [];
  const units = valueOr(seen.units, []);
  const install = { run: `host prepare ${host.name} install=true` };
  if (!units.some((unit) => unit.name === "sanlock.service" && unit.loaded)) {
    reasons.push(reason("HOST_NOT_READY", `${host.name} has no sanlock.service (package sanlock)`, install));
  }
  if (lockDaemonOf(units) === null) {
    reasons.push(reason("HOST_NOT_READY", `${host.name} has no lvmlockd.service (package lvm2-lockd)`, install));
  }
  if (hostId > MOST_HOST_ID) {
    const why = `${host.name} can't get a sanlock host id: all ${MOST_HOST_ID} were used`;
    reasons.push(reason("HOST_NOT_READY", why, "use a host that has an id already"));
  }
  const others = leases.filter((lease) => lease.hostId !== hostId);
  if (others.length > 0) {
    const names = others.map((lease) => `${lease.volumeGroup} (id ${lease.hostId})`).join(", ");
    reasons.push(
      reason(
        "LOCK_STATE",
        `${host.name} holds leases of ${names}, but its sanlock host id here is ${hostId}`,
        `stop these lockspaces on ${host.name}`,
      ),
    );
  }
  return reasons;
}

/** The steps that prepare one host for a shared volume group. Empty if nothing is missing. */
export function prepareSteps({ host, hostId, prepare: seen }: Prepared): Step[] {
  // `seen` may have more answers than this needs.
  const { settings: read, localConf, localConfAt, sanlockConf, sanlockConfAt, units } = seen;
  const needed = { settings: read, localConf, localConfAt, sanlockConf, sanlockConfAt, units };
  const answers = answersIn<Pick<typeof prepareReads, keyof typeof needed>>(needed);
  if (typeof answers === "string") return [];
  const steps: Step[] = [];
  const wanted = sharedBlockLvmSettings(hostId, answers.settings);
  const differing = differences(answers.settings, wanted);
  if (differing.length > 0) {
    const conf = { path: LVM_LOCAL_CONF, realPath: answers.localConfAt, text: answers.localConf };
    steps.push(...replaceFile(host, conf, lvmLocalConf(conf.text, wanted), differing.join(", ")));
  }
  const conf = { path: SANLOCK_CONF, realPath: answers.sanlockConfAt, text: answers.sanlockConf };
  steps.push(...sanlockConfSteps(host, conf, answers.units));
  steps.push(...lockServiceSteps(host, lockDaemonOf(answers.units), answers.units));
  return steps;
}

function differences(now: LvmSettings, wanted: LvmSettings): string[] {
  const names: [keyof LvmSettings, string][] = [
    ["hostId", "host_id"],
    ["useLvmlockd", "use_lvmlockd"],
    ["sanlockLvExtendMiB", "sanlock_lv_extend"],
    ["lvmlockdLockRetries", "lvmlockd_lock_retries"],
    ["issueDiscards", "issue_discards"],
    ["useDevicesFile", "use_devicesfile"],
    ["useLvmetad", "use_lvmetad"],
  ];
  return names
    .filter(([key]) => now[key] !== wanted[key])
    .map(([key, name]) => `${name} ${Number(now[key] ?? 0)} → ${Number(wanted[key])}`);
}

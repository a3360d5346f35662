import { check, mapRead } from "../core/check.ts";
import type { Host } from "../core/inventory.ts";
import { type Reason, reason } from "../core/refusal.ts";
import type { Step } from "../core/step.ts";
import { readRealPath, readTextFile } from "../host/file.ts";
import { SANLOCK_CONF } from "../host/lvm-settings.ts";
import { enableUnits, readUnits, type Unit } from "../host/systemd.ts";
import { isOn, LOCK_UNITS, lockDaemonOf, SANLOCK_UNIT, sanlockConfSteps } from "../storage/steps/lock-services.ts";
import type { FileSeen } from "../storage/steps/replace-file.ts";
import { afterPackages, type Difference } from "./difference.ts";

const LVMLOCKD = "lvmlockd.service";
const DAEMONS = LOCK_UNITS.filter((name) => name !== SANLOCK_UNIT);

export const lockServiceReads = {
  sanlockConf: readTextFile(SANLOCK_CONF),
  sanlockConfAt: readRealPath(SANLOCK_CONF),
  units: readUnits(LOCK_UNITS),
};

/** Done before sanlock is installed: Debian starts it immediately, and it reads its settings only at its start. */
export function sanlockConfDifference(host: Host, conf: FileSeen, units: readonly Unit[]): Difference[] {
  const steps = sanlockConfSteps(host, conf, units);
  return steps.length === 0
    ? []
    : [{ host, what: SANLOCK_CONF, now: "use_watchdog is not set", wanted: "use_watchdog = 0", steps }];
}

/** Packages that a host lacks, and whether the services need them first. */
interface Packages {
  readonly missing: readonly string[];
  readonly install: boolean;
}

/** The lock services run now and start at boot. LVM's host id is set later, when the host joins a storage. */
export function lockServiceDifferences(
  host: Host,
  units: readonly Unit[],
  { missing, install }: Packages,
): Difference[] {
  const known = lockDaemonOf(units);
  const names = [SANLOCK_UNIT, known ?? LVMLOCKD];
  const off = names.filter((name) => !isOn(units, name));
  const absent = off.filter((name) => missing.includes(name === SANLOCK_UNIT ? "sanlock" : "lvm2-lockd"));
  const there = off.filter((name) => !absent.includes(name));
  // The name of the daemon's unit is known only after its package is installed: lvm2-lvmlockd in LVM 2.02, lvmlockd
  // since then.
  if (install && known === null)
    return [
      startedByAnyName(
        host,
        off.filter((name) => name === SANLOCK_UNIT),
        reported(there, absent),
      ),
    ];
  if (install && off.length > 0) return [started(host, off, reported(there, absent))];
  return [
    ...(there.length > 0 ? [started(host, there, reported(there, []))] : []),
    ...(absent.length > 0 ? [afterPackages(started(host, absent, reported([], absent)))] : []),
  ];
}

const reported = (off: readonly string[], absent: readonly string[]): string =>
  [
    ...(off.length > 0 ? [`off: ${off.join(", ")}`] : []),
    ...(absent.length > 0 ? [`missing without their packages: ${absent.join(", ")}`] : []),
  ].join("; ");

function started(host: Host, names: readonly string[], now: string): Difference {
  const proof = check(readUnits(names), (units) => {
    const still = names.filter((name) => !isOn(units, name));
    return still.length === 0 ? null : `does not run ${still.join(", ")} now and at boot`;
  });
  return {
    host,
    what: "lock services",
    now,
    wanted: "running, now and at boot",
    steps: [
      { host, command: enableUnits(names), why: "the lock services run now and at boot" },
      { host, check: proof, why: "proves that they run" },
    ],
  };
}

function startedByAnyName(host: Host, others: readonly string[], now: string): Difference {
  const steps = DAEMONS.map((name): Step => {
    const condition = mapRead(readUnits([name]), (units) => !units.some(({ loaded }) => loaded));
    return {
      host,
      command: enableUnits([name]),
      skipIf: { condition, withinMs: 0 },
      why: "LVM's lock daemon, if it has this name, runs now and at boot",
    };
  });
  const proof = check(readUnits(LOCK_UNITS), (units) => {
    const daemon = lockDaemonOf(units);
    const still = [SANLOCK_UNIT, daemon ?? LVMLOCKD].filter((name) => !isOn(units, name));
    return still.length === 0 ? null : `does not run ${still.join(", ")} now and at boot`;
  });
  const first: Step[] =
    others.length === 0 ? [] : [{ host, command: enableUnits(others), why: "sanlock runs now and at boot" }];
  return {
    host,
    what: "lock services",
    now,
    wanted: "running, now and at boot",
    steps: [...first, ...steps, { host, check: proof, why: "proves that they run" }],
  };
}

/** The packages are installed, but the units are missing: a person has masked or removed them. */
export function lockServiceReasons(host: Host, missing: readonly string[], units: readonly Unit[]): Reason[] {
  const sanlock = units.some((unit) => unit.name === SANLOCK_UNIT && unit.loaded);
  return [
    ...(sanlock || missing.includes("sanlock") ? [] : [SANLOCK_UNIT]),
    ...(lockDaemonOf(units) !== null || missing.includes("lvm2-lockd") ? [] : ["lvmlockd.service"]),
  ].map((unit) =>
    reason(
      "HOST_NOT_READY",
      `${host.name} has the package but no ${unit}`,
      `run systemctl unmask ${unit} on ${host.name}, then send the command again`,
    ),
  );
}

import type { Host } from "../core/inventory.ts";
import { readTextFile } from "../host/file.ts";
import { SANLOCK_CONF } from "../host/lvm-settings.ts";
import type { OsRelease } from "../host/os-release.ts";
import { readUnits, type Unit } from "../host/systemd.ts";
import {
  isOn,
  LOCK_UNITS,
  lockDaemonOf,
  lockServiceSteps,
  SANLOCK_UNIT,
  sanlockConfSteps,
} from "../sharedblock/lock-services.ts";
import { checking, type Difference } from "./difference.ts";

export const lockServiceReads = { sanlockConf: readTextFile(SANLOCK_CONF), units: readUnits(LOCK_UNITS) };

/** Before sanlock is installed, since Debian starts it at once: it reads its settings only at its start. */
export function sanlockConfDifference(host: Host, before: string | null, units: readonly Unit[]): Difference[] {
  const steps = sanlockConfSteps(host, before, units);
  return steps.length === 0
    ? []
    : [{ host, what: SANLOCK_CONF, now: "use_watchdog is not set", wanted: "use_watchdog = 0", steps }];
}

/** The lock services run and start at boot. What they lock by, LVM's host id, is set when the host joins a storage. */
export function lockServiceDifference(host: Host, os: OsRelease, units: readonly Unit[]): Difference[] {
  const daemon =
    lockDaemonOf(units) ?? (os.family === "rhel" && os.version?.startsWith("7") ? LOCK_UNITS[2] : LOCK_UNITS[1]);
  const names = [SANLOCK_UNIT, ...(daemon === undefined ? [] : [daemon])];
  const off = names.filter((name) => !isOn(units, name));
  if (off.length === 0) return [];
  const check = checking(readUnits(names), (now) => {
    const still = names.filter((name) => !isOn(now, name));
    return still.length === 0 ? null : `does not run ${still.join(", ")} now and at boot`;
  });
  return [
    {
      host,
      what: "lock services",
      now: `off: ${off.join(", ")}`,
      wanted: "running, now and at boot",
      steps: [...lockServiceSteps(host, daemon ?? null, units), { host, check, why: "proves that they run" }],
    },
  ];
}

/** Their packages are there and they are not: someone has masked them, or took them away. */
export function lockServiceObjections(host: Host, missing: readonly string[], units: readonly Unit[]): string[] {
  const sanlock = units.some((unit) => unit.name === SANLOCK_UNIT && unit.loaded);
  return [
    ...(sanlock || missing.includes("sanlock") ? [] : [SANLOCK_UNIT]),
    ...(lockDaemonOf(units) !== null || missing.includes("lvm2-lockd") ? [] : ["lvmlockd.service"]),
  ].map((unit) => `${host.name} has the package but no ${unit}: unmask it there (systemctl unmask ${unit})`);
}

import { dirname } from "node:path/posix";
import type { Host } from "../../core/inventory.ts";
import type { Step } from "../../core/step.ts";
import { makeDirectory } from "../../host/file.ts";
import { sanlockConf } from "../../host/lvm-settings.ts";
import { enableUnits, type Unit } from "../../host/systemd.ts";
import { type FileSeen, replaceFile } from "./replace-file.ts";

export const SANLOCK_UNIT = "sanlock.service";
/** RHEL 7 names the second one lvm2-lvmlockd. The bot uses the one that the host has. */
export const LOCK_UNITS = [SANLOCK_UNIT, "lvmlockd.service", "lvm2-lvmlockd.service"];

/** The unit of LVM's lock daemon. Null if the host has none. */
export const lockDaemonOf = (units: readonly Unit[]): string | null =>
  units.find((unit) => unit.loaded && unit.name !== SANLOCK_UNIT)?.name ?? null;

/** It runs now and starts at boot. */
export const isOn = (units: readonly Unit[], name: string): boolean =>
  units.some((unit) => unit.name === name && unit.active && unit.enabled);

/**
 * The settings that sanlock reads at its start. A running sanlock has what it needs. The bot does not change its
 * watchdog setting.
 */
export function sanlockConfSteps(host: Host, conf: FileSeen, units: readonly Unit[]): Step[] {
  const after = sanlockConf(conf.text);
  const runs = units.some((unit) => unit.name === SANLOCK_UNIT && unit.active);
  if (runs || after === conf.text) return [];
  return [
    { host, command: makeDirectory(dirname(conf.realPath), "0755"), why: "the folder of sanlock's settings" },
    ...replaceFile(host, conf, after, "use_watchdog = 0, as ZStack's agent sets it"),
  ];
}

/** `daemon`: the unit of LVM's lock daemon. Without `use_lvmlockd` in LVM's settings, no LVM command uses it. */
export function lockServiceSteps(host: Host, daemon: string | null, units: readonly Unit[]): Step[] {
  const names = [SANLOCK_UNIT, ...(daemon === null ? [] : [daemon])];
  if (names.every((name) => isOn(units, name))) return [];
  return [{ host, command: enableUnits(names), why: "the lock services run now and at boot" }];
}

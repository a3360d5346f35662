import { readOptions } from "../san/options.ts";
import { familyOf, hasUnit, lockDaemonUnit } from "../san/packages.ts";
import { complained, type Place, type Program, printed, type Result } from "../san/program.ts";
import type { SanHost } from "../san/san-state.ts";
import { findFile } from "./file-tree.ts";
import { joinedLockspaces, leaveLockspaces, lockedVolumes } from "./host-leases.ts";
import { reconfigure } from "./multipath.ts";
import { MULTIPATH_CONF } from "./multipath-conf.ts";

type Unit = SanHost["units"][number];
const LVMLOCKD = "lvmlockd.service";
const SANLOCK = "sanlock.service";

/** Units that have no place in the boot of their own: enabling them enables another, `Also=` in their [Install] section. */
const also: ReadonlyMap<string, string> = new Map([["iscsi.service", "iscsi-starter.service"]]);

/** Units that Debian also has as scripts of SysV init. */
const withInitScript = [SANLOCK, "wdmd.service"];

/** `systemctl show/enable/start/stop/disable/restart/kill/is-active`. */
export const systemctl: Program = (args, place) => {
  const options = readOptions(
    args,
    { property: "value", now: "flag", quiet: "flag", "no-pager": "flag", signal: "value" },
    { p: "property", q: "quiet", s: "signal" },
  );
  if (options.complaint !== null) return complained(`systemctl: ${options.complaint}\n`);
  const [verb, ...names] = options.operands;
  const units = names.map((name) => (name.includes(".") ? name : `${name}.service`));
  if (verb === "show") return show(units, options.given.get("property")?.split(",") ?? [], place);
  if (verb === "is-active") {
    const active = units.map((name) => find(name, place)?.active === true);
    const text = active.map((one) => `${one ? "active" : "inactive"}\n`).join("");
    return printed(options.given.has("quiet") ? "" : text, active.some(Boolean) ? 0 : 3);
  }
  if (verb === undefined || !verbs.has(verb)) return complained(`Unknown command verb ${verb ?? ""}.\n`);
  const how = { now: options.given.has("now"), dies: options.given.get("signal")?.endsWith("KILL") === true };
  return change(verb, units, how, place);
};

const verbs = new Set(["enable", "disable", "start", "stop", "restart", "kill"]);

/** LVM's lock daemon has the name of its version; the model knows it by the newer one. */
function find(name: string, { host }: Place): Unit | undefined {
  const own = lockDaemonUnit(host);
  const meant = name === own ? LVMLOCKD : name === LVMLOCKD ? "" : name;
  return host.units.find((unit) => unit.name === meant && hasUnit(host, meant));
}

function show(names: readonly string[], properties: readonly string[], place: Place): Result {
  const blocks = names.map((name) => {
    const unit = find(name, place);
    const values: Readonly<Record<string, string>> = {
      Id: name,
      LoadState: unit ? "loaded" : "not-found",
      ActiveState: unit?.active ? "active" : "inactive",
      SubState: unit?.active ? "running" : "dead",
      UnitFileState: unit ? (also.has(name) ? "indirect" : unit.enabled ? "enabled" : "disabled") : "",
    };
    const wanted = Object.entries(values).filter(([key]) => properties.length === 0 || properties.includes(key));
    return wanted.map(([key, value]) => `${key}=${value}\n`).join("");
  });
  return printed(blocks.join("\n"));
}

interface How {
  readonly now: boolean;
  /** By a signal that it can't heed. */
  readonly dies: boolean;
}

function change(verb: string, names: readonly string[], { now, dies }: How, place: Place): Result {
  const missing = names.find((name) => !find(name, place));
  if (missing !== undefined) {
    return verb === "enable" || verb === "disable"
      ? complained(`Failed to ${verb} unit: Unit file ${missing} does not exist.\n`)
      : complained(`Failed to ${verb} ${missing}: Unit ${missing} not found.\n`, 5);
  }
  if (!place.root) return complained(`Failed to ${verb} unit: Interactive authentication required.\n`);
  let stderr = "";
  // Nothing orders the two: sanlock goes when lvmlockd has left.
  for (const name of names.toSorted((a, b) => Number(b === LVMLOCKD) - Number(a === LVMLOCKD))) {
    const unit = find(name, place);
    if (!unit) continue;
    if (verb === "enable" || verb === "disable") {
      const meant = find(also.get(name) ?? name, place) ?? unit;
      stderr += setEnabled(meant, verb === "enable");
    }
    if (["stop", "restart"].includes(verb) || (verb === "disable" && now)) {
      if (refusesToStop(unit, place)) return complained(stillThere(name));
      stopUnit(unit, place);
    }
    if (verb === "kill") dies ? die(unit, place) : stopUnit(unit, place);
    if (verb === "start" || verb === "restart" || (verb === "enable" && now)) startUnit(unit, place);
  }
  place.san.changed();
  return complained(stderr, 0);
}

/** systemctl's message about it, on standard error. */
function setEnabled(unit: Unit, enabled: boolean): string {
  const verb = enabled ? "enable" : "disable";
  const link = `/etc/systemd/system/multi-user.target.wants/${unit.name}`;
  const script = unit.name.replace(/\.service$/, "");
  const synchronised = withInitScript.includes(unit.name)
    ? `Synchronizing state of ${unit.name} with SysV service script with /lib/systemd/systemd-sysv-install.\nExecuting: /lib/systemd/systemd-sysv-install ${verb} ${script}\n`
    : "";
  const changed = unit.enabled !== enabled;
  unit.enabled = enabled;
  const message = enabled ? `Created symlink ${link} -> /lib/systemd/system/${unit.name}.\n` : `Removed "${link}".\n`;
  return `${synchronised}${changed ? message : ""}`;
}

/** RHEL's multipathd does not start without its settings file: a condition of its unit, which is no failure. */
export function startUnit(unit: Unit, place: Place): void {
  const { host, san } = place;
  const isMultipathd = unit.name === "multipathd.service";
  if (isMultipathd && familyOf(host) === "rhel" && findFile(host, MULTIPATH_CONF) === null) return;
  unit.active = true;
  san.changed();
  if (!isMultipathd) return;
  if (!host.modules.includes("dm_multipath")) host.modules.push("dm_multipath");
  reconfigure(place);
}

/**
 * lvmlockd keeps running while it has a volume lock, and sanlock while it has a lockspace. Their units allow it:
 * `SendSIGKILL=no`. A real systemctl reports that after 3 min.
 */
const refusesToStop = ({ name }: Unit, { host }: Place): boolean =>
  name === LVMLOCKD
    ? joinedLockspaces(host).some(({ volumeGroupUuid }) => lockedVolumes(host, volumeGroupUuid).length > 0)
    : name === SANLOCK && host.lockspaces.length > 0;

const stillThere = (name: string): string =>
  `Job for ${name} failed because of unavailable resources or another system error.\nSee "systemctl status ${name}" and "journalctl -xeu ${name}" for details.\n`;

/** lvmlockd leaves its lockspaces first, in order; the groups' lock volumes stay active. */
export function stopUnit(unit: Unit, { san, host }: Place): void {
  unit.active = false;
  if (unit.name === LVMLOCKD) leaveLockspaces(san, host, "in order", ({ joined }) => joined);
  if (unit.name === SANLOCK) host.lockspaces = [];
}

/** What a lvmlockd that dies had with sanlock stays there. */
function die(unit: Unit, { host }: Place): void {
  unit.active = false;
  if (unit.name === SANLOCK) host.lockspaces = [];
  if (unit.name !== LVMLOCKD) return;
  for (const lockspace of joinedLockspaces(host)) {
    lockspace.orphans = lockedVolumes(host, lockspace.volumeGroupUuid);
    lockspace.joined = false;
  }
}

import { readOptions } from "../options.ts";
import { familyOf, hasUnit } from "../packages.ts";
import { complained, type Place, type Program, printed, type Result } from "../program.ts";
import type { SanHost } from "../san-state.ts";
import { findFile } from "./file-tree.ts";
import { reconfigure } from "./multipath.ts";
import { MULTIPATH_CONF } from "./multipath-conf.ts";

type Unit = SanHost["units"][number];

/** Units that have no place in the boot of their own: enabling them enables another, `Also=` in their [Install] section. */
const also: ReadonlyMap<string, string> = new Map([["iscsi.service", "iscsi-starter.service"]]);

/** Units that Debian also has as scripts of SysV init. */
const withInitScript = ["sanlock.service", "wdmd.service"];

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
  return change(verb, units, options.given.has("now"), place);
};

const verbs = new Set(["enable", "disable", "start", "stop", "restart", "kill"]);

const find = (name: string, { host }: Place): Unit | undefined =>
  host.units.find((unit) => unit.name === name && hasUnit(host, name));

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

function change(verb: string, names: readonly string[], now: boolean, place: Place): Result {
  const missing = names.find((name) => !find(name, place));
  if (missing !== undefined) {
    return verb === "enable" || verb === "disable"
      ? complained(`Failed to ${verb} unit: Unit file ${missing} does not exist.\n`)
      : complained(`Failed to ${verb} ${missing}: Unit ${missing} not found.\n`, 5);
  }
  if (!place.root) return complained(`Failed to ${verb} unit: Interactive authentication required.\n`);
  let stderr = "";
  for (const name of names) {
    const unit = find(name, place);
    if (!unit) continue;
    if (verb === "enable" || verb === "disable") {
      const meant = find(also.get(name) ?? name, place) ?? unit;
      stderr += setEnabled(meant, verb === "enable");
    }
    if (verb === "restart") stopUnit(unit, place);
    if (verb === "start" || verb === "restart" || (verb === "enable" && now)) startUnit(unit, place);
    if (verb === "stop" || verb === "kill" || (verb === "disable" && now)) stopUnit(unit, place);
  }
  place.san.changed();
  return complained(stderr, 0);
}

/** What systemctl tells of it, on standard error. */
function setEnabled(unit: Unit, enabled: boolean): string {
  const verb = enabled ? "enable" : "disable";
  const link = `/etc/systemd/system/multi-user.target.wants/${unit.name}`;
  const script = unit.name.replace(/\.service$/, "");
  const synchronised = withInitScript.includes(unit.name)
    ? `Synchronizing state of ${unit.name} with SysV service script with /lib/systemd/systemd-sysv-install.\nExecuting: /lib/systemd/systemd-sysv-install ${verb} ${script}\n`
    : "";
  const changed = unit.enabled !== enabled;
  unit.enabled = enabled;
  const told = enabled ? `Created symlink ${link} -> /lib/systemd/system/${unit.name}.\n` : `Removed "${link}".\n`;
  return `${synchronised}${changed ? told : ""}`;
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

export function stopUnit(unit: Unit, { host }: Place): void {
  unit.active = false;
  // sanlock keeps the leases while lvmlockd is away; once it is back it is in no lockspace.
  if (unit.name === "lvmlockd.service") for (const lockspace of host.lockspaces) lockspace.joined = false;
  if (unit.name === "sanlock.service") host.lockspaces = [];
}

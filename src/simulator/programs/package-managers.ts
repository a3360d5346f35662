import { readOptions } from "../san/options.ts";
import { catalogueName, isInstalled, isKnown, rpmName, unitsOf } from "../san/packages.ts";
import { complained, type Place, type Program, printed, type Result } from "../san/program.ts";
import { startUnit, stopUnit } from "./systemctl.ts";

/** `dpkg-query --show --showformat=… NAME…`: the two fields that are asked for. */
export const dpkgQuery: Program = (args, { host }) => {
  const options = readOptions(args, { show: "flag", showformat: "value" }, { W: "show", f: "showformat" });
  if (options.complaint !== null || !options.given.has("show")) {
    return complained("dpkg-query: error: need an action option\n", 2);
  }
  const format = options.given.get("showformat") ?? `\${Package}\\n`;
  const known = options.operands.filter((name) => isInstalled(host, name));
  const stdout = known.map((name) =>
    format
      .replaceAll(`\${Package}`, name)
      .replaceAll(`\${db:Status-Status}`, "installed")
      .replaceAll("\\n", "\n")
      .replaceAll("\\t", "\t"),
  );
  const stderr = options.operands
    .filter((name) => !known.includes(name))
    .map((name) => `dpkg-query: no packages found matching ${name}\n`);
  return { stdout: stdout.join(""), stderr: stderr.join(""), exitCode: stderr.length === 0 ? 0 : 1 };
};

/** What dpkg did and has not yet taken into its list of packages: while there is any, it was interrupted. */
const isUpdate = (path: string): boolean => /^\/var\/lib\/dpkg\/updates\/\d+$/.test(path);

/** `dpkg --force-confold --configure -a`: silent if nothing is left to do. */
export const dpkg: Program = (args, { host, san, root }) => {
  const options = readOptions(args, { "force-confold": "flag", configure: "flag", pending: "flag" }, { a: "pending" });
  if (options.complaint !== null || !options.given.has("configure")) {
    return complained("dpkg: error: need an action option\n", 2);
  }
  if (!options.given.has("pending")) {
    return complained("dpkg: error: --configure needs at least one package name argument\n", 2);
  }
  if (!root) return complained("dpkg: error: requested operation requires superuser privilege\n", 2);
  const rest = host.files.filter(({ path }) => !isUpdate(path));
  if (rest.length < host.files.length) {
    host.files = rest;
    san.changed();
  }
  return printed("");
};

/** `rpm --query --queryformat=%{NAME}\n NAME…`: its exit code counts what is missing. */
export const rpm: Program = (args, { host }) => {
  const options = readOptions(args, { query: "flag", queryformat: "value", whatprovides: "flag" }, { q: "query" });
  if (options.complaint !== null || !options.given.has("query")) return complained("RPM version 4.16.1.3\n", 1);
  const byProvides = options.given.has("whatprovides");
  const lines = options.operands.map((name) => {
    const known = catalogueName(host, name);
    const own = rpmName(host, known);
    if (isInstalled(host, known) && (byProvides || own === name)) return `${own}\n`;
    return byProvides ? `no package provides ${name}\n` : `package ${name} is not installed\n`;
  });
  return printed(lines.join(""), lines.filter((line) => line.includes(" ")).length);
};

/** `apt-get update`, `apt-get install NAME…` and `apt-get remove NAME…`. */
export const aptGet: Program = (args, place) => {
  const options = readOptions(
    args,
    { quiet: "flag", yes: "flag", "no-install-recommends": "flag", option: "value" },
    { q: "quiet", y: "yes", o: "option" },
  );
  const [verb, ...names] = options.operands;
  if (options.complaint !== null) return complained(`E: Command line option is not understood\n`, 100);
  if (!place.root) {
    return complained("E: Could not open lock file /var/lib/dpkg/lock-frontend - open (13: Permission denied)\n", 100);
  }
  if (verb === "update")
    return printed("Hit:1 http://deb.debian.org/debian bookworm InRelease\nReading package lists...\n");
  if (place.host.files.some(({ path }) => isUpdate(path))) {
    const remedy = "you must manually run 'dpkg --configure -a' to correct the problem.";
    return complained(`E: dpkg was interrupted, ${remedy}\n`, 100);
  }
  const unknown = names.find((name) => !isKnown(place.host, name));
  if (unknown !== undefined) return complained(`E: Unable to locate package ${unknown}\n`, 100);
  if (!options.given.has("yes")) return complained("Abort.\n", 1);
  if (verb === "remove") return remove(names, place);
  return verb === "install" ? installDebs(names, place) : complained(`E: Invalid operation ${verb ?? ""}\n`, 100);
};

/** By Debian's policy the services of a package start when it is installed, now and at every boot. */
function installDebs(names: readonly string[], place: Place): Result {
  const added = add(names, place);
  for (const unit of place.host.units) {
    if (!added.some((name) => unitsOf(place.host, name).includes(unit.name))) continue;
    unit.enabled = true;
    startUnit(unit, place);
  }
  const setUp = added.map((name) => `Setting up ${name} ...\n`);
  return printed(
    `Reading package lists...\nBuilding dependency tree...\n0 upgraded, ${added.length} newly installed, 0 to remove and 0 not upgraded.\n${setUp.join("")}`,
  );
}

/** `dnf --assumeyes install NAME…`, and yum's; services stay as they are. */
export const dnf: Program = (args, place) => {
  const options = readOptions(args, { assumeyes: "flag", quiet: "flag" }, { y: "assumeyes", q: "quiet" });
  const [verb, ...names] = options.operands;
  if (options.complaint !== null) return complained(`Command line error: ${options.complaint}\n`, 1);
  if (!place.root) {
    return complained(
      "Error: This command has to be run with superuser privileges (under the root user on most systems).\n",
    );
  }
  const unknown = names.find((name) => !isKnown(place.host, name));
  if (unknown !== undefined) {
    return complained(`No match for argument: ${unknown}\nError: Unable to find a match: ${unknown}\n`);
  }
  if (!options.given.has("assumeyes")) return complained("Operation aborted.\n", 1);
  if (verb === "remove") return remove(names, place);
  if (verb !== "install") return complained(`No such command: ${verb ?? ""}. Please use /usr/bin/dnf --help\n`);
  const added = add(names, place);
  if (added.length === 0) return printed("Dependencies resolved.\nNothing to do.\nComplete!\n");
  return printed(`Dependencies resolved.\n\nInstalled:\n${added.map((name) => `  ${name}\n`).join("")}\nComplete!\n`);
};

function add(names: readonly string[], { host, san }: Place): string[] {
  const added = names.filter((name) => !isInstalled(host, name));
  host.missingPackages = host.missingPackages.filter((name) => !added.includes(name));
  if (added.length > 0) san.changed();
  return added;
}

function remove(names: readonly string[], place: Place): Result {
  const { host, san } = place;
  const gone = names.filter((name) => isInstalled(host, name));
  for (const unit of host.units) {
    if (!gone.some((name) => unitsOf(host, name).includes(unit.name))) continue;
    unit.enabled = false;
    stopUnit(unit, place);
  }
  host.missingPackages.push(...gone);
  if (gone.length > 0) san.changed();
  return printed(gone.map((name) => `Removing ${name} ...\n`).join(""));
}

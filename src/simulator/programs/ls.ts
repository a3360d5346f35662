import type { Device } from "../san/devices.ts";
import { viewOf } from "../san/host-view.ts";
import { readOptions } from "../san/options.ts";
import { hasProgram } from "../san/packages.ts";
import { complained, type Place, type Program, printed, type Result } from "../san/program.ts";
import type { SanHost } from "../san/san-state.ts";
import { findFile, isDirectory } from "./file-tree.ts";

/** `ls PATH` and `ls -l PATH`, of the directories of disks and of the host's own files. */
export const ls: Program = (args, place) => {
  const options = readOptions(
    args,
    { l: "flag", 1: "flag", all: "flag", directory: "flag" },
    { a: "all", d: "directory" },
  );
  if (options.complaint !== null)
    return complained(`ls: ${options.complaint}\nTry 'ls --help' for more information.\n`, 2);
  if (options.given.has("directory")) return names(options.operands, place);
  const [path = "."] = options.operands;
  const clean = path.replace(/\/+$/, "");
  if (clean === "/sys/module")
    return printed(
      place.host.modules
        .toSorted()
        .map((name) => `${name}\n`)
        .join(""),
    );
  const links = linksIn(clean, place);
  if (links === null) return plainFiles(clean, path, place);
  if (!options.given.has("l")) return printed(links.map(([name]) => `${name}\n`).join(""));
  const width = Math.max(0, ...links.map(([, target]) => String(target.length).length));
  const lines = links.map(([name, target]) => {
    const size = String(target.length).padStart(width);
    return `lrwxrwxrwx 1 root root ${size} Nov 22 12:35 ${name} -> ${target}\n`;
  });
  return printed(`total 0\n${lines.join("")}`);
};

function linksIn(path: string, { san, host }: Place): [name: string, target: string][] | null {
  const view = viewOf(san, host);
  switch (path) {
    case "/dev/disk/by-id":
      return view.links.map(([name, kernelName]) => [name, `../../${kernelName}`]);
    case "/dev/mapper":
      return [...view.byKernelName.values()]
        .filter((device) => device.kernelName.startsWith("dm-"))
        .map((device): [string, string] => [device.name, `../${device.kernelName}`])
        .sort(([a], [b]) => (a < b ? -1 : 1));
    case "/sys/class/scsi_host":
      return host.scsiHosts
        .map((number): [string, string] => {
          const name = `host${number}`;
          return [name, `../../devices/pci0000:00/0000:00:0${number}.0/${name}/scsi_host/${name}`];
        })
        .sort(([a], [b]) => (a < b ? -1 : 1));
    case "/sys/block":
      return [...view.byKernelName.values()]
        .filter((device) => device.type !== "part")
        .map((device): [string, string] => [device.kernelName, sysfsPlace(device)])
        .sort(([a], [b]) => (a < b ? -1 : 1));
    case "/sys/class/watchdog":
      return host.watchdogs.map((number): [string, string] => [
        `watchdog${number}`,
        `../../devices/virtual/watchdog/watchdog${number}`,
      ]);
    default:
      return null;
  }
}

function sysfsPlace({ kernelName, disk }: Device): string {
  if (disk === null) return `../devices/virtual/block/${kernelName}`;
  const [host = "0", ...rest] = disk.hctl.split(":");
  const target = `target${host}:${rest.slice(0, 2).join(":")}`;
  return `../devices/pci0000:00/0000:00:0${host}.0/host${host}/${target}/${disk.hctl}/block/${kernelName}`;
}

/** `ls --directory PATH…`: the names of those that are there. */
function names(paths: readonly string[], { host }: Place): Result {
  const isThere = (path: string) =>
    findFile(host, path) !== null || isDirectory(host, path) || isProgram(host, path.replace(/^\/usr\/bin\//, ""));
  const there = paths.filter(isThere);
  const missing = paths.filter((path) => !there.includes(path));
  const complaints = missing.map((path) => `ls: cannot access '${path}': No such file or directory\n`);
  return {
    stdout: there.map((path) => `${path}\n`).join(""),
    stderr: complaints.join(""),
    exitCode: missing.length > 0 ? 2 : 0,
  };
}

const isProgram = (host: SanHost, name: string): boolean =>
  ["apt-get", "dnf", "perl", "yum"].includes(name) && hasProgram(host, name);

function plainFiles(clean: string, path: string, { host }: Place): Result {
  if (findFile(host, clean)) return printed(`${path}\n`);
  if (!isDirectory(host, clean)) return complained(`ls: cannot access '${path}': No such file or directory\n`, 2);
  const paths = [...host.files, ...host.links].map(({ path: one }) => one);
  const inside = [...host.directories, ...paths].flatMap((one) =>
    one.startsWith(`${clean}/`) ? [one.slice(clean.length + 1).split("/")[0] ?? ""] : [],
  );
  return printed(
    [...new Set(inside)]
      .sort()
      .map((name) => `${name}\n`)
      .join(""),
  );
}

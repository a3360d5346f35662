import { createHash } from "node:crypto";
import { dirname } from "node:path";
import { readOptions } from "../san/options.ts";
import { complained, type Place, type Program, passTime, printed, type Result } from "../san/program.ts";
import { writeDiskAttribute } from "./disk-attributes.ts";
import {
  findFile,
  isDirectory,
  isExecutable,
  makeDirectories,
  mayWrite,
  realPathOf,
  setExecutable,
  writeFile,
} from "./file-tree.ts";
import { hostnameOf } from "./hostname.ts";
import { scanHost } from "./scan.ts";

const tryHelp = (program: string, complaint: string): Result =>
  complained(`${program}: ${complaint}\nTry '${program} --help' for more information.\n`);

export const cat: Program = async (args, place) => {
  const options = readOptions(args, {});
  if (options.complaint !== null) return tryHelp("cat", options.complaint);
  if (options.operands.length === 0) return printed(await place.stdin());
  let stdout = "";
  let stderr = "";
  for (const path of options.operands) {
    const file =
      path === "/proc/sys/kernel/hostname" ? { content: `${hostnameOf(place.host)}\n` } : findFile(place.host, path);
    if (file) stdout += file.content;
    else stderr += `cat: ${path}: ${isDirectory(place.host, path) ? "Is a directory" : "No such file or directory"}\n`;
  }
  return { stdout, stderr, exitCode: stderr === "" ? 0 : 1 };
};

/** Files, the `scan` attributes of SCSI hosts, and `rescan` and `delete` of SCSI disks. */
export const tee: Program = async (args, place) => {
  const options = readOptions(args, { append: "flag" }, { a: "append" });
  if (options.complaint !== null) return tryHelp("tee", options.complaint);
  const input = await place.stdin();
  place.resume();
  let stderr = "";
  for (const path of options.operands) {
    const before = options.given.has("append") ? (findFile(place.host, path)?.content ?? "") : "";
    const error = writeAttribute(path, input, place) ?? writeFile(place, path, before + input);
    if (error) stderr += `tee: ${path}: ${error}\n`;
  }
  return { stdout: input, stderr, exitCode: stderr === "" ? 0 : 1 };
};

/** null if the path is a regular file; "" if the attribute took the text. */
function writeAttribute(path: string, input: string, place: Place): string | null {
  const ofDisk = writeDiskAttribute(path, input, place);
  if (ofDisk !== null) return ofDisk;
  const [, name] = /^\/sys\/class\/scsi_host\/host(\d+)\/scan$/.exec(path) ?? [];
  if (name === undefined) return path.startsWith("/sys/") ? "Permission denied" : null;
  if (!place.host.scsiHosts.includes(Number(name))) return "No such file or directory";
  if (!place.root) return "Permission denied";
  if (!/^\s*(-|\d+)\s+(-|\d+)\s+(-|\d+)\s*$/.test(input)) return input === "" ? "" : "Invalid argument";
  scanHost(place.san, place.host, Number(name));
  return "";
}

export const mkdir: Program = (args, place) => {
  const options = readOptions(args, { parents: "flag", mode: "value" }, { p: "parents", m: "mode" });
  if (options.complaint !== null) return tryHelp("mkdir", options.complaint);
  if (options.operands.length === 0) return tryHelp("mkdir", "missing operand");
  let stderr = "";
  for (const path of options.operands) {
    const there = isDirectory(place.host, path);
    const orphan = !options.given.has("parents") && !isDirectory(place.host, dirname(path));
    const strict = there && !options.given.has("parents");
    const error = strict ? "File exists" : orphan ? "No such file or directory" : makeDirectories(place, path);
    if (error !== null) stderr += `mkdir: cannot create directory '${path}': ${error}\n`;
  }
  return complained(stderr, stderr === "" ? 0 : 1);
};

export const cp: Program = (args, place) => {
  const options = readOptions(
    args,
    { dereference: "flag", preserve: "optional value", "no-target-directory": "flag", force: "flag", archive: "flag" },
    { L: "dereference", T: "no-target-directory", f: "force", a: "archive" },
  );
  if (options.complaint !== null) return tryHelp("cp", options.complaint);
  const [from, to, ...more] = options.operands;
  if (from === undefined || to === undefined || more.length > 0) return tryHelp("cp", "missing file operand");
  const file = findFile(place.host, from);
  if (!file) return complained(`cp: cannot stat '${from}': No such file or directory\n`);
  const error = writeFile(place, to, file.content);
  if (error === null && options.given.has("preserve")) setExecutable(place, to, file.executable === true);
  return error === null ? printed("") : complained(`cp: cannot create regular file '${to}': ${error}\n`);
};

export const mv: Program = (args, place) => {
  const options = readOptions(
    args,
    { force: "flag", "no-target-directory": "flag" },
    { f: "force", T: "no-target-directory" },
  );
  if (options.complaint !== null) return tryHelp("mv", options.complaint);
  const [from, to, ...more] = options.operands;
  if (from === undefined || to === undefined || more.length > 0) return tryHelp("mv", "missing file operand");
  const file = findFile(place.host, from);
  if (!file) return complained(`mv: cannot stat '${from}': No such file or directory\n`);
  // A link is taken for what it is: it makes room.
  place.host.links = place.host.links.filter((link) => link.path !== to);
  const error = writeFile(place, to, file.content);
  if (error) return complained(`mv: cannot move '${from}' to '${to}': ${error}\n`);
  setExecutable(place, to, file.executable === true);
  place.host.files = place.host.files.filter((each) => each.path !== from);
  place.san.changed();
  return printed("");
};

/** `ln --symbolic TO PATH` */
export const ln: Program = (args, { host, san }) => {
  const options = readOptions(args, { symbolic: "flag" }, { s: "symbolic" });
  const [to, path, ...more] = options.operands;
  if (options.complaint !== null) return tryHelp("ln", options.complaint);
  if (to === undefined || path === undefined || more.length > 0 || !options.given.has("symbolic")) {
    return tryHelp("ln", "missing file operand");
  }
  if (findFile(host, path)) return complained(`ln: failed to create symbolic link '${path}': File exists\n`);
  host.links.push({ path, to });
  san.changed();
  return printed("");
};

/** `readlink --canonicalize-missing PATH`, and `readlink PATH`, which is silent if it is no link. */
export const readlink: Program = (args, { host }) => {
  const options = readOptions(args, { "canonicalize-missing": "flag" }, { m: "canonicalize-missing" });
  if (options.complaint !== null) return tryHelp("readlink", options.complaint);
  const [path] = options.operands;
  if (path === undefined) return tryHelp("readlink", "missing operand");
  if (options.given.has("canonicalize-missing")) return printed(`${realPathOf(host, path)}\n`);
  const link = host.links.find((one) => one.path === path);
  return link === undefined ? complained("", 1) : printed(`${link.to}\n`);
};

export const uname: Program = (args, { host }) => {
  const options = readOptions(args, { nodename: "flag", release: "flag" }, { n: "nodename", r: "release" });
  if (options.complaint !== null) return tryHelp("uname", options.complaint);
  if (options.given.has("nodename")) return printed(`${hostnameOf(host)}\n`);
  return printed(options.given.has("release") ? "6.1.0-50-amd64\n" : "Linux\n");
};

export const id: Program = (args, { host, root }) => {
  const name = root ? "root" : host.user;
  const number = root ? 0 : 1000;
  const text = `uid=${number}(${name}) gid=${number}(${name}) groups=${number}(${name})\n`;
  if (args.length === 0) return printed(text);
  return args[0] === "-u" ? printed(`${number}\n`) : complained(`id: invalid option -- '${args[0]?.slice(1) ?? ""}'\n`);
};

/** `date +%s.%N` */
export const date: Program = ([format], { host }) => {
  const now = Date.now() + host.clockAheadMs;
  if (format === "+%s.%N") return printed(`${Math.floor(now / 1000)}.${String(now % 1000).padStart(3, "0")}000000\n`);
  return format === undefined
    ? printed(`${new Date(now).toUTCString()}\n`)
    : tryHelp("date", `invalid date '${format}'`);
};

export const sleep: Program = async ([seconds = ""], { signal }) => {
  if (!/^\d+(\.\d+)?$/.test(seconds)) return tryHelp("sleep", `invalid time interval '${seconds}'`);
  await passTime(Number(seconds) * 1000, signal);
  return printed("");
};

/** `%s`, `%d`, `\n` and `\\`: what the bot's own marks need. */
export const printf: Program = ([format = "", ...values]) => {
  const rest = [...values];
  const text = format.replace(/\\(.)|%(.)/g, (_all, escaped: string | undefined, directive: string | undefined) => {
    if (escaped !== undefined) return { n: "\n", t: "\t", "\\": "\\" }[escaped] ?? `\\${escaped}`;
    if (directive === "%") return "%";
    return rest.shift() ?? (directive === "d" ? "0" : "");
  });
  return printed(text);
};

/** `test NUMBER -ne NUMBER` and `-eq`, `test -x FILE`, `test -w FOLDER`. */
export const test: Program = ([left = "", operator = "", right = "", ...more], place) => {
  if (left === "-x" && right === "") return printed("", isExecutable(place.host, operator) ? 0 : 1);
  if (left === "-w" && right === "") return printed("", mayWrite(place, `${operator}/x`) ? 0 : 1);
  const areNumbers = [left, right].every((word) => /^\d+$/.test(word));
  if (!areNumbers || !["-eq", "-ne"].includes(operator) || more.length > 0)
    return complained("test: not simulated\n", 2);
  return printed("", (Number(left) === Number(right)) === (operator === "-eq") ? 0 : 1);
};

/** `chmod MODE -- FILE…`: only whether the file is executable is simulated. */
export const chmod: Program = (args, place) => {
  const { operands, complaint } = readOptions(args, {});
  const [mode = "", ...paths] = operands;
  if (complaint !== null) return tryHelp("chmod", complaint);
  if (!/^[0-7]{3,4}$/.test(mode)) return tryHelp("chmod", `invalid mode: '${mode}'`);
  const executable = /[1357]$/.test(mode);
  const said = paths.flatMap((path) => {
    const error = setExecutable(place, path, executable);
    return error === null ? [] : [`chmod: cannot access '${path}': ${error}\n`];
  });
  return complained(said.join(""), said.length === 0 ? 0 : 1);
};

export const sha256sum: Program = (args, { host }) => {
  const { operands, complaint } = readOptions(args, {});
  if (complaint !== null) return tryHelp("sha256sum", complaint);
  const found = operands.map((path) => ({ path, file: findFile(host, path) }));
  const missing = found.filter(({ file }) => file === null);
  return {
    stdout: found
      .flatMap(({ path, file }) =>
        file === null ? [] : [`${createHash("sha256").update(file.content).digest("hex")}  ${path}\n`],
      )
      .join(""),
    stderr: missing.map(({ path }) => `sha256sum: ${path}: No such file or directory\n`).join(""),
    exitCode: missing.length === 0 ? 0 : 1,
  };
};

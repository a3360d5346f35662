import { type HostCommand, NotDone, OutputNotUnderstood, type ReadCommand } from "../core/host-command.ts";
import { MANY, SETTINGS } from "../core/limits.ts";
import { parseEach } from "../core/not-understood.ts";
import {
  type Blacklist,
  blacklistIn,
  type MapNaming,
  type MultipathConfig,
  mapNaming,
  multipathConfig,
  NotWellFormed,
  TooDeep,
  valueIn,
} from "./multipath-settings.ts";
import { filledLinesOf } from "./output.ts";

/** multipathd's client stopped waiting for a busy daemon. */
export const isBusy = (complaint: string): boolean =>
  /(?:^|")(?:timeout(?: receiving packet)?|error (?:-?\d+ )?receiving packet|cannot send packet)(?=$|["\s\\])/m.test(
    complaint,
  );

/**
 * Gives a map the size of its paths; no effect if it has that size. `name` is the alias, or the WWID if there is none.
 * If the daemon is busy or the host is slow, the client stops after 4 s (`uxsock_timeout`), and the daemon may still do
 * it. Or the daemon itself stops. Both print on standard output, with exit code 1:
 *
 *     timeout receiving packet
 *     timeout
 *
 * Before 0.9 its client also says `error receiving packet`, `error 104 receiving packet` or `cannot send packet`.
 */
export const resizeMap = (name: string): HostCommand<null, "change"> => ({
  effect: "change",
  argv: ["multipathd", "resize", "map", name],
  timeoutMs: 30_000,
  exitCodes: [0, 1],
  isTransient: isBusy,
  parse: ({ stdout, stderr }) => {
    // `ok`, or `fail` with exit code 0 or 1 by the version.
    if (stdout.trim() === "ok") return null;
    throw notOk(`${stdout}${stderr}`.trim());
  },
});

/** multipathd reads its settings and its disks again and creates missing maps. Maps in use stay. */
export const reconfigureMultipathd: HostCommand<null, "change"> = {
  effect: "change",
  argv: ["multipathd", "reconfigure"],
  timeoutMs: 60_000,
  exitCodes: [0, 1],
  isTransient: isBusy,
  parse: ({ stdout, stderr, exitCode }) => {
    // It ends with 0 also if the daemon refuses.
    const answer = stdout.trim();
    if (exitCode === 0 && (answer === "" || answer === "ok")) return null;
    throw notOk(`${stdout}${stderr}`.trim());
  },
};

/**
 * The meaning of an answer of multipathd other than `ok`. With these answers the daemon did nothing, or was not
 * reached:
 *
 *     fail
 *     ux_socket_connect: No such file or directory
 *     error -104 connecting to socket
 *     multipath daemon is not running
 *
 * After any other answer it may have done it: `timeout`, or a connection that was lost.
 */
const notOk = (answer: string): Error =>
  DEFINITE.test(answer) ? new NotDone("multipathd", answer) : new OutputNotUnderstood("multipathd", answer, "ok");

const DEFINITE =
  /^fail\b|socket_connect|connecting to (?:socket|multipathd)|not running|permission denied|need to be root/im;

/** multipath.conf, the files in /etc/multipath/conf.d (read later) and the built-in settings, merged. */
export interface MultipathSettings {
  /** As it prints it: `on` for `find_multipaths yes` since 0.8, `yes` before. */
  readonly findMultipaths: string;
  readonly naming: MapNaming;
  readonly blacklist: Blacklist;
  /** multipath 0.4.9 (RHEL 7) reads the section `overrides` and ignores it. Only a version that uses it prints it. */
  readonly knowsOverrides: boolean;
}

/** The settings that the daemon uses; null if it does not run. A socket unit may start it for the answer. */
export const readMultipathdSettings: ReadCommand<MultipathSettings | null> = {
  effect: "read",
  argv: ["multipathd", "show", "config"],
  timeoutMs: 10_000,
  limits: SETTINGS,
  exitCodes: [0, 1],
  isTransient: isBusy,
  parse: ({ stdout, stderr, exitCode }) => {
    const said = `${stdout}${stderr}`.trim();
    if (isBusy(said)) throw new OutputNotUnderstood("multipathd", said, "its settings");
    if (exitCode === 1 && !stdout.includes("{")) return null;
    return settingsIn("multipathd", stdout);
  },
};

/**
 * The settings in the files now; the daemon uses them after it reads them again. This asks neither the daemon nor
 * device-mapper. It ends with 1 if multipath rejects a file, as upstream does with `devnode "*"`.
 */
export const readMultipathFiles: ReadCommand<MultipathSettings> = {
  effect: "read",
  argv: ["multipath", "-t"],
  timeoutMs: 10_000,
  limits: SETTINGS,
  exitCodes: [0],
  parse: ({ stdout }) => settingsIn("multipath", stdout),
};

function settingsIn(program: string, stdout: string): MultipathSettings {
  const config = printedConfig(program, stdout);
  const findMultipaths = valueIn(config, "defaults/find_multipaths");
  if (findMultipaths === null) throw notPrinted(program, stdout, "defaults { … find_multipaths … }");
  const knowsOverrides = config.sections.some(({ name }) => name === "overrides");
  return { findMultipaths, naming: mapNaming(config, knowsOverrides), blacklist: blacklistIn(config), knowsOverrides };
}

function printedConfig(program: string, stdout: string): MultipathConfig {
  try {
    return multipathConfig(stdout);
  } catch (error) {
    if (error instanceof TooDeep) throw notPrinted(program, stdout, `other settings (${error.message})`);
    if (error instanceof NotWellFormed) throw notPrinted(program, stdout, "sections in braces");
    throw error;
  }
}

const notPrinted = (program: string, stdout: string, expected: string): OutputNotUnderstood =>
  new OutputNotUnderstood(program, stdout.slice(0, 80), expected);

/** A path as multipathd has it in memory. Nothing is asked of the disk, so that a dead one can't delay the answer. */
export interface PathInMemory {
  /** null if the disk has not said it yet. */
  readonly wwid: string | null;
  /** Name of its map; null: it is in none. */
  readonly map: string | null;
  /** host:channel:target:lun */
  readonly hctl: string;
  /** `sdd` */
  readonly device: string;
  readonly dmState: string;
  readonly checkerState: string;
  /** The target's node: its name with iSCSI, its WWNN with Fibre Channel. */
  readonly target: string | null;
  /** The target port's WWPN with Fibre Channel; null with anything else. */
  readonly targetPort: string | null;
}

/**
 * Every path that multipathd knows; null if it does not run. If only its socket is active, the question would start it,
 * so it is not asked then. Wildcards: multipath-tools, libmultipath/print.c.
 *
 *     36b083fe000daf018000015505abbe00a|mpatha|0:0:0:3|sdd|active|ready|0x5000c500a1b2c3d4|0x5000c500a1b2c3d5
 *     36b083fe000daf018000015505abbe00a|[orphan]|0:0:1:3|sdg|undef|i/o pending|[undef]|[undef]
 */
export const listPathsInMemory: ReadCommand<PathInMemory[] | null> = {
  effect: "read",
  argv: ["multipathd", "show", "paths", "raw", "format", "%w|%m|%i|%d|%t|%T|%n|%r"],
  onlyIfActive: "multipathd.service",
  timeoutMs: 10_000,
  limits: MANY,
  exitCodes: [0, 1],
  isTransient: isBusy,
  parse: ({ stdout, stderr, exitCode }, note) => {
    const said = `${stdout}${stderr}`.trim();
    if (isBusy(said)) throw new OutputNotUnderstood("multipathd", said, "its paths");
    if (DEFINITE.test(said) && !said.includes("|")) return null;
    if (exitCode === 1 && said === "") return null;
    if (exitCode !== 0) throw new OutputNotUnderstood("multipathd", said, "its paths");
    return parseEach(filledLinesOf(stdout), (line) => [pathInMemory(line)], namesInPath, note);
  },
};

function pathInMemory(line: string): PathInMemory {
  const [wwid = "", map = "", hctl = "", device = "", dmState = "", checkerState = "", target = "", ...rest] =
    line.split("|");
  const [targetPort] = rest;
  if (rest.length !== 1 || targetPort === undefined || device === "" || checkerState === "")
    throw new OutputNotUnderstood("multipathd", line, "WWID|map|H:C:T:L|device|state|state|target|port");
  return {
    ...{ wwid: known(wwid), map: known(map), hctl, device, dmState, checkerState },
    ...{ target: known(target), targetPort: known(targetPort) },
  };
}

/** `[undef]`, `[unknown]`, `[orphan]`: it does not know. */
const known = (text: string): string | null => (text === "" || text.startsWith("[") ? null : text.trim());

/** What a line that is not understood may be about; null: any path. */
function namesInPath(line: string): string[] | null {
  const names = line
    .split("|")
    .slice(0, 4)
    .flatMap((name) => known(name) ?? []);
  return names.length === 0 ? null : names;
}

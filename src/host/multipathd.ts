import { type HostCommand, NotDone, OutputNotUnderstood, type ReadCommand } from "../core/host-command.ts";
import { SETTINGS } from "../core/limits.ts";
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

/** multipathd's client gave up on a daemon that has no time for it now. */
export const isBusy = (complaint: string): boolean =>
  /(?:^|")(?:timeout(?: receiving packet)?|error (?:-?\d+ )?receiving packet|cannot send packet)(?=$|["\s\\])/m.test(
    complaint,
  );

/**
 * Gives a map the size that its paths have; one of that size stays. `name` as above: multipathd knows a map by no other.
 * Where the daemon is busy with many paths, or the host is slow, its client gives up after 4 s (`uxsock_timeout`) and the
 * daemon may do it yet; or the daemon itself gives up (both on standard output, exit code 1):
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

/** multipathd reads its settings and its disks anew and makes the maps that are missing; those in use stay. */
export const reconfigureMultipathd: HostCommand<null, "change"> = {
  effect: "change",
  argv: ["multipathd", "reconfigure"],
  timeoutMs: 60_000,
  exitCodes: [0, 1],
  isTransient: isBusy,
  parse: ({ stdout, stderr, exitCode }) => {
    // It ends with 0 also where the daemon says no.
    const answer = stdout.trim();
    if (exitCode === 0 && (answer === "" || answer === "ok")) return null;
    throw notOk(`${stdout}${stderr}`.trim());
  },
};

/**
 * What an answer of multipathd's that is not `ok` means. With these the daemon did nothing, or was not reached:
 *
 *     fail
 *     ux_socket_connect: No such file or directory
 *     error -104 connecting to socket
 *     multipath daemon is not running
 *
 * After any other it may have done it: `timeout`, or a connection that was lost.
 */
const notOk = (answer: string): Error =>
  DEFINITE.test(answer) ? new NotDone("multipathd", answer) : new OutputNotUnderstood("multipathd", answer, "ok");

const DEFINITE =
  /^fail\b|socket_connect|connecting to (?:socket|multipathd)|not running|permission denied|need to be root/im;

/** multipath.conf, the files in /etc/multipath/conf.d, which are read later, and what was built in, taken together. */
export interface MultipathSettings {
  /** As it prints it: `on` for `find_multipaths yes` since 0.8, `yes` before. */
  readonly findMultipaths: string;
  readonly naming: MapNaming;
  readonly blacklist: Blacklist;
  /** multipath 0.4.9 (RHEL 7) reads the section `overrides` and ignores it; only what knows it prints it. */
  readonly knowsOverrides: boolean;
}

/** What the daemon goes by; null where it does not run and does not start to answer, as it does by its socket unit. */
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
 * What the files say now: the daemon goes by it once it reads them. Neither the daemon nor device-mapper is asked. It ends
 * with 1 where multipath gives up on a file, as upstream does at `devnode "*"`.
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

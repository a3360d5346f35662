import { OutputNotUnderstood, type ReadCommand } from "../core/host-command.ts";
import { SETTINGS } from "../core/limits.ts";
import { type Blacklist, blacklistIn } from "./multipath-blacklist.ts";
import { type MultipathConfig, multipathConfig, NotWellFormed, TooDeep, valueIn } from "./multipath-config.ts";
import { isBusy } from "./multipath-map.ts";
import { type MapNaming, mapNaming } from "./multipath-names.ts";

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
  passes: isBusy,
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

import { isRhel7 } from "../san/packages.ts";
import { complained, type Place, type Result } from "../san/program.ts";
import type { SanHost } from "../san/san-state.ts";
import { findFile } from "./file-tree.ts";

/** LVM's settings as lvm.conf and lvmlocal.conf give them: `local/host_id` → `1`. */
export type Settings = ReadonlyMap<string, string>;

const defaults: readonly (readonly [string, string])[] = [
  ["local/host_id", "0"],
  ["global/use_lvmlockd", "0"],
  ["global/sanlock_lv_extend", "256"],
  ["global/lvmlockd_lock_retries", "3"],
  ["devices/issue_discards", "0"],
  ["devices/use_devicesfile", "0"],
];

/** The settings, or the error of every LVM program if a file can't be read as settings. */
function settingsInForce(host: SanHost): Settings | Result {
  const settings = new Map(defaults);
  for (const path of ["/etc/lvm/lvm.conf", "/etc/lvm/lvmlocal.conf"]) {
    const text = findFile(host, path)?.content ?? "";
    const error = readSettings(text, settings);
    if (error !== null) {
      const line = text.slice(0, error).split("\n").length;
      return complained(
        `  Parse error at byte ${error} (line ${line}): unexpected token\n  Failed to load config file ${path}\n`,
        4,
      );
    }
  }
  return settings;
}

const isResult = (value: Settings | Result): value is Result => "exitCode" in value;

/** The settings of a program that needs them to continue. */
export const withSettings = (
  place: Place,
  run: (settings: Settings) => Result | Promise<Result>,
  /** Of `--config`, which overrides the files. */
  config = "",
) => {
  const settings = settingsInForce(place.host);
  if (isResult(settings)) return settings;
  const overridden = new Map(settings);
  const error = readSettings(config, overridden);
  if (error !== null) return complained("  Error parsing --config argument.\n", 3);
  return withWarnings(run(overridden), isRhel7(place.host) ? unknownBefore203(config) : "");
};

/** LVM 2.02 reports each setting of a later version, and continues. */
const unknownBefore203 = (config: string): string =>
  ["devices/hints", "devices/use_devicesfile"]
    .filter((name) => config.includes(`${name}=`))
    .map((name) => `  Configuration setting "${name}" unknown.\n`)
    .join("");

async function withWarnings(result: Result | Promise<Result>, warnings: string): Promise<Result> {
  const { stderr, ...rest } = await result;
  return { ...rest, stderr: `${warnings}${stderr}` };
}

/** Reads `section { key = value }` and `section/key = value`; returns the offset of what is neither, or null. */
function readSettings(text: string, settings: Map<string, string>): number | null {
  const sections: string[] = [];
  const token = /\s+|#[^\n]*|([A-Za-z0-9_./-]+)\s*(\{|=\s*("(?:[^"\\]|\\.)*"|\[[^\]]*\]|[^\s{}#]+))|(\})/gy;
  while (token.lastIndex < text.length) {
    const at = token.lastIndex;
    const match = token.exec(text);
    if (!match) return at;
    const [, name, rest, value, closing] = match;
    if (closing !== undefined) {
      if (sections.pop() === undefined) return at;
    } else if (name !== undefined && value !== undefined) {
      settings.set([...sections, name].join("/"), value.replace(/^"(.*)"$/, "$1"));
    } else if (name !== undefined && rest === "{") sections.push(name);
  }
  return sections.length > 0 ? text.length : null;
}

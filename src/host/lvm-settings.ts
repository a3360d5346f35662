import type { LvmSettings } from "./lvm.ts";
import { lvmConfig, type Setting } from "./lvm-config.ts";

/** LVM's settings of this one host; they override those of lvm.conf, in any section. */
export const LVM_LOCAL_CONF = "/etc/lvm/lvmlocal.conf";
export const SANLOCK_CONF = "/etc/sanlock/sanlock.conf";

/**
 * What ZStack's agent sets on a host, so that ZStack can take the storage over; and no devices file, of which the agent
 * knows nothing: a disk that one host puts into a group would stay unusable on the others. A setting that a version of
 * LVM doesn't know it would complain about at every command.
 */
export const sharedBlockLvmSettings = (
  hostId: number,
  now: Pick<LvmSettings, "useDevicesFile" | "useLvmetad">,
): LvmSettings => ({
  hostId,
  useLvmlockd: true,
  sanlockLvExtendMiB: 1024,
  lvmlockdLockRetries: 6,
  issueDiscards: false,
  useDevicesFile: now.useDevicesFile === null ? null : false,
  useLvmetad: now.useLvmetad === null ? null : false,
});

/**
 * The text of lvmlocal.conf with these settings; every other line stays. What is set is set in place, what is only
 * commented out is put into force there, what is missing is added to its section. Twice gives the same.
 */
export function lvmLocalConf(before: string | null, settings: LvmSettings): string {
  const text = (before ?? "").replaceAll("\r\n", "\n");
  return wanted(settings).reduce((merged, [path, value]) => withSetting(merged, path, value), text);
}

const wanted = (settings: LvmSettings): [path: string, value: number][] =>
  (
    [
      ["local/host_id", settings.hostId],
      ["global/use_lvmlockd", Number(settings.useLvmlockd)],
      ["global/sanlock_lv_extend", settings.sanlockLvExtendMiB],
      ["global/lvmlockd_lock_retries", settings.lvmlockdLockRetries],
      ["devices/issue_discards", Number(settings.issueDiscards)],
      ["global/use_lvmetad", settings.useLvmetad === null ? null : Number(settings.useLvmetad)],
      ["devices/use_devicesfile", settings.useDevicesFile === null ? null : Number(settings.useDevicesFile)],
    ] as const
  ).flatMap(([path, value]) => (value === null ? [] : [[path, value]]));

function withSetting(text: string, path: string, value: number): string {
  const config = lvmConfig(LVM_LOCAL_CONF, text);
  const found = config.settings.filter((setting) => setting.path === path);
  const inForce = found.filter((setting) => !setting.commented);
  // Of several in force LVM takes the last: all are set, and which one counts no longer matters.
  const places = inForce.length > 0 ? inForce : found.slice(-1);
  if (places.length > 0) return places.reduceRight((changed, place) => setAt(changed, place, path, value), text);
  const [sectionName = "", name = path] = path.split("/");
  const section = config.sections.find((each) => each.path === sectionName);
  if (section !== undefined) return withLineBefore(text, section.end, `\t${name} = ${value}`);
  const start = text === "" || text.endsWith("\n") ? text : `${text}\n`;
  return `${start}${sectionName} {\n\t${name} = ${value}\n}\n`;
}

/** At the top of a file the name is the whole path: `global/use_lvmlockd = 1`. */
function setAt(text: string, place: Setting, path: string, value: number): string {
  const [, name = path, present] = /([A-Za-z0-9_/]+)\s*=\s*(\S+)/.exec(text.slice(place.start, place.end)) ?? [];
  if (!place.commented && present === String(value)) return text;
  return `${text.slice(0, place.start)}${name} = ${value}${text.slice(place.end)}`;
}

/** `local { host_id = 3 }` on one line is closed on the next one. */
function withLineBefore(text: string, brace: number, line: string): string {
  const lineStart = text.lastIndexOf("\n", brace - 1) + 1;
  const alone = text.slice(lineStart, brace).trim() === "";
  return alone
    ? `${text.slice(0, lineStart)}${line}\n${text.slice(lineStart)}`
    : `${text.slice(0, brace).trimEnd()}\n${line}\n${text.slice(brace)}`;
}

/** The text of sanlock.conf with the watchdog off, as ZStack's agent writes it; a line that sets it stays. */
export function sanlockConf(before: string | null): string {
  const text = (before ?? "").replaceAll("\r\n", "\n");
  if (/^[ \t]*use_watchdog[ \t]*=/m.test(text)) return text;
  const start = text === "" || text.endsWith("\n") ? text : `${text}\n`;
  return `${start}use_watchdog = 0\n`;
}

import { type CommandOutput, OutputNotUnderstood, type ReadCommand } from "../core/host-command.ts";
import { FEW } from "../core/limits.ts";
import { Refusal, reason } from "../core/refusal.ts";
import { linesOf } from "./output.ts";

/** The settings of LVM that shared volume groups depend on; null if this version of LVM doesn't know the setting. */
export interface LvmSettings {
  /** sanlock's host id; 0 if it is not set. */
  readonly hostId: number | null;
  readonly useLvmlockd: boolean;
  readonly sanlockLvExtendMiB: number | null;
  readonly lvmlockdLockRetries: number | null;
  readonly issueDiscards: boolean;
  /** LVM uses only the disks in its devices file, if there is one. */
  readonly useDevicesFile: boolean | null;
  /** LVM asks a daemon with a cache of the disks. The cache does not have what other hosts wrote since then. */
  readonly useLvmetad: boolean | null;
}

/** The settings in force: lvm.conf, lvmlocal.conf and the defaults together. */
export const readLvmSettings: ReadCommand<LvmSettings> = {
  effect: "read",
  argv: [
    ...(["lvmconfig", "--type", "full", "local/host_id", "global/use_lvmlockd", "global/sanlock_lv_extend"] as const),
    ...["global/lvmlockd_lock_retries", "devices/issue_discards", "devices/use_devicesfile", "global/use_lvmetad"],
  ],
  timeoutMs: 20_000,
  limits: FEW,
  exitCodes: [0, 5],
  parse: lvmSettings,
};

/**
 *     host_id=0
 *     use_lvmlockd=1
 *
 * `log/command_names` in LVM's settings puts the command before each. Exit code 5 with `Configuration node global/… not
 * found` if the version doesn't know a setting. The others are printed.
 */
function lvmSettings({ stdout, stderr, exitCode }: CommandOutput): LvmSettings {
  if (exitCode !== 0 && !/Configuration node \S+ not found/.test(stderr)) {
    throw new OutputNotUnderstood("lvmconfig", stderr.trim(), "settings");
  }
  const values = new Map<string, number>();
  for (const line of linesOf(stdout)) {
    const [, name, value] = /^(?:lvmconfig:?\s+)?([a-z_]+)=(.*)$/.exec(line.trim()) ?? [];
    if (name === undefined || value === undefined) continue;
    if (!/^\d+$/.test(value)) throw new OutputNotUnderstood("lvmconfig", line, "a number");
    values.set(name, Number(value));
  }
  if (values.size === 0) throw new OutputNotUnderstood("lvmconfig", stdout.trim(), "settings");
  const switchOf = (name: string): boolean | null => (values.has(name) ? values.get(name) === 1 : null);
  return {
    hostId: values.get("host_id") ?? null,
    useLvmlockd: values.get("use_lvmlockd") === 1,
    sanlockLvExtendMiB: values.get("sanlock_lv_extend") ?? null,
    lvmlockdLockRetries: values.get("lvmlockd_lock_retries") ?? null,
    issueDiscards: values.get("issue_discards") === 1,
    useDevicesFile: switchOf("use_devicesfile"),
    useLvmetad: switchOf("use_lvmetad"),
  };
}

/** LVM's settings for this host only; they override lvm.conf, in any section. */
export const LVM_LOCAL_CONF = "/etc/lvm/lvmlocal.conf";
export const SANLOCK_CONF = "/etc/sanlock/sanlock.conf";

/**
 * The settings of ZStack's agent, so that ZStack can take the storage over. The devices file is off, because the agent
 * does not maintain it: a disk that one host adds to a group would stay unusable on the others. Settings that this
 * version of LVM doesn't know are left out: LVM would complain at every command.
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
 * The text of lvmlocal.conf with these settings; every other line is unchanged. An existing setting gets its value in
 * place. A commented one is activated in place. A missing one is added to its section. A second run changes nothing.
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
  // If a setting is there several times, LVM takes the last. All of them get the value.
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

/** The text of sanlock.conf with the watchdog off, as ZStack's agent writes it. An existing setting is unchanged. */
export function sanlockConf(before: string | null): string {
  const text = (before ?? "").replaceAll("\r\n", "\n");
  if (/^[ \t]*use_watchdog[ \t]*=/m.test(text)) return text;
  const start = text === "" || text.endsWith("\n") ? text : `${text}\n`;
  return `${start}use_watchdog = 0\n`;
}

/** One `name = value` in LVM's configuration language, live or commented out. Offsets are into the text. */
interface Setting {
  /** `local/host_id` */
  readonly path: string;
  readonly commented: boolean;
  readonly start: number;
  /** Behind the value. */
  readonly end: number;
}
interface Section {
  readonly path: string;
  /** Of its closing brace. */
  readonly end: number;
}
interface LvmConfig {
  readonly settings: readonly Setting[];
  readonly sections: readonly Section[];
}

// Strings may have braces and hashes, and lists may span lines. The order of the alternatives matters.
const TOKEN = /"(?:\\.|[^"\\])*"|'[^']*'|#[^\n]*|\[[^\]]*\]|[{}=]|[^\s"'#[\]{}=]+/g;
const COMMENTED = /^#\s*([A-Za-z0-9_]+)\s*=\s*(?:"[^"]*"|\[[^\]]*\]|[^\s"#[\]{}=]+)[ \t]*$/;

/**
 * The places of all settings and sections in a file of this form. The other text is kept:
 *
 *     local {
 *         # host_id = 0
 *     }
 *     global/use_lvmlockd = 1
 */
function lvmConfig(file: string, text: string): LvmConfig {
  const settings: Setting[] = [];
  const sections: Section[] = [];
  const open: string[] = [];
  const pathOf = (name: string) => [...open, name].join("/");
  let name: { readonly word: string; readonly start: number } | null = null;
  let assigning = false;
  for (const token of text.matchAll(TOKEN)) {
    const [word] = token;
    const end = token.index + word.length;
    if (word.startsWith("#")) {
      const commented = COMMENTED.exec(word)?.[1];
      if (commented !== undefined) settings.push({ path: pathOf(commented), commented: true, start: token.index, end });
    } else if (word === "{") {
      open.push(name?.word ?? "");
      name = null;
    } else if (word === "}") {
      if (open.length === 0) throw unbalanced(file, text, token.index, "a closing brace has no opening brace");
      sections.push({ path: open.join("/"), end: token.index });
      open.pop();
      name = null;
    } else if (word === "=") {
      assigning = name !== null;
    } else if (assigning && name !== null) {
      settings.push({ path: pathOf(name.word), commented: false, start: name.start, end });
      assigning = false;
      name = null;
    } else {
      name = { word: word.replace(/^"(.*)"$/, "$1"), start: token.index };
    }
  }
  if (open.length > 0) throw unbalanced(file, text, text.length, `section "${open.join("/")}" is not closed`);
  return { settings, sections };
}

const unbalanced = (file: string, text: string, at: number, why: string): Refusal =>
  new Refusal(
    `${file} can't be changed`,
    reason("CONFIG_NOT_READABLE", `line ${text.slice(0, at).split("\n").length}: ${why}`),
  );

import { familyOf, isRhel7 } from "../san/packages.ts";
import { type MultipathSettings, multipathSettingsSchema, type SanHost } from "../san/san-state.ts";
import { findFile } from "./file-tree.ts";

export const MULTIPATH_CONF = "/etc/multipath.conf";

type Reading = { -readonly [K in keyof MultipathSettings]: MultipathSettings[K] };

/** multipath.conf as multipath reads it; without one, what was built in: RHEL's then takes no disk at all. */
export function readMultipathConf(host: SanHost): MultipathSettings {
  const file = findFile(host, MULTIPATH_CONF);
  const found: Reading = {
    findMultipaths: "strict",
    userFriendlyNames: false,
    blacklistsAll: file === null && familyOf(host) === "rhel",
    overridingNames: null,
    // Built in, as in multipath-tools.
    namesOfMakes: [{ vendor: "NETAPP", product: "LUN", friendly: false }],
    blacklist: [],
    exceptions: [],
    knowsOverrides: !isRhel7(host),
  };
  let section = "";
  let make = { vendor: ".*", product: ".*" };
  for (const line of (file?.content ?? "").split("\n")) {
    const [word = "", value = ""] = line
      .replace(/[#!].*/, "")
      .replaceAll('"', "")
      .trim()
      .split(/\s+/);
    const opened = /^(\w+)\s*\{/.exec(line.trim())?.[1];
    if (opened !== undefined) {
      section = section === "" ? opened : `${section}/${opened}`;
      make = { vendor: ".*", product: ".*" };
    } else if (word === "}") section = section.includes("/") ? section.slice(0, section.lastIndexOf("/")) : "";
    else if (section === "devices/device" && (word === "vendor" || word === "product")) make[word] = value;
    else if (section === "devices/device" && word === "user_friendly_names") {
      found.namesOfMakes.push({ ...make, friendly: value === "yes" });
    } else readSetting(section, word, value, found);
  }
  // 0.4.9 reads the section and ignores it.
  return found.knowsOverrides ? found : { ...found, overridingNames: null };
}

function readSetting(section: string, name: string, value: string, found: Reading): void {
  const isAll = section === "blacklist" && name === "devnode" && /^\^?\.?\*\$?$/.test(value);
  if (isAll) found.blacklistsAll = true;
  else if (section === "blacklist" && (name === "devnode" || name === "wwid")) {
    found.blacklist.push({ by: name, pattern: value });
  } else if (section === "blacklist_exceptions" && (name === "devnode" || name === "wwid")) {
    found.exceptions.push({ by: name, pattern: value });
  } else if (section === "overrides" && name === "user_friendly_names") found.overridingNames = value === "yes";
  else if (section === "defaults" && name === "user_friendly_names") found.userFriendlyNames = value === "yes";
  else if (section === "defaults" && name === "find_multipaths") {
    const synonyms: Readonly<Record<string, string>> = { on: "yes", off: "no" };
    const known = multipathSettingsSchema.shape.findMultipaths.safeParse(synonyms[value] ?? value);
    if (known.success) found.findMultipaths = known.data;
  }
}

/**
 * multipath's message about rules that are no regular expressions, before it ends; null if all are valid. RHEL's
 * multipath takes such a star for anything.
 */
export function complaintOfConf(host: SanHost): string | null {
  if (familyOf(host) === "rhel") return null;
  const lines = (findFile(host, MULTIPATH_CONF)?.content ?? "").split("\n");
  const wrong = lines.flatMap((line, index) => {
    const [, pattern] = /^\s*(?:devnode|wwid|protocol)\s+"?([^"]*)"?/.exec(line) ?? [];
    return pattern === undefined || isRegularExpression(pattern)
      ? []
      : [`198.234995 | ${MULTIPATH_CONF} line ${index + 1}, parsing failed: ${line}\n`];
  });
  return wrong.length === 0 ? null : `${wrong.join("")}198.249192 | error parsing config file\n`;
}

function isRegularExpression(pattern: string): boolean {
  try {
    new RegExp(pattern);
    return !pattern.startsWith("*");
  } catch {
    return false;
  }
}

/** Whether a LUN of this make gets a name of the host's choice. */
export function isFriendly(
  { overridingNames, namesOfMakes, userFriendlyNames }: MultipathSettings,
  lun: { readonly vendor: string; readonly product: string },
): boolean {
  const make = namesOfMakes.findLast(
    ({ vendor, product }) => new RegExp(vendor).test(lun.vendor) && new RegExp(product).test(lun.product),
  );
  return overridingNames ?? make?.friendly ?? userFriendlyNames;
}

export const isBlacklisted = (
  { blacklistsAll, blacklist, exceptions }: MultipathSettings,
  disk: { readonly devnode: string; readonly wwid: string },
): boolean =>
  (["devnode", "wwid"] as const).some((by) => {
    const hasMatch = (rules: MultipathSettings["blacklist"]) =>
      rules.some((rule) => rule.by === by && new RegExp(rule.pattern).test(disk[by]));
    return ((by === "devnode" && blacklistsAll) || hasMatch(blacklist)) && !hasMatch(exceptions);
  });

const yesNo = (is: boolean): string => (is ? "yes" : "no");

/** As `multipathd show config` prints it, of what was built in only a little; 0.9 says `on` for yes. */
export function shownConfig(settings: MultipathSettings): string {
  const { findMultipaths, userFriendlyNames, blacklistsAll, overridingNames, namesOfMakes, blacklist } = settings;
  const { exceptions, knowsOverrides } = settings;
  const find = { yes: "on", no: "off", greedy: "greedy", smart: "smart", strict: "strict" }[findMultipaths];
  const rules = [
    ...(blacklistsAll ? ['\tdevnode ".*"\n'] : []),
    ...blacklist.map(({ by, pattern }) => `\t${by} "${pattern}"\n`),
    '\tdevnode "!^(sd[a-z]|dasd[a-z]|nvme[0-9])"\n',
  ];
  const devices = namesOfMakes.map(
    ({ vendor, product, friendly }) =>
      `\tdevice {\n\t\tvendor "${vendor}"\n\t\tproduct "${product}"\n\t\tuser_friendly_names "${yesNo(friendly)}"\n\t}\n`,
  );
  const overrides = overridingNames === null ? "" : `\tuser_friendly_names "${yesNo(overridingNames)}"\n`;
  return `defaults {
	verbosity 2
	polling_interval 5
	path_selector "service-time 0"
	path_grouping_policy "failover"
	alias_prefix "mpath"
	failback "manual"
	user_friendly_names "${yesNo(userFriendlyNames)}"
	bindings_file "/etc/multipath/bindings"
	wwids_file "/etc/multipath/wwids"
	find_multipaths "${find}"
	uxsock_timeout 4000
}
blacklist {
${rules.join("")}}
blacklist_exceptions {
${exceptions.map(({ by, pattern }) => `\t${by} "${pattern}"\n`).join("")}	property "(SCSI_IDENT_|ID_WWN)"
}
devices {
${devices.join("")}}
${knowsOverrides ? `overrides {\n${overrides}}\n` : ""}`;
}

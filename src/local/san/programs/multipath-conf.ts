import { familyOf } from "../packages.ts";
import { type MultipathSettings, multipathSettingsSchema, type SanHost } from "../san-state.ts";
import { findFile } from "./file-tree.ts";

export const MULTIPATH_CONF = "/etc/multipath.conf";

/** multipath.conf as multipath reads it; without one, what was built in: RHEL's then takes no disk at all. */
export function readMultipathConf(host: SanHost): MultipathSettings {
  const file = findFile(host, MULTIPATH_CONF);
  const found: { -readonly [K in keyof MultipathSettings]: MultipathSettings[K] } = {
    findMultipaths: "strict",
    userFriendlyNames: false,
    blacklistsAll: file === null && familyOf(host) === "rhel",
  };
  let section = "";
  for (const line of (file?.content ?? "").split("\n")) {
    const [word = "", value = ""] = line
      .replace(/[#!].*/, "")
      .replaceAll('"', "")
      .trim()
      .split(/\s+/);
    const opened = /^(\w+)\s*\{/.exec(line.trim())?.[1];
    if (opened !== undefined) section = section === "" ? opened : `${section}/${opened}`;
    else if (word === "}") section = section.includes("/") ? section.slice(0, section.lastIndexOf("/")) : "";
    else if (section === "blacklist" && word === "devnode" && /^\^?\.?\*\$?$/.test(value)) found.blacklistsAll = true;
    else if (section === "defaults" && word === "user_friendly_names") found.userFriendlyNames = value === "yes";
    else if (section === "defaults" && word === "find_multipaths") {
      const synonyms: Readonly<Record<string, string>> = { on: "yes", off: "no" };
      const known = multipathSettingsSchema.shape.findMultipaths.safeParse(synonyms[value] ?? value);
      if (known.success) found.findMultipaths = known.data;
    }
  }
  return found;
}

/** As `multipathd show config` begins; 0.9 says `on` for yes. */
export function shownConfig({ findMultipaths, userFriendlyNames, blacklistsAll }: MultipathSettings): string {
  const find = { yes: "on", no: "off", greedy: "greedy", smart: "smart", strict: "strict" }[findMultipaths];
  return `defaults {
	verbosity 2
	polling_interval 5
	path_selector "service-time 0"
	path_grouping_policy "failover"
	alias_prefix "mpath"
	failback "manual"
	user_friendly_names "${userFriendlyNames ? "yes" : "no"}"
	bindings_file "/etc/multipath/bindings"
	wwids_file "/etc/multipath/wwids"
	find_multipaths "${find}"
	uxsock_timeout 4000
}
blacklist {
	devnode "${blacklistsAll ? "*" : "!^(sd[a-z]|dasd[a-z]|nvme[0-9])"}"
}
`;
}

import { readOptions } from "../san/options.ts";
import { complained, type Place, type Program, printed } from "../san/program.ts";
import { findFile, writeFile } from "./file-tree.ts";
import { MULTIPATH_CONF } from "./multipath-conf.ts";
import { startUnit } from "./systemctl.ts";

const defaultConf = `# device-mapper-multipath configuration file

# For a complete list of the default configuration values, run either:
# # multipath -t
# or
# # multipathd show config

# For a list of configuration options with descriptions, see the
# multipath.conf man page.

defaults {
	user_friendly_names yes
	find_multipaths yes
}

blacklist {
}
`;

/**
 * `mpathconf --enable`: creates RHEL's file if there is none, comments out a blacklist of all disks, loads the module,
 * and starts the daemon on request.
 */
export const mpathconf: Program = (args, place) => {
  const yesNo = "value" as const;
  const options = readOptions(args, {
    enable: "flag",
    user_friendly_names: yesNo,
    find_multipaths: yesNo,
    with_multipathd: yesNo,
    with_module: yesNo,
  });
  if (options.complaint !== null || !options.given.has("enable")) {
    return complained("usage: /usr/sbin/mpathconf <command>\n", 1);
  }
  if (!place.root) return complained("must be root\n");
  const { host } = place;
  const before = findFile(host, MULTIPATH_CONF)?.content ?? defaultConf;
  const enabled = before.replace(/^blacklist\s*\{[\s\S]*?^\}/gm, (section) =>
    section.replace(/^[ \t]*devnode "\.?\*"/gm, '#\tdevnode ".*"'),
  );
  const after = ["user_friendly_names", "find_multipaths"].reduce(
    (text, name) => withYesNo(text, name, options.given.get(name)),
    enabled,
  );
  const old = findFile(host, MULTIPATH_CONF)?.content;
  if (old !== undefined) writeFile(place, `${MULTIPATH_CONF}.old`, old);
  if (after !== old) writeFile(place, MULTIPATH_CONF, after);
  if (options.given.get("with_module") !== "n" && !host.modules.includes("dm_multipath")) {
    host.modules.push("dm_multipath");
    place.san.changed();
  }
  if (options.given.get("with_multipathd") === "y") startDaemon(place);
  return printed("");
};

function withYesNo(text: string, name: string, asked: string | undefined): string {
  if (asked === undefined) return text;
  const value = asked === "y" ? "yes" : "no";
  const line = new RegExp(`^([ \\t]*${name}[ \\t]+).*$`, "m");
  return line.test(text) ? text.replace(line, `$1${value}`) : text.replace(/^defaults \{\n/m, `$&\t${name} ${value}\n`);
}

function startDaemon(place: Place): void {
  const unit = place.host.units.find(({ name }) => name === "multipathd.service");
  if (unit && !unit.active) startUnit(unit, place);
}

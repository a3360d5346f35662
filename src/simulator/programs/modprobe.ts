import { readOptions } from "../san/options.ts";
import { complained, type Program } from "../san/program.ts";

/** What Debian's kernel has as modules and the bot's hosts may need. */
const known = ["dm_mod", "dm_multipath", "dm_round_robin", "dm_service_time", "dm_queue_length", "softdog"];

/** `modprobe NAME` and `modprobe --all NAME…`; silent if they are loaded. */
export const modprobe: Program = (args, { host, san, root }) => {
  const options = readOptions(args, { all: "flag" }, { a: "all" });
  if (options.complaint !== null) return complained(`modprobe: ${options.complaint}\n`);
  const wanted = options.given.has("all") ? options.operands : options.operands.slice(0, 1);
  if (wanted.length === 0) return complained("modprobe: ERROR: missing parameters. See -h.\n");
  let stderr = "";
  for (const name of wanted) {
    const module = name.replaceAll("-", "_");
    if (!known.includes(module)) {
      const level = options.given.has("all") ? "WARNING" : "FATAL";
      stderr += `modprobe: ${level}: Module ${name} not found in directory /lib/modules/6.1.0-50-amd64\n`;
    } else if (!host.modules.includes(module)) {
      if (!root) return complained(`modprobe: ERROR: could not insert '${module}': Operation not permitted\n`);
      host.modules.push(module);
      san.changed();
    }
  }
  return complained(stderr, stderr === "" ? 0 : 1);
};

import { readOptions } from "../options.ts";
import { complained, type Program, printed } from "../program.ts";

/** `udevadm settle --timeout=N`: links are there as soon as their devices are. */
export const udevadm: Program = ([verb, ...args]) => {
  if (verb === undefined) return complained("udevadm: missing command or option\n");
  if (verb !== "settle" && verb !== "trigger") return complained(`Unknown command verb ${verb}.\n`);
  const options = readOptions(args, { timeout: "value" }, { t: "timeout" });
  return options.complaint === null ? printed("") : complained(`${verb}: ${options.complaint}\n`);
};

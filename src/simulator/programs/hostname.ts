import { readOptions } from "../san/options.ts";
import { complained, type Program, printed } from "../san/program.ts";
import type { SanHost } from "../san/san-state.ts";
import { writeFile } from "./file-tree.ts";

/** As the kernel knows it. */
export const hostnameOf = (host: SanHost): string => host.hostname ?? host.name;

/** `hostname` and `hostname --all-ip-addresses`. */
export const hostname: Program = (args, { host }) => {
  const options = readOptions(args, { "all-ip-addresses": "flag" }, { I: "all-ip-addresses" });
  if (options.complaint !== null) return complained(`hostname: ${options.complaint}\n`);
  if (options.operands.length > 0) return complained("hostname: you must be root to change the host name\n");
  if (!options.given.has("all-ip-addresses")) return printed(`${hostnameOf(host)}\n`);
  return printed(host.address === null ? "\n" : `${host.address} \n`);
};

/** `hostnamectl set-hostname NAME`: the kernel's name, and /etc/hostname for the next boot. */
export const hostnamectl: Program = ([verb, name, ...more], place) => {
  if (verb !== "set-hostname" && verb !== "hostname") return complained(`Unknown command verb ${verb ?? "status"}.\n`);
  if (name === undefined || more.length > 0) return complained("Too few arguments.\n");
  if (!place.root) return complained("Could not set property: Interactive authentication required.\n");
  if (!/^[A-Za-z0-9]([A-Za-z0-9-]*[A-Za-z0-9])?(\.[A-Za-z0-9]([A-Za-z0-9-]*[A-Za-z0-9])?)*$/.test(name)) {
    return complained(`Could not set static hostname: Invalid static hostname '${name}'\n`);
  }
  writeFile(place, "/etc/hostname", `${name}\n`);
  place.host.hostname = name;
  place.san.changed();
  return printed("");
};

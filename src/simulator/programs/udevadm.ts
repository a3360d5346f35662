import { viewOf } from "../san/host-view.ts";
import { readOptions } from "../san/options.ts";
import { complained, type Place, type Program, printed, type Result } from "../san/program.ts";
import { probeAgain, probeAll } from "../san/udev-memory.ts";
import { monitorEvents } from "./monitor-events.ts";

/**
 * `udevadm settle --timeout=N`, `udevadm trigger --action=change [--name-match=DEVICE]…` and `udevadm monitor`: events
 * are worked off at once.
 */
export const udevadm: Program = ([verb, ...args], place) => {
  if (verb === undefined) return complained("udevadm: missing command or option\n");
  if (verb === "trigger") return trigger(args, place);
  if (verb === "monitor") return monitorEvents(args, place);
  if (verb !== "settle") return complained(`Unknown command verb ${verb}.\n`);
  const options = readOptions(args, { timeout: "value" }, { t: "timeout" });
  return options.complaint === null ? printed("") : complained(`${verb}: ${options.complaint}\n`);
};

/** udev probes the device again at every event. */
function trigger(args: readonly string[], place: Place): Result {
  // Of an option that is given several times, readOptions keeps the last value: each device is read by itself.
  const named = args.flatMap((arg) => /^--name-match=(.*)$/s.exec(arg)?.[1] ?? []);
  const others = args.filter((arg) => !arg.startsWith("--name-match="));
  const options = readOptions(others, { action: "value" }, { c: "action" });
  if (options.complaint !== null) return complained(`udevadm trigger: ${options.complaint}\n`);
  const { san, host, root, live } = place;
  const devices = named.map((name) => viewOf(san, host).find(name));
  const missing = named.find((_name, index) => devices[index] === null);
  if (missing !== undefined) return complained(`Failed to open the device '${missing}': No such device\n`);
  if (!root) {
    const [denied] = devices;
    const at = `/sys/class/block/${denied?.kernelName ?? "sda"}/uevent`;
    return complained(`${denied?.kernelName ?? "sda"}: Failed to write 'change' to '${at}': Permission denied\n`);
  }
  const before = host.udevMemory;
  if (named.length === 0) probeAll(san, host);
  for (const device of devices) if (device?.wwid != null) probeAgain(san, host, device.wwid);
  if (host.udevMemory !== before) san.changed();
  live.kernelEvents.synthesize(named.length === 0 ? null : devices.flatMap((device) => device?.kernelName ?? []));
  return printed("");
}

import { type CommandOutput, OutputNotUnderstood, type ReadCommand } from "../core/host-command.ts";
import { FEW } from "../core/limits.ts";
import { type Note, parseEach } from "../core/not-understood.ts";
import { linesOf } from "./output.ts";

/** A port of a Fibre Channel adapter. */
interface FcHost {
  /** `host5`, its SCSI host. */
  readonly name: string;
  /** WWPN: the name in the switch's zones and in the array's host groups. `21:00:00:24:ff:7e:5d:1a` */
  readonly portName: string;
  readonly nodeName: string | null;
  /** `Online`, `Linkdown`, `Offline`, `Bypassed` … */
  readonly state: string;
  /** `16 Gbit`; null if the link is down. */
  readonly speed: string | null;
  /** Of adapter, firmware and driver. */
  readonly symbolicName: string | null;
}

const attributes = ["port_name", "node_name", "port_state", "speed", "symbolic_name"] as const;

/** Every port, in one read; none if the kernel has no such adapter. */
export const listFcHosts: ReadCommand<FcHost[]> = {
  effect: "read",
  argv: [
    // The ports are links, so -L follows them. Only two levels: below them, links make loops.
    ...(["find", "-L", "/sys/class/fc_host", "-mindepth", "2", "-maxdepth", "2", "("] as const),
    ...attributes.flatMap((name, index) => (index === 0 ? ["-name", name] : ["-o", "-name", name])),
    ...[")", "-exec", "grep", "-H", "", "{}", "+"],
  ],
  timeoutMs: 15_000,
  limits: FEW,
  // 1 if the folder is missing, or if one attribute could not be read.
  exitCodes: [0, 1],
  parse: fcHosts,
};

/** `/sys/class/fc_host/host5/port_name:0x21000024ff7e5d1a` */
function fcHosts({ stdout, stderr, exitCode }: CommandOutput, note?: Note): FcHost[] {
  const found = new Map<string, Map<string, string>>();
  const take = (line: string): [] => {
    const [, host, attribute, value] = /^\/sys\/class\/fc_host\/(host\d+)\/([a-z_]+):(.*)$/.exec(line) ?? [];
    if (host === undefined || attribute === undefined || value === undefined) {
      throw new OutputNotUnderstood("find", line, "/sys/class/fc_host/hostN/attribute:value");
    }
    found.set(host, (found.get(host) ?? new Map<string, string>()).set(attribute, value.trim()));
    return [];
  };
  const lines = linesOf(stdout).filter((line) => line !== "");
  // Only people read them.
  parseEach(lines, take, () => [], note);
  if (found.size === 0 && exitCode !== 0 && !stderr.includes("No such file or directory")) {
    throw new OutputNotUnderstood("find", stderr.trim(), "Fibre Channel ports, or none");
  }
  return parseEach(
    [...found],
    ([name, values]) => [fcHost(name, values)],
    ([name]) => [name],
    note,
  ).sort(byNumber);
}

function fcHost(name: string, values: ReadonlyMap<string, string>): FcHost {
  const portName = values.get("port_name");
  const state = values.get("port_state");
  if (portName === undefined || state === undefined) {
    throw new OutputNotUnderstood("find", name, "port_name and port_state of each port");
  }
  const nodeName = values.get("node_name");
  const speed = values.get("speed");
  return {
    name,
    portName: worldWideName(portName),
    nodeName: nodeName === undefined ? null : worldWideName(nodeName),
    state,
    speed: speed === undefined || /^unknown$/i.test(speed) ? null : speed,
    symbolicName: values.get("symbolic_name") || null,
  };
}

/** `0x21000024ff7e5d1a` as switches and arrays write it, by bytes. */
function worldWideName(printed: string): string {
  const [, digits] = /^0x([0-9a-f]{16})$/i.exec(printed) ?? [];
  if (digits === undefined) throw new OutputNotUnderstood("find", printed, "0x and 16 hexadecimal digits");
  return digits.toLowerCase().match(/../g)?.join(":") ?? digits;
}

const byNumber = (left: FcHost, right: FcHost): number => Number(left.name.slice(4)) - Number(right.name.slice(4));

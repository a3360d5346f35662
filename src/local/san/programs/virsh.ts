import { type Options, readOptions } from "../options.ts";
import { type Place, type Program, printed, type Result } from "../program.ts";
import { stopMachine } from "../san-machines.ts";
import type { SanMachine } from "../san-state.ts";

/** Every answer of virsh ends with an empty line, also where it failed. */
const failed = (...errors: readonly string[]): Result => ({
  stdout: "\n",
  stderr: errors.map((error) => `error: ${error}\n`).join(""),
  exitCode: 1,
});

/** `virsh --connect URI [--readonly] list|domblklist|shutdown|destroy …` */
export const virsh: Program = (args, place) => {
  const options = readOptions(args, {
    connect: "value",
    readonly: "flag",
    all: "flag",
    inactive: "flag",
    uuid: "flag",
    name: "flag",
    details: "flag",
    domain: "value",
  });
  if (options.complaint !== null) return failed(`command doesn't support ${options.complaint}`);
  const [command] = options.operands;
  if (!place.root && !options.given.has("readonly")) {
    return failed(
      "failed to connect to the hypervisor",
      "authentication unavailable: no polkit agent available to authenticate action 'org.libvirt.unix.manage'",
    );
  }
  if (command === "list") return list(options, place);
  const action = command === undefined ? undefined : actions.get(command);
  if (action === undefined) return failed(`unknown command: '${command ?? ""}'`);
  const domain = options.given.get("domain") ?? "";
  const machine = place.host.machines.find(({ uuid, name }) => uuid === domain || name === domain);
  return machine === undefined ? failed(`failed to get domain '${domain}'`) : action(machine, options, place);
};

function list(options: Options, { host }: Place): Result {
  if (!options.given.has("uuid") || !options.given.has("name")) {
    return failed("only list --uuid --name is simulated");
  }
  const listed = host.machines.filter(({ runs }) => runs || options.given.has("all"));
  return printed(`${listed.map(({ uuid, name }) => `${uuid} ${name}\n`).join("")}\n`);
}

type Action = (machine: SanMachine, options: Options, place: Place) => Result;

const actions: ReadonlyMap<string, Action> = new Map<string, Action>([
  ["domblklist", disks],
  [
    "shutdown",
    (machine, options, { san, host }) => {
      if (options.given.has("readonly")) return forbidden("shutdown", machine, "virDomainShutdown");
      if (machine.heedsShutdown) stopMachine(san, host, machine);
      return printed(`Domain '${options.given.get("domain")}' is being shutdown\n\n`);
    },
  ],
  [
    "destroy",
    (machine, options, { san, host }) => {
      if (options.given.has("readonly")) return forbidden("destroy", machine, "virDomainDestroy");
      stopMachine(san, host, machine);
      return printed(`Domain '${options.given.get("domain")}' destroyed\n\n`);
    },
  ],
]);

const forbidden = (verb: string, { uuid }: SanMachine, call: string): Result =>
  failed(`Failed to ${verb} domain '${uuid}'`, `operation forbidden: read only access prevents ${call}`);

function disks(machine: SanMachine, options: Options): Result {
  if (!options.given.has("details")) return failed("only domblklist --details is simulated");
  const isLater = options.given.has("inactive") || !machine.runs;
  const raw = machine.rawDisksLater && !isLater ? [] : machine.rawDisks;
  const rows = [
    ["Type", "Device", "Target", "Source"],
    ...machine.disks.map(({ volumeGroup, volume }, index) => [
      "block",
      "disk",
      `vd${String.fromCharCode(97 + index)}`,
      `/dev/${volumeGroup}/${volume}`,
    ]),
    ...raw.map(({ target, source }) => ["block", "disk", target, source]),
    ["file", "cdrom", "hdc", "-"],
  ];
  const widths = [0, 1, 2, 3].map((column) => Math.max(...rows.map((row) => (row[column] ?? "").length)));
  const [heading = "", ...lines] = rows.map(
    (row) => ` ${row.map((cell, column) => (column === 3 ? cell : cell.padEnd(widths[column] ?? 0))).join("   ")}\n`,
  );
  const rule = "-".repeat(widths.reduce((sum, width) => sum + width + 3, 1));
  return printed(`${heading}${rule}\n${lines.join("")}\n`);
}

import { definitionOf } from "../san/domain-xml.ts";
import { type Options, readOptions } from "../san/options.ts";
import { type Place, type Program, printed, type Result } from "../san/program.ts";
import type { SanVm } from "../san/san-state.ts";
import { stopVm } from "../san/san-vms.ts";

/** Every answer of virsh ends with an empty line, also an error. */
const failed = (...errors: readonly string[]): Result => ({
  stdout: "\n",
  stderr: errors.map((error) => `error: ${error}\n`).join(""),
  exitCode: 1,
});

/** `virsh --connect URI [--readonly] list|domblklist|dumpxml|pool-dumpxml|vol-path|shutdown|destroy …` */
export const virsh: Program = (args, place) => {
  const at = args.findIndex((arg, place) => !arg.startsWith("-") && args[place - 1] !== "--connect");
  const commands = args.slice(at);
  // One argument is a text with one command or several; a failure does not stop those after it.
  const lines = commands.length === 1 ? (commands[0] ?? "").split(";").map((line) => line.trim().split(/\s+/)) : null;
  if (at < 0 || lines === null) return runCommand(args, place);
  const results = lines.map((words) => runCommand([...args.slice(0, at), ...words], place));
  return {
    stdout: results.map(({ stdout }) => stdout).join(""),
    stderr: results.map(({ stderr }) => stderr).join(""),
    exitCode: results.at(-1)?.exitCode ?? 0,
  };
};

function runCommand(args: readonly string[], place: Place): Result {
  const options = readOptions(args, {
    connect: "value",
    readonly: "flag",
    all: "flag",
    "with-managed-save": "flag",
    inactive: "flag",
    uuid: "flag",
    name: "flag",
    details: "flag",
    domain: "value",
    pool: "value",
    vol: "value",
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
  if (command === "echo") return printed(`${options.operands.slice(1).join(" ")}\n`);
  if (command === "pool-dumpxml" || command === "vol-path") return ofPool(command, options, place);
  const action = command === undefined ? undefined : actions.get(command);
  if (action === undefined) return failed(`unknown command: '${command ?? ""}'`);
  const domain = options.given.get("domain") ?? options.operands[1] ?? "";
  const vm = place.host.machines.find(({ uuid, name }) => uuid === domain || name === domain);
  return vm === undefined ? failed(`failed to get domain '${domain}'`) : action(vm, options, place);
}

function ofPool(command: "pool-dumpxml" | "vol-path", { given }: Options, { host }: Place): Result {
  const name = given.get("pool") ?? "";
  const pool = host.storagePools.find((each) => each.name === name);
  if (pool === undefined) {
    const missing = `Storage pool not found: no storage pool with matching name '${name}'`;
    return failed(`failed to get pool '${name}'`, missing);
  }
  if (command === "pool-dumpxml") return printed(`${pool.xml}\n\n`);
  const volume = given.get("vol") ?? "";
  const path = pool.volumes[volume];
  if (!pool.runs) {
    const stopped = `Requested operation is not valid: storage pool '${name}' is not active`;
    return failed(`failed to get vol '${volume}'`, stopped);
  }
  if (path !== undefined) return printed(`${path}\n\n`);
  return failed(
    `failed to get vol '${volume}'`,
    `Storage volume not found: no storage vol with matching name '${volume}'`,
  );
}

function list(options: Options, { host }: Place): Result {
  if (!options.given.has("uuid") || !options.given.has("name")) {
    return failed("only list --uuid --name is simulated");
  }
  const listed = host.machines.filter(
    ({ runs, savedDevices }) =>
      (runs || options.given.has("all")) && (savedDevices !== null || !options.given.has("with-managed-save")),
  );
  return printed(`${listed.map(({ uuid, name }) => `${uuid} ${name}\n`).join("")}\n`);
}

type Action = (vm: SanVm, options: Options, place: Place) => Result;

const actions: ReadonlyMap<string, Action> = new Map<string, Action>([
  ["domblklist", disks],
  ["dumpxml", (vm, options) => printed(`${definitionOf(vm, isLater(vm, options))}\n\n`)],
  ["managedsave-dumpxml", savedState],
  [
    "shutdown",
    (vm, options, { san, host }) => {
      if (options.given.has("readonly")) return forbidden("shutdown", vm, "virDomainShutdown");
      if (vm.heedsShutdown) stopVm(san, host, vm);
      return printed(`Domain '${options.given.get("domain")}' is being shutdown\n\n`);
    },
  ],
  [
    "destroy",
    (vm, options, { san, host }) => {
      if (options.given.has("readonly")) return forbidden("destroy", vm, "virDomainDestroy");
      stopVm(san, host, vm);
      return printed(`Domain '${options.given.get("domain")}' destroyed\n\n`);
    },
  ],
]);

const forbidden = (verb: string, { uuid }: SanVm, call: string): Result =>
  failed(`Failed to ${verb} domain '${uuid}'`, `operation forbidden: read only access prevents ${call}`);

function savedState(vm: SanVm): Result {
  if (vm.savedDevices === null) {
    return failed("Requested operation is not valid: domain does not have managed save image");
  }
  return printed(`${definitionOf({ ...vm, devices: vm.savedDevices }, true)}\n\n`);
}

/** Whether it is asked for the definition that counts at the next start. */
const isLater = ({ runs }: SanVm, { given }: Options): boolean => given.has("inactive") || !runs;

function disks(vm: SanVm, options: Options): Result {
  if (!options.given.has("details")) return failed("only domblklist --details is simulated");
  const raw = vm.rawDisksLater && !isLater(vm, options) ? [] : vm.rawDisks;
  const rows = [
    ["Type", "Device", "Target", "Source"],
    ...vm.disks.map(({ volumeGroup, volume }, index) => [
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

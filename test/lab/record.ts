import { mkdir, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { z } from "zod";
import type { CommandOutput, HostCommand, ReadCommand } from "../../src/core/host-command.ts";
import type { Host } from "../../src/core/inventory.ts";
import { listVms } from "../../src/host/libvirt.ts";
import { listLockspaces } from "../../src/host/lvmlockctl.ts";
import { identityOf } from "../../src/ssh/keys.ts";
import { openSshHosts, type SshHosts } from "../../src/ssh/sessions.ts";
import { hostsOf } from "./inventory.ts";
import { type Lun, luns } from "./luns.ts";
import { groupReads, hostReads, lunReads, vmReads } from "./recorded-reads.ts";
import { asPrinted } from "./shell.ts";
import type { LabState } from "./state.ts";

const cases = new URL("../host/cases/", import.meta.url);

/**
 * Runs every read of src/host on every guest and keeps what it printed as a parser case. The expected value is what the
 * parser makes of it now. A person reads the difference before it is committed.
 */
export async function record(state: LabState, name: string, report: (line: string) => void): Promise<void> {
  const ssh = openSshHosts({ identity: identityOf(await readFile(state.privateKeyFile, "utf8")) });
  const hosts = hostsOf(state);
  try {
    for (const host of hosts) {
      const commands = {
        ...named(hostReads, name),
        ...forFirst(await groupsOf(ssh, host), groupReads, name),
        ...forFirst(await vmsOf(ssh, host), vmReads, name),
        ...(host === hosts[0] ? forLuns(name) : {}),
      };
      const printed = await ssh.gather(
        host,
        mapValues(commands, ({ command }) => asPrinted(command)),
      );
      for (const [key, { folder, file, command }] of Object.entries(commands)) {
        const outcome = printed[key];
        if (outcome?.kind !== "done") report(`${host.name}: ${command.argv.join(" ")}: no answer`);
        else await keep(folder, `lab-${host.name.slice(-"host1".length)}-${file}`, command, outcome.value, report);
      }
      report(`${host.name}: ${Object.keys(commands).length} outputs recorded as "${name}"`);
    }
  } finally {
    await ssh.close();
  }
}

interface Recorded {
  readonly folder: string;
  readonly file: string;
  readonly command: ReadCommand<unknown>;
}

const named = (commands: typeof hostReads, file: string): Record<string, Recorded> =>
  Object.fromEntries(Object.entries(commands).map(([folder, command]) => [folder, { folder, file, command }]));

/** Names of the volume groups with a lockspace on the host. */
async function groupsOf(ssh: SshHosts, host: Host): Promise<string[]> {
  const spaces = await ssh.run(host, listLockspaces);
  return spaces.kind === "done" && spaces.value !== null ? spaces.value.map(({ volumeGroup }) => volumeGroup) : [];
}

/** UUIDs of the VMs that libvirt has there. */
async function vmsOf(ssh: SshHosts, host: Host): Promise<string[]> {
  const vms = await ssh.run(host, listVms);
  return vms.kind === "done" ? vms.value.map(({ uuid }) => uuid) : [];
}

function forFirst([first]: readonly string[], reads: typeof groupReads, name: string): Record<string, Recorded> {
  if (first === undefined) return {};
  const commands = Object.entries(reads).map(([folder, reading]) => [folder, reading(first)] as const);
  return named(Object.fromEntries(commands), name);
}

function forLuns(name: string): Record<string, Recorded> {
  const each = (lun: Lun) =>
    Object.entries(lunReads).map(([folder, reading]): [string, Recorded] => {
      const command = reading(`/dev/disk/by-id/dm-uuid-mpath-${lun.wwid}`);
      return [`${folder} ${lun.name}`, { folder, file: `${name}-${lun.name}`, command }];
    });
  return Object.fromEntries(luns.flatMap(each));
}

const mapValues = <T, U>(record: Readonly<Record<string, T>>, change: (value: T) => U): Record<string, U> =>
  Object.fromEntries(Object.entries(record).map(([key, value]) => [key, change(value)]));

async function keep(
  folder: string,
  file: string,
  command: HostCommand<unknown>,
  output: CommandOutput,
  report: (line: string) => void,
): Promise<void> {
  const shown = command.argv.join(" ");
  if (!command.exitCodes.includes(output.exitCode)) {
    const said = `${output.stderr}${output.stdout}`.trim();
    return report(`${file}: ${shown} ended with ${output.exitCode}, which the command does not declare: ${said}`);
  }
  const kept = new URL(`${folder}/${file}.json`, cases);
  await mkdir(new URL(".", kept), { recursive: true });
  const same = await recordedAlready(folder, `${file}.json`, output);
  // The same output of another guest is not a second case.
  if (same) return rm(kept, { force: true });
  const source = `recorded in the lab (Debian 12) from ${shown}`;
  await writeFile(kept, `${JSON.stringify({ source, output, ...parsed(command, output, report) }, null, 2)}\n`);
}

async function recordedAlready(folder: string, file: string, output: CommandOutput): Promise<boolean> {
  const directory = new URL(`${folder}/`, cases);
  const others = (await readdir(directory)).filter((name) => name.startsWith("lab-") && name !== file);
  const wanted = JSON.stringify(output);
  for (const name of others) {
    const other = z.object({ output: z.unknown() }).parse(JSON.parse(await readFile(new URL(name, directory), "utf8")));
    if (JSON.stringify(other.output) === wanted) return true;
  }
  return false;
}

function parsed(command: HostCommand<unknown>, output: CommandOutput, report: (line: string) => void) {
  try {
    return { expected: command.parse(output) };
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    report(`${command.argv.join(" ")}: ${message}`);
    return { error: message };
  }
}

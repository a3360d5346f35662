import { existsSync } from "node:fs";
import { cp, readFile, writeFile } from "node:fs/promises";
import { z } from "zod";
import { performInLab, typeIn } from "./control.ts";
import { run } from "./places.ts";

/** Keeps the state of the lab's hosts and LUNs and the bot's data folder. No bot may run on it at the same time. */
export async function keepState(name: string, hosts: readonly string[], dataDirectory: string): Promise<void> {
  await performInLab("keep", name);
  const { data, holders } = run.kept(name);
  await writeFile(holders, JSON.stringify(await thoseThatHold(hosts)));
  await cp(dataDirectory, data, { recursive: true });
}

/** Hosts with a lease of a shared volume group. The sanlock client ends with 1 if the daemon does not run. */
async function thoseThatHold(hosts: readonly string[]): Promise<string[]> {
  const said = await Promise.all(hosts.map((host) => typeIn(host, "sanlock client status || true")));
  return hosts.filter((_host, index) => /^s lvm_/m.test(said[index] ?? ""));
}

/**
 * Puts the kept state of hosts, LUNs and data folder back: true. False, and nothing is done, if no such state was kept.
 * False also if a host came back too late for its lease. Then the lab must be reset.
 */
export async function returnToState(name: string, hosts: readonly string[], dataDirectory: string): Promise<boolean> {
  const { data, holders } = run.kept(name);
  if (!existsSync(data)) return false;
  await performInLab("reset", name);
  const held = z.array(z.string()).parse(JSON.parse(await readFile(holders, "utf8")));
  const hold = await thoseThatHold(hosts);
  if (!held.every((host) => hold.includes(host))) return false;
  await cp(data, dataDirectory, { recursive: true });
  return true;
}

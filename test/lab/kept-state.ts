import { existsSync } from "node:fs";
import { cp, readFile, writeFile } from "node:fs/promises";
import { z } from "zod";
import { performInLab, typeIn } from "./control.ts";
import { run } from "./places.ts";

/** Keeps the running lab's hosts and LUNs as they are, and the bot's data folder with them. No bot may run on it meanwhile. */
export async function keepState(name: string, hosts: readonly string[], dataDirectory: string): Promise<void> {
  await performInLab("keep", name);
  const { data, holders } = run.kept(name);
  await writeFile(holders, JSON.stringify(await thoseThatHold(hosts)));
  await cp(dataDirectory, data, { recursive: true });
}

/** Hosts with a lease of a shared volume group. sanlock ends with 1 where it does not run. */
async function thoseThatHold(hosts: readonly string[]): Promise<string[]> {
  const said = await Promise.all(hosts.map((host) => typeIn(host, "sanlock client status || true")));
  return hosts.filter((_host, index) => /^s lvm_/m.test(said[index] ?? ""));
}

/**
 * Hosts, LUNs and data folder are as they were kept: true. False where nothing was, and nothing is done then; or where a
 * host came back too late for its lease, and the lab has to be reset.
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

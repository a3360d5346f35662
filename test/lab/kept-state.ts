import { existsSync } from "node:fs";
import { cp, writeFile } from "node:fs/promises";
import { performInLab, typeIn } from "./control.ts";
import { run } from "./places.ts";

/** Keeps the running lab's hosts and LUNs as they are, and the bot's data folder with them. No bot may run on it meanwhile. */
export async function keepState(name: string, dataDirectory: string): Promise<void> {
  await performInLab("keep", name);
  await cp(dataDirectory, run.kept(name).data, { recursive: true });
}

/**
 * Hosts, LUNs and data folder are as they were kept: true. False where nothing was, and nothing is done then; or where a
 * host came back too late for its lease, and the lab has to be reset.
 */
export async function returnToState(name: string, hosts: readonly string[], dataDirectory: string): Promise<boolean> {
  const { data } = run.kept(name);
  if (!existsSync(data)) return false;
  await writeFile(run.traces, "");
  await performInLab("reset", name);
  const said = await Promise.all(hosts.map((host) => typeIn(host, "sanlock client status")));
  if (said.some((status) => !/^s lvm_/m.test(status))) return false;
  await cp(data, dataDirectory, { recursive: true });
  return true;
}

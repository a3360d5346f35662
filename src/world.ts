import { mkdir, readFile } from "node:fs/promises";
import type { Config } from "./config.ts";
import type { Conversations, Log, World } from "./flow/ports.ts";
import { firstInventory } from "./local/first-inventory.ts";
import { type SimulatedHosts, startSimulatedHosts } from "./local/simulated-hosts.ts";
import { openSshHosts } from "./ssh/sessions.ts";
import { openAuditLog } from "./store/audit-log.ts";
import { openInventoryStore } from "./store/inventory-store.ts";
import { lockDirectory } from "./store/lock.ts";
import { openOperationStore } from "./store/operation-store.ts";

/** Another process has the data folder. */
export class InUse extends Error {
  override name = "InUse";
  readonly pid: number;
  constructor(directory: string, pid: number) {
    super(
      `the folder ${directory} is in use by the bot with process id ${pid}; stop it, or set DATA_DIR to another folder`,
    );
    this.pid = pid;
  }
}

export interface OpenWorld extends World {
  /** null where the hosts are real. */
  readonly simulated: SimulatedHosts | null;
  close(): Promise<void>;
}

/** Opens the data folder, for this process alone, and the hosts. */
export async function openWorld(config: Config, conversations: Conversations, log: Log): Promise<OpenWorld> {
  const directory = config.dataDirectory;
  await mkdir(directory, { recursive: true, mode: 0o700 });
  const lock = await lockDirectory(directory);
  if ("heldByPid" in lock) throw new InUse(directory, lock.heldByPid);
  try {
    const audit = await openAuditLog(directory);
    if (audit.notice) log.info(audit.notice);
    const inventory = await openInventoryStore(directory);
    const operations = await openOperationStore(directory);
    const simulated = config.hosts.kind === "simulated" ? await startSimulatedHosts({ directory }) : null;
    if (simulated) await firstInventory(inventory, simulated.hosts);
    const privateKey = simulated ? simulated.privateKey : await keyIn(config.hosts);
    const hosts = openSshHosts({ privateKey, log });
    const mayNotChange = (person: string) => forbidden(person, config);
    const clock = { now: () => new Date() };
    const close = async () => {
      await hosts.close();
      await simulated?.stop();
      await audit.close();
      await lock.release();
    };
    return { hosts, audit, inventory, operations, conversations, clock, log, mayNotChange, simulated, close };
  } catch (error) {
    await lock.release();
    throw error;
  }
}

async function keyIn(hosts: Config["hosts"]): Promise<string> {
  if (hosts.kind !== "ssh") throw new Error("simulated hosts bring their own key");
  try {
    return await readFile(hosts.privateKeyFile, "utf8");
  } catch (error) {
    throw new Error(
      `SSH_PRIVATE_KEY_FILE ${hosts.privateKeyFile} can't be read: ${error instanceof Error ? error.message : error}`,
    );
  }
}

/** In the local workspace everybody may; in Slack only who is named. A terminal is as trusted as the data folder. */
function forbidden(person: string, config: Config): string | null {
  if (config.slack === null || person.startsWith("terminal:") || config.operators.includes(person)) return null;
  return config.operators.length === 0
    ? "No one may change anything yet: OPERATORS is empty. Set it to the Slack user ids of the operators and restart the bot."
    : "You may look but not change anything: your Slack user id is not among OPERATORS.";
}

import { randomInt } from "node:crypto";
import { cp, mkdtemp, readFile, rename, rm, stat, writeFile } from "node:fs/promises";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { z } from "zod";

const withPort = z.looseObject({ port: z.number().nullable() });
const sanSchema = z.looseObject({ hosts: z.array(withPort) });
const inventorySchema = z.looseObject({ inventory: z.looseObject({ hosts: z.array(withPort) }) });

/**
 * Stored beginnings of stories on simulated hosts: the data folder and the SAN after the first story with this
 * beginning. All workers of a run share the stored folders, so each copy gets its own ports.
 */
const folderOf = (name: string): string => join(tmpdir(), `begins-with-${name.replaceAll(/[^\w-]+/g, "-")}`);

/** Stores a data folder. Its bot is stopped. */
export async function keepsBeginning(name: string, directory: string): Promise<void> {
  const next = await mkdtemp(join(tmpdir(), "zstack-keeps-"));
  await cp(directory, next, { recursive: true });
  // Another worker may have stored it since then.
  await rename(next, folderOf(name)).catch(() => rm(next, { recursive: true, force: true }));
}

const makers = new Map<string, Promise<void>>();

/**
 * Returns null if the beginning is stored. Otherwise the caller makes it and then calls the returned function. Stories
 * of the same worker wait for the first of them.
 */
export async function makesBeginning(name: string): Promise<(() => void) | null> {
  if (await isKept(name)) return null;
  const maker = makers.get(name);
  if (maker !== undefined) {
    await maker;
    return makesBeginning(name);
  }
  let ends: () => void = () => undefined;
  makers.set(
    name,
    new Promise((resolve) => {
      ends = resolve;
    }),
  );
  return () => {
    makers.delete(name);
    ends();
  };
}

const isKept = (name: string): Promise<boolean> =>
  stat(folderOf(name)).then(
    () => true,
    () => false,
  );

/** The new ports of hosts, by their old ports. */
export type MovedPorts = ReadonlyMap<number | null, number>;

/** Makes the folder of a stopped bot a copy of that beginning. Returns null if it is not stored. */
export async function returnsToBeginning(name: string, directory: string): Promise<MovedPorts | null> {
  if (!(await isKept(name))) return null;
  await rm(directory, { recursive: true, force: true });
  await cp(folderOf(name), directory, { recursive: true });
  return movesPorts(directory);
}

async function movesPorts(directory: string): Promise<MovedPorts> {
  const sanFile = join(directory, "simulated-san.json");
  const san = sanSchema.parse(JSON.parse(await readFile(sanFile, "utf8")));
  const ports = new Map<number | null, number>();
  for (const { port } of san.hosts) ports.set(port, await freePort());
  const moved = <T extends z.output<typeof withPort>>(host: T): T => ({
    ...host,
    port: ports.get(host.port) ?? host.port,
  });
  await writeFile(sanFile, JSON.stringify({ ...san, hosts: san.hosts.map(moved) }));
  const inventoryFile = join(directory, "inventory.json");
  const file = inventorySchema.parse(JSON.parse(await readFile(inventoryFile, "utf8")));
  const { inventory } = file;
  await writeFile(
    inventoryFile,
    JSON.stringify({ ...file, inventory: { ...inventory, hosts: inventory.hosts.map(moved) } }),
  );
  return ports;
}

const FIRST_PORT = 10_000;
const PORTS_A_WORKER = 1_000;
let nextPort = randomInt(PORTS_A_WORKER);

/**
 * Below the ports that the kernel gives to connections, and below the ports that simulated hosts choose. Each worker
 * has its own ports and uses them in turn, so nothing listens on a copy's ports before its start.
 */
async function freePort(): Promise<number> {
  const worker = Number(process.env.VITEST_POOL_ID ?? 0) % 10;
  for (;;) {
    nextPort = (nextPort + 1) % PORTS_A_WORKER;
    const port = FIRST_PORT + worker * PORTS_A_WORKER + nextPort;
    const server = createServer();
    const isFree = await new Promise<boolean>((resolve) => {
      server.once("error", () => resolve(false));
      server.listen(port, "127.0.0.1", () => resolve(true));
    });
    if (!isFree) continue;
    await new Promise((resolve) => server.close(resolve));
    return port;
  }
}

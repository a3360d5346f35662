import { randomInt } from "node:crypto";
import { SanArray } from "./san/array.ts";
import type { Fault } from "./san/fault.ts";
import { Machine, type Ran } from "./san/machine.ts";
import { boot, powerOff } from "./san/power.ts";
import { San } from "./san/san.ts";
import { SanMachines } from "./san/san-machines.ts";
import type { SanState } from "./san/san-state.ts";
import { SanUsers } from "./san/san-users.ts";
import { SanVolumes } from "./san/san-volumes.ts";
import { inDirectory, inMemory } from "./san/saved-san.ts";
import { parseKey, SshHost } from "./san/ssh-host.ts";
import { tutorialSan } from "./san/tutorial-san.ts";
import type { Watch } from "./san/watch.ts";

interface SimulatedHostsOptions {
  /** Where the SAN is kept between starts; null keeps nothing. */
  readonly directory: string | null;
  /** The SAN of the first start; the tutorial's where it is left out. */
  readonly seed?: SanState;
  /** How long sanlock takes to start a lockspace (20 s and more on real hosts); 0 where it is left out. */
  readonly lockStartMs?: number;
  /** Who stands beside every program; nobody where it is left out. */
  readonly watch?: Watch;
}

/** What a host is registered in the inventory with. */
export interface SimulatedHost {
  readonly name: string;
  readonly address: string;
  readonly port: number;
  readonly user: string;
  readonly hostKeySha256: string;
}

/** Real SSH servers on loopback in front of one model of a SAN. */
export interface SimulatedHosts {
  readonly hosts: readonly SimulatedHost[];
  /** The key that they let in, as OpenSSH writes it. */
  readonly privateKey: string;
  readonly array: SanArray;
  readonly volumes: SanVolumes;
  readonly machines: SanMachines;
  readonly users: SanUsers;
  /** Something goes wrong, from now on; open connections to the host end where the fault concerns connections. */
  fault(host: string, fault: Fault): Promise<void>;
  /** Nothing is wrong with the host any more. */
  heal(host: string): Promise<void>;
  /** The host loses its power; the others' sanlock does not hear of it for a while yet. */
  powerOff(host: string): Promise<void>;
  /** It boots and answers again; whatever else was wrong with it is gone too. */
  powerOn(host: string): Promise<void>;
  /** SSH exec requests so far. */
  execs(host: string): number;
  /** Logins so far. */
  connections(host: string): number;
  /** Ends the host's open connections. */
  disconnect(host: string): void;
  /** Programs that ran to their end, oldest first. */
  ran(host: string): readonly Ran[];
  /** The text of a file on the host; null where there is none. */
  file(host: string, path: string): string | null;
  stop(): Promise<void>;
}

interface Running {
  readonly machine: Machine;
  readonly ssh: SshHost;
}

/** Throws where saved files are damaged or a port that a host had before is taken. */
export async function startSimulatedHosts(options: SimulatedHostsOptions): Promise<SimulatedHosts> {
  const saved = options.directory === null ? inMemory : await inDirectory(options.directory);
  const san = new San(saved.state ?? options.seed ?? tutorialSan());
  const save = () => saved.save(san.state);
  const privateKey = await saved.key("client");
  const running = new Map<string, Running>();
  for (const host of san.state.hosts) {
    const machine = new Machine(san, host, options.lockStartMs ?? 0, save, options.watch ?? null);
    const keys = { own: await saved.key(host.name), other: await inMemory.key(host.name) };
    running.set(host.name, { machine, ssh: new SshHost(machine, keys, parseKey(privateKey)) });
  }
  const stop = async () => {
    for (const { machine } of running.values()) machine.power.abort();
    await Promise.all([...running.values()].map(({ ssh }) => ssh.close()));
    await save();
  };
  try {
    for (const one of running.values()) await listen(one, options.directory);
    await save();
  } catch (error) {
    await Promise.all([...running.values()].map(({ ssh }) => ssh.close()));
    throw error;
  }
  // What the administrator does is kept too; what programs do waits for its own save.
  san.onChange(() => void save().catch(() => {}));
  return {
    ...face(running),
    privateKey,
    array: new SanArray(san),
    volumes: new SanVolumes(san),
    machines: new SanMachines(san),
    users: new SanUsers(san),
    stop,
  };
}

async function listen({ machine, ssh }: Running, directory: string | null): Promise<void> {
  const { host } = machine;
  try {
    host.port = await (host.port === null ? listenSomewhere(ssh) : ssh.listen(host.port));
  } catch (error) {
    throw new Error(
      `simulated host "${host.name}": port ${host.port} of 127.0.0.1 can't be used (${(error as Error).message}). ` +
        `Another copy may be running on the data folder ${directory}: stop it, or set DATA_DIR to another folder`,
    );
  }
}

/**
 * A port that stays this host's: below those that the kernel gives to any connection (32768 and up), where another
 * program would soon have it.
 */
async function listenSomewhere(ssh: SshHost): Promise<number> {
  for (let tries = 0; tries < 50; tries++) {
    const port = await ssh.listen(randomInt(20_000, 32_000)).catch(() => null);
    if (port !== null) return port;
  }
  return ssh.listen(0);
}

function face(
  running: ReadonlyMap<string, Running>,
): Omit<SimulatedHosts, "privateKey" | "array" | "volumes" | "machines" | "users" | "stop"> {
  const named = (name: string): Running => {
    const found = running.get(name);
    if (!found) throw new Error(`there is no simulated host "${name}"`);
    return found;
  };
  return {
    hosts: [...running.values()].map(({ machine: { host }, ssh }) => ({
      name: host.name,
      address: "127.0.0.1",
      port: host.port ?? 0,
      user: host.user,
      hostKeySha256: ssh.hostKeySha256,
    })),
    async fault(name, fault) {
      const { machine, ssh } = named(name);
      machine.faults.add(fault);
      if (["down", "silent", "refuses key", "other host key"].includes(fault.kind)) ssh.disconnect();
      await ssh.apply();
    },
    async heal(name) {
      const { machine, ssh } = named(name);
      if (machine.faults.find("silent")) ssh.disconnect();
      machine.faults.clear();
      await ssh.apply();
    },
    async powerOff(name) {
      const { machine, ssh } = named(name);
      powerOff(machine.san, machine.host, Date.now());
      machine.faults.add({ kind: "down" });
      ssh.disconnect();
      await ssh.apply();
    },
    async powerOn(name) {
      const { machine, ssh } = named(name);
      boot(machine.san, machine.host);
      machine.faults.clear();
      await ssh.apply();
    },
    execs: (name) => named(name).machine.execs,
    connections: (name) => named(name).machine.connections,
    disconnect: (name) => named(name).ssh.disconnect(),
    ran: (name) => named(name).machine.ran,
    file: (name, path) => named(name).machine.host.files.find((file) => file.path === path)?.content ?? null,
  };
}

import { randomInt } from "node:crypto";
import { SanArray } from "./san/array.ts";
import type { Fault } from "./san/fault.ts";
import { type FinishedProgram, HostRuntime } from "./san/host-runtime.ts";
import { boot, powerOff } from "./san/power.ts";
import { San } from "./san/san.ts";
import type { SanState } from "./san/san-state.ts";
import { SanUsers } from "./san/san-users.ts";
import { SanVms } from "./san/san-vms.ts";
import { SanVolumes } from "./san/san-volumes.ts";
import { inDirectory, inMemory } from "./san/saved-san.ts";
import { parseKey, SshHost } from "./san/ssh-host.ts";
import { tutorialSan } from "./san/tutorial-san.ts";
import type { Watch } from "./san/watch.ts";

interface SimulatedHostsOptions {
  /** The folder in which the SAN is kept between starts; null keeps nothing. */
  readonly directory: string | null;
  /** The SAN of the first start. Default: the tutorial's. */
  readonly seed?: SanState;
  /** How long sanlock takes to start a lockspace (20 s and more on real hosts); default: 0. */
  readonly lockStartMs?: number;
  /** The observer of every program; none if it is absent. */
  readonly watch?: Watch;
}

/** The data with which a host is registered in the inventory. */
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
  /** The key that they accept, as OpenSSH writes it. */
  readonly privateKey: string;
  readonly array: SanArray;
  readonly volumes: SanVolumes;
  readonly vms: SanVms;
  readonly users: SanUsers;
  readonly san: San;
  /** Adds a fault. Open connections to the host end if the fault concerns connections. */
  fault(host: string, fault: Fault): Promise<void>;
  /** Clears all faults of the host. */
  heal(host: string): Promise<void>;
  /** The host loses its power; the sanlock of other hosts notices it later. */
  powerOff(host: string): Promise<void>;
  /** The host boots and answers again; all its other faults are gone too. */
  powerOn(host: string): Promise<void>;
  /** SSH exec requests so far. */
  execs(host: string): number;
  /** Logins so far. */
  connections(host: string): number;
  /** Ends the host's open connections. */
  disconnect(host: string): void;
  /** Programs that ran to their end, oldest first. */
  ran(host: string): readonly FinishedProgram[];
  /** The text of a file on the host; null if there is none. */
  file(host: string, path: string): string | null;
  stop(): Promise<void>;
}

interface Running {
  readonly runtime: HostRuntime;
  readonly ssh: SshHost;
}

/** Throws if saved files are damaged, or if a port that a host had before is in use. */
export async function startSimulatedHosts(options: SimulatedHostsOptions): Promise<SimulatedHosts> {
  const saved = options.directory === null ? inMemory : await inDirectory(options.directory);
  const san = new San(saved.state ?? options.seed ?? tutorialSan());
  const save = () => saved.save(san.state);
  const privateKey = await saved.key("client");
  const running = new Map<string, Running>();
  for (const host of san.state.hosts) {
    const runtime = new HostRuntime(san, host, options.lockStartMs ?? 0, save, options.watch ?? null);
    const keys = { own: await saved.key(host.name), other: await inMemory.key(host.name) };
    running.set(host.name, { runtime, ssh: new SshHost(runtime, keys, parseKey(privateKey)) });
  }
  const stop = async () => {
    for (const { runtime } of running.values()) runtime.power.abort();
    await Promise.all([...running.values()].map(({ ssh }) => ssh.close()));
    await save();
  };
  try {
    for (const one of running.values()) {
      await listen(one, options.directory);
      if (!one.runtime.host.isDown) continue;
      one.runtime.faults.add({ kind: "down" });
      await one.ssh.apply();
    }
    await save();
  } catch (error) {
    await Promise.all([...running.values()].map(({ ssh }) => ssh.close()));
    throw error;
  }
  // Changes by the administrator are saved too. Programs wait for their own save.
  san.onChange(() => void save().catch(() => {}));
  return {
    ...face(running),
    privateKey,
    array: new SanArray(san),
    volumes: new SanVolumes(san),
    vms: new SanVms(san),
    users: new SanUsers(san),
    san,
    stop,
  };
}

async function listen({ runtime, ssh }: Running, directory: string | null): Promise<void> {
  const { host } = runtime;
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
 * A permanent port for this host, below the ports that the kernel gives to any connection (32768 and up). There another
 * program would soon take it.
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
): Omit<SimulatedHosts, "privateKey" | "array" | "volumes" | "vms" | "users" | "san" | "stop"> {
  const named = (name: string): Running => {
    const found = running.get(name);
    if (!found) throw new Error(`there is no simulated host "${name}"`);
    return found;
  };
  return {
    hosts: [...running.values()].map(({ runtime: { host }, ssh }) => ({
      name: host.name,
      address: "127.0.0.1",
      port: host.port ?? 0,
      user: host.user,
      hostKeySha256: ssh.hostKeySha256,
    })),
    async fault(name, fault) {
      const { runtime, ssh } = named(name);
      runtime.faults.add(fault);
      if (["down", "silent", "refuses key", "other host key"].includes(fault.kind)) ssh.disconnect();
      await ssh.apply();
    },
    async heal(name) {
      const { runtime, ssh } = named(name);
      if (runtime.faults.find("silent")) ssh.disconnect();
      runtime.faults.clear();
      runtime.host.isDown = false;
      await ssh.apply();
    },
    async powerOff(name) {
      const { runtime, ssh } = named(name);
      powerOff(runtime.san, runtime.host, Date.now());
      runtime.faults.add({ kind: "down" });
      ssh.disconnect();
      await ssh.apply();
    },
    async powerOn(name) {
      const { runtime, ssh } = named(name);
      boot(runtime.san, runtime.host);
      runtime.faults.clear();
      await ssh.apply();
    },
    execs: (name) => named(name).runtime.execs,
    connections: (name) => named(name).runtime.connections,
    disconnect: (name) => named(name).ssh.disconnect(),
    ran: (name) => named(name).runtime.ran,
    file: (name, path) => named(name).runtime.host.files.find((file) => file.path === path)?.content ?? null,
  };
}

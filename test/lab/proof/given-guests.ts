import { readFile } from "node:fs/promises";
import { afterAll, beforeAll } from "vitest";
import type { CommandOutput, HostCommand, ReadCommand } from "../../../src/core/host-command.ts";
import type { Host } from "../../../src/core/inventory.ts";
import { listMultipathMaps } from "../../../src/host/multipath.ts";
import { identityOf } from "../../../src/ssh/keys.ts";
import { openSshHosts, type SshHosts } from "../../../src/ssh/sessions.ts";
import { hostsOf } from "../inventory.ts";
import { lunNamed } from "../luns.ts";
import { inGuest } from "../shell.ts";
import { readState } from "../state.ts";

export const deviceOf = (lun: string): string => `/dev/disk/by-id/dm-uuid-mpath-${lunNamed(lun).wwid}`;

/** The guests of the running lab, reached as the bot reaches them: through the relays, with the bot's code. */
export class ReachedGuests {
  #ssh: SshHosts | null = null;
  hosts: readonly Host[] = [];

  async open(): Promise<void> {
    const state = await readState();
    if (state === null) throw new Error("no lab runs here. Next: npm run lab up");
    this.hosts = hostsOf(state);
    this.#ssh = openSshHosts({
      identity: identityOf(await readFile(state.privateKeyFile, "utf8")),
      connectTimeoutMs: 30_000,
    });
  }

  async close(): Promise<void> {
    await this.#ssh?.close();
  }

  get first(): Host {
    return this.#host(0);
  }
  get second(): Host {
    return this.#host(1);
  }
  get third(): Host {
    return this.#host(2);
  }

  onAll<T>(ask: (host: Host, index: number) => Promise<T>): Promise<T[]> {
    return Promise.all(this.hosts.map(ask));
  }

  /** Runs a program as root. Any exit code is an answer. */
  run(host: Host, ...argv: readonly [string, ...string[]]): Promise<CommandOutput> {
    return this.#in(host, { argv, timeoutMs: 300_000 });
  }

  /** Runs one of the bot's own commands, within its time limit. */
  change(host: Host, command: HostCommand<unknown>): Promise<CommandOutput> {
    return this.#in(host, command);
  }

  /** Runs one of the bot's own reads. */
  async read<T>(host: Host, command: ReadCommand<T>): Promise<T> {
    return command.parse(await this.#in(host, command));
  }

  /** How many paths of a LUN work on a host, and how many there are: `2/2`; `none` without a map. */
  async paths(host: Host, lun: string): Promise<string> {
    const maps = await this.read(host, listMultipathMaps);
    const map = maps.find((each) => each.wwid === lunNamed(lun).wwid);
    if (map === undefined) return "none";
    const working = map.paths.filter((path) => path.dmState === "active" && path.checkerState === "ready");
    return `${working.length}/${map.paths.length}`;
  }

  #in(host: Host, { argv, stdin, timeoutMs }: Pick<HostCommand<unknown>, "argv" | "stdin" | "timeoutMs">) {
    if (this.#ssh === null) throw new Error("the guests are not open");
    return inGuest(this.#ssh, host, argv, { timeoutMs, ...(stdin === undefined ? {} : { stdin }) });
  }

  #host(index: number): Host {
    const host = this.hosts[index];
    if (host === undefined) throw new Error("the lab has three hosts");
    return host;
  }
}

/** Guests for the tests of one block. */
export function givenGuests(): ReachedGuests {
  const guests = new ReachedGuests();
  beforeAll(() => guests.open());
  afterAll(() => guests.close());
  return guests;
}

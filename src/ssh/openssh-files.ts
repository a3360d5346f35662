import { readFile, stat } from "node:fs/promises";
import { userInfo } from "node:os";
import { steadyMs } from "../core/steady-clock.ts";
import { ClientConfig, type HostSettings } from "./client-config.ts";
import { type Endpoint, KnownHosts } from "./known-hosts.ts";

/** A computer that the bot logs in to. */
export interface Login extends Endpoint {
  readonly user: string;
}

/** How a host is reached. */
export interface Way {
  readonly endpoint: Endpoint;
  /** The jump hosts, the first one first. */
  readonly jumps: readonly Login[];
}

/** The paths of OpenSSH's files. null: there is none. */
export interface OpenSshPaths {
  readonly config: string | null;
  readonly knownHosts: string | null;
}

/** A person changes these files while the bot runs. A thousand hosts that connect at once read them once. */
const KEPT_MS = 1_000;
const MOST_JUMPS = 8;
const MOST_KNOWN_BYTES = 16 * 1024 * 1024;
const NO_SETTINGS: HostSettings = { hostName: null, port: null, user: null, jumps: [] };

/** What OpenSSH's own files say of the hosts. Each method throws an Error for the operator if a file can't be used. */
export class OpenSshFiles {
  readonly #config: () => Promise<ClientConfig | null>;
  readonly #knownHosts: () => Promise<KnownHosts>;

  constructor({ config, knownHosts }: OpenSshPaths) {
    this.#config = keptFor(KEPT_MS, async () => (config === null ? null : named(config, ClientConfig.read(config))));
    this.#knownHosts = keptFor(KEPT_MS, async () =>
      knownHosts === null ? new KnownHosts("") : named(knownHosts, knownHostsIn(knownHosts)),
    );
  }

  /** What the configuration says of an address as a person typed it. */
  async settingsOf(address: string): Promise<HostSettings> {
    const config = await this.#config();
    return config?.of(address) ?? NO_SETTINGS;
  }

  knownHosts(): Promise<KnownHosts> {
    return this.#knownHosts();
  }

  /** `port`: that of the inventory, which a person confirmed. */
  async wayTo(address: string, port: number): Promise<Way> {
    const { hostName, jumps } = await this.settingsOf(address);
    return { endpoint: { host: hostName ?? address, port }, jumps: await this.#jumps(jumps, [address]) };
  }

  /** As OpenSSH: the first jump host may be behind jump hosts of its own. */
  async #jumps(texts: readonly string[], before: readonly string[]): Promise<readonly Login[]> {
    const [first] = texts;
    if (first === undefined) return [];
    if (before.length + texts.length > MOST_JUMPS + 1)
      throw new Error(`ProxyJump ${texts.join(",")} has too many jump hosts`);
    const parsed = texts.map(parseJump);
    const settings = await Promise.all(parsed.map(({ host }) => this.settingsOf(host)));
    const logins = parsed.map(({ host, port, user }, index): Login => {
      const own = settings[index] ?? NO_SETTINGS;
      return { host: own.hostName ?? host, port: port ?? own.port ?? 22, user: user ?? own.user ?? localUser() };
    });
    const [nearest] = parsed;
    const name = nearest?.host ?? "";
    if (before.includes(name)) throw new Error(`ProxyJump leads from ${name} back to ${name}`);
    return [...(await this.#jumps(settings[0]?.jumps ?? [], [...before, name])), ...logins];
  }
}

/** `user@host:port`, also as `ssh://user@host:port`, and an IPv6 address in brackets. */
const JUMP = /^(?:ssh:\/\/)?(?:([^@\s]{1,64})@)?(?:\[([0-9A-Fa-f:.]+)\]|([A-Za-z0-9._-]{1,253}))(?::(\d{1,5}))?\/?$/;

function parseJump(text: string): { host: string; port: number | null; user: string | null } {
  const [, user = null, v6, name, port] = JUMP.exec(text) ?? [];
  const host = v6 ?? name;
  if (host === undefined) throw new Error(`ProxyJump ${text.slice(0, 100)} is not user@host:port`);
  return { host, user, port: port === undefined ? null : Number(port) };
}

/** OpenSSH logs in on a jump host as the local user. */
function localUser(): string {
  try {
    return userInfo().username;
  } catch {
    throw new Error("a jump host has no User, and the bot's own user has no name: set User for it");
  }
}

async function knownHostsIn(path: string): Promise<KnownHosts> {
  if ((await stat(path)).size > MOST_KNOWN_BYTES) throw new Error("it is longer than 16 MiB");
  return new KnownHosts(await readFile(path, "utf8"));
}

async function named<T>(path: string, reading: Promise<T>): Promise<T> {
  try {
    return await reading;
  } catch (error) {
    throw new Error(`${path} can't be used: ${error instanceof Error ? error.message : String(error)}`);
  }
}

/** The same answer for some time. A failure is not kept. */
function keptFor<T>(limitMs: number, read: () => Promise<T>): () => Promise<T> {
  let kept: { readonly answer: Promise<T>; readonly untilMs: number } | null = null;
  return () => {
    if (kept !== null && steadyMs() < kept.untilMs) return kept.answer;
    const answer = read();
    kept = { answer, untilMs: steadyMs() + limitMs };
    answer.catch(() => {
      if (kept?.answer === answer) kept = null;
    });
    return answer;
  };
}

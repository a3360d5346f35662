import type { Duplex } from "node:stream";
import type { NodeSSH } from "node-ssh";
import type { Identity } from "./keys.ts";
import type { Endpoint } from "./known-hosts.ts";
import { ConnectFailed, logIn } from "./log-in.ts";
import type { Login, OpenSshFiles, Way } from "./openssh-files.ts";

/** A jump host stays connected so long without a connection through it. */
const IDLE_MS = 30_000;

interface Jump {
  readonly opening: Promise<NodeSSH>;
  /** The connections through it. */
  inUse: number;
  idle: NodeJS.Timeout | null;
}

/**
 * One connection with each jump host, for all hosts behind it: an sshd takes only some logins at a time. Its key must be in
 * known_hosts, or an authority of known_hosts certifies it.
 */
export class JumpHosts {
  readonly #identity: Identity;
  readonly #files: OpenSshFiles;
  readonly #timeoutMs: number;
  readonly #jumps = new Map<string, Jump>();
  #isClosed = false;

  constructor(identity: Identity, files: OpenSshFiles, timeoutMs: number) {
    this.#identity = identity;
    this.#files = files;
    this.#timeoutMs = timeoutMs;
  }

  /** A TCP connection to the end of a way; undefined if nothing is between. Rejects with `ConnectFailed`. */
  async through({ endpoint, jumps }: Way): Promise<Duplex | undefined> {
    const last = jumps.at(-1);
    if (last === undefined) return undefined;
    const key = JSON.stringify(jumps);
    const jump = this.#jumps.get(key) ?? this.#open(key, jumps.slice(0, -1), last);
    jump.inUse++;
    if (jump.idle) clearTimeout(jump.idle);
    let isOver = false;
    const over = () => {
      if (isOver) return;
      isOver = true;
      jump.inUse--;
      if (jump.inUse === 0) jump.idle = setTimeout(() => this.#end(key, jump), IDLE_MS).unref();
    };
    try {
      const stream = await this.#forwarded(await jump.opening, endpoint, last);
      stream.once("close", over);
      return stream;
    } catch (error) {
      over();
      throw error;
    }
  }

  close(): void {
    this.#isClosed = true;
    for (const [key, jump] of this.#jumps) this.#end(key, jump);
  }

  #open(key: string, before: readonly Login[], login: Login): Jump {
    const jump: Jump = { opening: this.#logIn(before, login), inUse: 0, idle: null };
    this.#jumps.set(key, jump);
    const forget = () => {
      if (this.#jumps.get(key) === jump) this.#jumps.delete(key);
    };
    jump.opening.then((ssh) => {
      if (this.#isClosed) ssh.dispose();
      if (!ssh.isConnected()) forget();
      ssh.connection?.once("close", forget);
    }, forget);
    return jump;
  }

  async #logIn(before: readonly Login[], login: Login): Promise<NodeSSH> {
    if (this.#isClosed) throw new ConnectFailed("the bot is stopping");
    const name = endpointText(login);
    try {
      const knownHosts = await this.#files.knownHosts();
      return await logIn({
        ...{ login, knownHosts, identity: this.#identity, timeoutMs: this.#timeoutMs },
        through: () => this.through({ endpoint: login, jumps: before }),
        isTrusted: (key) => knownHosts.isTrusted(login, key),
        whyRefused: (fingerprint) =>
          `it shows the key ${fingerprint}, which known_hosts does not have for ${name}. Compare it with the key of the jump host, then add its line to known_hosts`,
      });
    } catch (error) {
      throw new ConnectFailed(`jump host ${name}: ${error instanceof Error ? error.message : String(error)}`);
    }
  }

  /** The jump host connects to the end, or says why not, within the time limit. */
  #forwarded(ssh: NodeSSH, endpoint: Endpoint, login: Login): Promise<Duplex> {
    return new Promise((resolve, reject) => {
      const failed = (why: string) =>
        reject(
          new ConnectFailed(`jump host ${endpointText(login)} can't connect to ${endpointText(endpoint)}: ${why}`),
        );
      const client = ssh.connection;
      if (client === null || !ssh.isConnected()) return failed("its connection was lost");
      let isLate = false;
      const timer = setTimeout(() => {
        isLate = true;
        failed(`no answer after ${this.#timeoutMs / 1000} s`);
      }, this.#timeoutMs);
      // If the connection is lost, ssh2 reports it here too.
      client.forwardOut("127.0.0.1", 0, endpoint.host, endpoint.port, (error, channel) => {
        clearTimeout(timer);
        if (error) return failed(error.message.replace(/^\(SSH\) /, ""));
        channel.on("error", () => {});
        // Unlike a socket, a channel stays open for writing if its other side ends.
        channel.once("end", () => channel.destroy());
        if (isLate) channel.destroy();
        else resolve(channel);
      });
    });
  }

  #end(key: string, jump: Jump): void {
    if (this.#jumps.get(key) === jump) this.#jumps.delete(key);
    if (jump.idle) clearTimeout(jump.idle);
    jump.opening.then(
      (ssh) => ssh.connection?.destroy(),
      () => undefined,
    );
  }
}

export const endpointText = ({ host, port }: Endpoint): string =>
  host.includes(":") ? `[${host}]:${port}` : `${host}:${port}`;

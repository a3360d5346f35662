import type { NodeSSH } from "node-ssh";
import type { ClientChannel } from "ssh2";
import type { Deadline } from "./deadline.ts";
import { type Executed, execute, type Line } from "./exec.ts";
import { ConnectFailed } from "./log-in.ts";
import type { Queue } from "./queue.ts";

const idleMs = 10 * 60_000;
const connectWaitMs = 60_000;

/** What runs a command as root for a user without root: the root helper, or a shell. */
export type RootWay = "helper" | "shell";

interface Connection {
  readonly ssh: NodeSSH;
  /** null until it is asked, and if the host did not answer. */
  rootWay: Promise<RootWay | null> | null;
  /** Programs that were too old for an option. Forgotten with the connection: the next one may reach a newer system. */
  readonly oldPrograms: Set<string>;
  inUse: number;
  /** Takes nothing new; ends when its running lines have ended. */
  retired: boolean;
  /** Channels of programs that never end by themselves. */
  readonly streams: Set<ClientChannel>;
}

/** The kept connection of one host, made when it is needed. */
export class HostSession {
  readonly #open: () => Promise<NodeSSH>;
  /** The slots to connect, and the slots for lines on the connection. */
  readonly #connects: Queue;
  readonly #queue: Queue;
  readonly #whenIdle: () => void;
  #connection: Connection | null = null;
  #connecting: Promise<Connection> | null = null;
  #idle: NodeJS.Timeout | null = null;

  /** `open` waits only for the host; `connects` waits for the turn. */
  constructor(open: () => Promise<NodeSSH>, connects: Queue, queue: Queue, whenIdle: () => void) {
    this.#open = open;
    this.#connects = connects;
    this.#queue = queue;
    this.#whenIdle = whenIdle;
  }

  /** Connects before it waits, so that all requests to an unreachable host fail at once. */
  async inTurn<T>(task: () => Promise<T>, waitLimitMs: number, deadline: Deadline): Promise<T> {
    await deadline.within(this.#connected(deadline));
    return this.#queue.run(task, Math.min(waitLimitMs, deadline.leftMs), deadline.urgency);
  }

  /** Runs a line on the kept connection, or on a new one if that is gone. Rejects with `ConnectFailed`. */
  async execute(line: Line, deadline: Deadline): Promise<Executed> {
    const connection = await deadline.within(this.#connected(deadline));
    connection.inUse++;
    if (this.#idle) clearTimeout(this.#idle);
    const executed = await execute(connection.ssh, line, () => this.#retire(connection));
    connection.inUse--;
    if (executed.kind === "not started") this.#retire(connection);
    if (connection.retired) endUnused(connection);
    else if (connection.inUse === 0) this.#idle = setTimeout(() => this.close(), idleMs).unref();
    return executed;
  }

  /**
   * Runs a program that prints for as long as it lives. Resolves when it has ended, to what it said last. Rejects with
   * `ConnectFailed`. It runs next to the lines of `execute`: sshd allows ten channels, and lines take four.
   */
  async stream(line: string, onText: (text: string) => void, stop: AbortSignal, deadline: Deadline): Promise<string> {
    const connection = await deadline.within(this.#connected(deadline));
    connection.inUse++;
    if (this.#idle) clearTimeout(this.#idle);
    try {
      return await streamed(connection, line, onText, stop);
    } finally {
      connection.inUse--;
      if (connection.retired) endUnused(connection);
    }
  }

  /** The way to root on this connection: `ask` finds it once. A host that does not answer has a shell. */
  async rootWay(ask: () => Promise<RootWay | null>, deadline: Deadline): Promise<RootWay> {
    const connection = await deadline.within(this.#connected(deadline));
    connection.rootWay ??= ask();
    const way = await deadline.within(connection.rootWay);
    if (way === null) connection.rootWay = null;
    return way ?? "shell";
  }

  get knowsRootWay(): boolean {
    return this.#connection !== null && this.#connection.rootWay !== null;
  }

  /** sudo refused it, so it is asked again: the host may be changed since then. */
  forgetRootWay(): void {
    if (this.#connection !== null) this.#connection.rootWay = null;
  }

  isOld(program: string): boolean {
    return this.#connection?.ssh.isConnected() === true && this.#connection.oldPrograms.has(program);
  }

  rememberOld(program: string): void {
    this.#connection?.oldPrograms.add(program);
  }

  /** Ends the connection at once; its running lines become unknown. */
  close(): void {
    if (this.#idle) clearTimeout(this.#idle);
    this.#connection?.ssh.connection?.destroy();
    this.#connection = null;
    this.#whenIdle();
  }

  #connected({ urgency }: Deadline): Promise<Connection> {
    if (this.#connection?.ssh.isConnected()) return Promise.resolve(this.#connection);
    if (urgency === "operation") this.#connects.hurry();
    this.#connecting ??= this.#connects
      .run(this.#open, connectWaitMs, urgency)
      .then((ssh) => {
        this.#connection = { ssh, rootWay: null, oldPrograms: new Set(), inUse: 0, retired: false, streams: new Set() };
        return this.#connection;
      })
      .finally(() => {
        this.#connecting = null;
      });
    return this.#connecting;
  }

  /** One missing answer must not make the other lines on its connection unknown: they may be changes. */
  #retire(connection: Connection): void {
    connection.retired = true;
    if (this.#connection === connection) this.#connection = null;
    for (const channel of connection.streams) channel.destroy();
  }
}

/** The latest characters of standard error that are kept. */
const MOST_SAID = 500;

function streamed(
  { ssh, streams }: Connection,
  line: string,
  onText: (text: string) => void,
  stop: AbortSignal,
): Promise<string> {
  return new Promise((resolve, reject) => {
    const client = ssh.connection;
    if (client === null || stop.aborted) return resolve("it was stopped");
    client.exec(line, (error: Error | undefined, channel: ClientChannel) => {
      if (error) return reject(new ConnectFailed(`no channel for it: ${error.message}`));
      let said = "";
      const end = () => channel.destroy();
      streams.add(channel);
      stop.addEventListener("abort", end, { once: true });
      channel.on("error", () => {});
      channel.stderr.on("error", () => {});
      channel.setEncoding("utf8").on("data", onText);
      channel.stderr.setEncoding("utf8").on("data", (text: string) => {
        said = `${said}${text}`.slice(-MOST_SAID);
      });
      channel.once("close", () => {
        streams.delete(channel);
        stop.removeEventListener("abort", end);
        resolve(said.trim() || "it ended");
      });
    });
  });
}

function endUnused(connection: Connection): void {
  if (connection.inUse === 0) connection.ssh.connection?.destroy();
}

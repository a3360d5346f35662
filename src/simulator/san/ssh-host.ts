import { createHash } from "node:crypto";
import { createServer, type Server as NetServer, type Socket } from "node:net";
import ssh2, { type AuthContext, type Connection, type ParsedKey, type ServerChannel } from "ssh2";
import type { HostRuntime } from "./host-runtime.ts";
import { runLine } from "./run-line.ts";

/** sshd's MaxSessions. */
const maxSessions = 10;
const loopback = "127.0.0.1";

/** One connection. Once it is cut, no program of it runs on and none begins. */
interface Line {
  isCut: boolean;
  readonly cut: () => void;
}

/** The SSH server of one simulated host: public-key logins of one user with one key, exec requests, many at once. */
export class SshHost {
  readonly #runtime: HostRuntime;
  readonly #clientKey: ParsedKey;
  readonly #keys: { readonly own: string; readonly other: string };
  readonly #sockets = new Set<Socket>();
  #ssh: ssh2.Server;
  #listener: NetServer | null = null;

  /** `other` is the key shown by the fault "other host key". */
  constructor(runtime: HostRuntime, keys: { readonly own: string; readonly other: string }, clientKey: ParsedKey) {
    this.#runtime = runtime;
    this.#keys = keys;
    this.#clientKey = clientKey;
    this.#ssh = this.#sshServer(keys.own);
  }

  get hostKeySha256(): string {
    const digest = createHash("sha256").update(parseKey(this.#keys.own).getPublicSSH()).digest("base64");
    return `SHA256:${digest.replace(/=+$/, "")}`;
  }

  /** Resolves to the port; rejects if another program has it. */
  listen(port: number): Promise<number> {
    return new Promise((resolve, reject) => {
      const listener = createServer((socket) => this.#accept(socket));
      listener.once("error", reject);
      listener.listen(port, loopback, () => {
        this.#listener = listener;
        const address = listener.address();
        resolve(address !== null && typeof address === "object" ? address.port : port);
      });
    });
  }

  /** Connections end at once, and none are taken. */
  async close(): Promise<void> {
    const listener = this.#listener;
    this.#listener = null;
    this.disconnect();
    if (listener) await new Promise((resolve) => listener.close(resolve));
  }

  disconnect(): void {
    for (const socket of this.#sockets) socket.destroy();
  }

  /** Faults of the connection hold from the next one on, so those that are open end. */
  async apply(): Promise<void> {
    const { faults, host } = this.#runtime;
    this.#ssh = this.#sshServer(faults.find("other host key") ? this.#keys.other : this.#keys.own);
    const down = faults.find("down") !== null;
    if (down) await this.close();
    else if (!this.#listener && host.port !== null) await this.listen(host.port);
  }

  #accept(socket: Socket): void {
    this.#sockets.add(socket);
    socket.on("close", () => this.#sockets.delete(socket));
    socket.on("error", () => {});
    socket.setNoDelay(true);
    if (!this.#runtime.faults.find("silent")) this.#ssh.injectSocket(socket);
  }

  #sshServer(hostKey: string): ssh2.Server {
    return new ssh2.Server({ hostKeys: [hostKey], ident: "OpenSSH_9.2p1 Debian-2+deb12u3" }, (client, { port }) => {
      const line: Line = { isCut: false, cut: () => this.#cutOff(port) };
      client.on("error", () => {});
      client.on("authentication", (context) => this.#authenticate(context));
      client.on("ready", () => {
        this.#runtime.connections += 1;
        this.#serve(client, line);
      });
    });
  }

  #authenticate(context: AuthContext): void {
    const reject = () => context.reject(["publickey"]);
    const { faults, host } = this.#runtime;
    if (context.method !== "publickey" || context.username !== host.user || faults.find("refuses key")) {
      reject();
      return;
    }
    const key = this.#clientKey;
    const isOurs = context.key.algo === key.type && context.key.data.equals(key.getPublicSSH());
    // Without a signature the client only asks whether the key would do.
    const signed =
      !context.signature || !context.blob || key.verify(context.blob, context.signature, context.hashAlgo) === true;
    if (isOurs && signed) context.accept();
    else reject();
  }

  #serve(client: Connection, line: Line): void {
    const sessions = new Map<object, AbortController>();
    // A channel reports no end as long as nobody reads its input.
    client.once("close", () => {
      for (const stop of sessions.values()) stop.abort();
    });
    client.on("session", (accept, reject) => {
      if (sessions.size >= maxSessions) {
        reject();
        return;
      }
      const session = accept();
      const stop = new AbortController();
      sessions.set(session, stop);
      // A session without a program ends by itself; with one, its channel does.
      const ended = () => {
        sessions.delete(session);
        stop.abort();
      };
      session.on("close", ended);
      session.on("signal", (acceptSignal) => {
        acceptSignal?.();
        stop.abort();
      });
      session.once("exec", (acceptExec, _reject, { command }) => {
        this.#runtime.execs += 1;
        const channel = acceptExec();
        channel.on("close", ended);
        void this.#run(command, channel, line, stop);
      });
    });
  }

  /**
   * No disconnect message of SSH, and nothing more is heard or said. What was sent before arrives: a socket that is
   * destroyed answers the client's next bytes with a reset, and a client that is slow to read loses it then.
   */
  #cutOff(port: number): void {
    for (const socket of this.#sockets) {
      if (socket.remotePort !== port) continue;
      socket.removeAllListeners("data");
      socket.resume().end();
    }
  }

  async #run(command: string, channel: ServerChannel, line: Line, stop: AbortController): Promise<void> {
    let isClosed = false;
    const isGone = () => isClosed || line.isCut;
    channel.on("error", () => {});
    channel.on("close", () => {
      isClosed = true;
    });
    let input: Promise<string> | null = null;
    const ended = runLine(command, this.#runtime, {
      stdout: (text) => void (isGone() || channel.write(text)),
      stderr: (text) => void (isGone() || channel.stderr.write(text)),
      stdin: () => {
        input ??= allOf(channel);
        return input;
      },
      ended: stop.signal,
      cut: () => {
        line.isCut = true;
        stop.abort();
        line.cut();
      },
    });
    const exitCode = await ended.catch((error: Error) => {
      // A bug of the simulation, or a failed write of its file: only this host's answer is lost, not the process.
      if (!isGone()) channel.stderr.write(`the simulation failed: ${error.message}\n`);
      return 70;
    });
    if (exitCode === null || isGone()) return;
    channel.resume();
    // ssh2 ends a channel without waiting for standard error that the window still holds back.
    channel.stderr.end(() => {
      channel.exit(exitCode);
      channel.end();
    });
  }
}

/** Everything the client sends, up to its end of file. */
function allOf(channel: ServerChannel): Promise<string> {
  return new Promise((resolve) => {
    const chunks: Buffer[] = [];
    const done = () => resolve(Buffer.concat(chunks).toString("utf8"));
    channel.on("data", (chunk: Buffer) => chunks.push(chunk));
    channel.once("end", done);
    channel.once("close", done);
  });
}

/** Throws if the text is not one key. */
export function parseKey(text: string): ParsedKey {
  const parsed = ssh2.utils.parseKey(text);
  const key = Array.isArray(parsed) ? parsed[0] : parsed;
  if (key === undefined || key instanceof Error) throw key ?? new Error("there is no key in it");
  return key;
}

import { createHash } from "node:crypto";
import { createServer, type Server as NetServer, type Socket } from "node:net";
import ssh2, { type AuthContext, type Connection, type ParsedKey, type ServerChannel } from "ssh2";
import type { Machine } from "./machine.ts";
import { runLine } from "./run-line.ts";

/** sshd's MaxSessions. */
const maxSessions = 10;
const loopback = "127.0.0.1";

/** The SSH server of one simulated host: public-key logins of one user with one key, exec requests, many at once. */
export class SshHost {
  readonly #machine: Machine;
  readonly #clientKey: ParsedKey;
  readonly #keys: { readonly own: string; readonly other: string };
  readonly #sockets = new Set<Socket>();
  #ssh: ssh2.Server;
  #listener: NetServer | null = null;

  /** `other` is the key shown by the fault "other host key". */
  constructor(machine: Machine, keys: { readonly own: string; readonly other: string }, clientKey: ParsedKey) {
    this.#machine = machine;
    this.#keys = keys;
    this.#clientKey = clientKey;
    this.#ssh = this.#sshServer(keys.own);
  }

  get hostKeySha256(): string {
    const digest = createHash("sha256").update(parseKey(this.#keys.own).getPublicSSH()).digest("base64");
    return `SHA256:${digest.replace(/=+$/, "")}`;
  }

  /** Resolves to the port; rejects where another program has it. */
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
    const { faults, host } = this.#machine;
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
    if (!this.#machine.faults.find("silent")) this.#ssh.injectSocket(socket);
  }

  #sshServer(hostKey: string): ssh2.Server {
    return new ssh2.Server({ hostKeys: [hostKey], ident: "OpenSSH_9.2p1 Debian-2+deb12u3" }, (client) => {
      client.on("error", () => {});
      client.on("authentication", (context) => this.#authenticate(context));
      client.on("ready", () => {
        this.#machine.connections += 1;
        this.#serve(client);
      });
    });
  }

  #authenticate(context: AuthContext): void {
    const reject = () => context.reject(["publickey"]);
    const { faults, host } = this.#machine;
    if (context.method !== "publickey" || context.username !== host.user || faults.find("refuses key")) return reject();
    const key = this.#clientKey;
    if (context.key.algo !== key.type || !context.key.data.equals(key.getPublicSSH())) return reject();
    // Without a signature the client only asks whether the key would do.
    if (context.signature && context.blob && key.verify(context.blob, context.signature, context.hashAlgo) !== true) {
      return reject();
    }
    context.accept();
  }

  #serve(client: Connection): void {
    let sessions = 0;
    client.on("session", (accept, reject) => {
      if (sessions >= maxSessions) return reject();
      sessions += 1;
      const session = accept();
      session.on("close", () => {
        sessions -= 1;
      });
      session.once("exec", (acceptExec, _reject, { command }) => {
        this.#machine.execs += 1;
        void this.#run(command, acceptExec(), client);
      });
    });
  }

  async #run(command: string, channel: ServerChannel, client: Connection): Promise<void> {
    let gone = false;
    channel.on("error", () => {});
    channel.on("close", () => {
      gone = true;
    });
    let input: Promise<string> | null = null;
    const exitCode = await runLine(command, this.#machine, {
      stdout: (text) => void (gone || channel.write(text)),
      stderr: (text) => void (gone || channel.stderr.write(text)),
      stdin: () => {
        input ??= allOf(channel);
        return input;
      },
      isGone: () => gone,
      cut: () => {
        gone = true;
        cutOff(client);
      },
    });
    if (exitCode === null || gone) return;
    channel.resume();
    channel.exit(exitCode);
    channel.end();
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

/** As a pulled cable: no good-bye in the SSH protocol. */
function cutOff(client: Connection): void {
  client.end();
}

/** Throws where the text is not one key. */
export function parseKey(text: string): ParsedKey {
  const parsed = ssh2.utils.parseKey(text);
  const key = Array.isArray(parsed) ? parsed[0] : parsed;
  if (key === undefined || key instanceof Error) throw key ?? new Error("there is no key in it");
  return key;
}

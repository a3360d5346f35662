import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { type AddressInfo, connect, type Socket } from "node:net";
import ssh2, { type Connection, type ServerChannel } from "ssh2";
import type { Host } from "../../src/core/inventory.ts";
import { fingerprintOf } from "../../src/ssh/keys.ts";
import { uuid } from "../store/samples.ts";

export interface KeyPair {
  readonly private: string;
  readonly public: string;
}
/** ssh2 1.17 can't read one of 256 keys that it makes: a public key that begins with a zero byte loses it. */
export function newKey(): KeyPair {
  for (;;) {
    const pair = ssh2.utils.generateKeyPairSync("ed25519");
    if (![pair.private, pair.public].some((text) => ssh2.utils.parseKey(text) instanceof Error)) return pair;
  }
}

/** What the server does with a line instead of giving it to the shell. */
export type Answer = (channel: ServerChannel, connection: Connection) => void;

/** A small real SSH server on loopback with the login shell `/bin/sh` of this computer. */
export class ShellServer {
  /** Every line it was asked to run. */
  readonly lines: string[] = [];
  logins = 0;
  /** The most lines that ran at the same time. */
  busiest = 0;
  /** How many of its lines' channels are closed. Nothing is sent in these any more. */
  closed = 0;
  /** Set to answer the next lines in another way; null takes the shell. */
  answer: Answer | null = null;
  /** Set to turn down the next requests for a channel. */
  refuseChannels = 0;
  /** As a jump host: the connections that it made for others. null: it makes none. */
  forwarded: string[] | null = null;
  /** A directory with programs that replace the system's. */
  programs: string | null = null;
  readonly host: Host;
  readonly #server: ssh2.Server;
  readonly #connections = new Set<Connection>();
  /** Of all its connections, also of those that ended. */
  readonly #sockets: Socket[] = [];
  readonly #children = new Set<ChildProcess>();

  private constructor(server: ssh2.Server, hostKey: KeyPair, accepted: KeyPair) {
    this.#server = server;
    this.host = hostAt((server.address() as AddressInfo).port, hostKey);
    server.on("connection", (connection) => this.#serve(connection, accepted));
  }

  /** `certificate`: of the host key. It is shown to clients that ask for one. */
  static async start(
    accepted: KeyPair,
    hostKey: KeyPair = newKey(),
    port = 0,
    certificate: Buffer | null = null,
  ): Promise<ShellServer> {
    const certified = certificate === null ? [] : [certifiedHostKey(hostKey, certificate)];
    const server = new ssh2.Server({ hostKeys: [hostKey.private, ...certified] });
    server.listen(port, "127.0.0.1");
    await once(server, "listening");
    return new ShellServer(server, hostKey, accepted);
  }

  /** How much it was able to send, in bytes: the client lets it send what it may read. */
  get sentBytes(): number {
    return this.#sockets.reduce((sum, { bytesWritten }) => sum + bytesWritten, 0);
  }

  /** Breaks all connections off, without a word. */
  cutConnections(): void {
    for (const connection of this.#connections) cut(connection);
  }

  async stop(): Promise<void> {
    const closed = new Promise((resolve) => this.#server.close(resolve));
    for (const child of this.#children) child.kill("SIGKILL");
    this.cutConnections();
    await closed;
  }

  #serve(connection: Connection, accepted: KeyPair): void {
    this.#connections.add(connection);
    this.#sockets.push(socketOf(connection));
    connection.on("error", () => {});
    connection.on("close", () => this.#connections.delete(connection));
    connection.on("authentication", (context) => {
      const allowed = ssh2.utils.parseKey(accepted.public);
      if (allowed instanceof Error || Array.isArray(allowed)) throw new Error("one public key was expected");
      if (context.method !== "publickey" || !allowed.getPublicSSH().equals(context.key.data)) return context.reject();
      const { blob, signature } = context;
      if (blob && signature && !allowed.verify(blob, signature, context.hashAlgo)) return context.reject();
      context.accept();
    });
    connection.on("ready", () => {
      this.logins++;
    });
    connection.on("tcpip", (accept, reject, { destIP, destPort }) => {
      if (this.forwarded === null) return reject();
      this.forwarded.push(`${destIP}:${destPort}`);
      const socket = connect(destPort, destIP);
      socket.on("error", () => reject());
      socket.once("connect", () => {
        const channel = accept();
        channel.on("error", () => {});
        channel.pipe(socket).pipe(channel);
        channel.once("close", () => socket.destroy());
        socket.once("close", () => channel.close());
      });
    });
    connection.on("session", (accept, reject) => {
      if (this.refuseChannels > 0) {
        this.refuseChannels--;
        return reject();
      }
      accept().on("exec", (acceptExec, _reject, { command }) => this.#exec(acceptExec(), connection, command));
    });
  }

  #exec(channel: ServerChannel, connection: Connection, line: string): void {
    this.lines.push(line);
    channel.on("close", () => this.closed++);
    if (this.answer) this.answer(channel, connection);
    else this.#runInShell(channel, line);
  }

  #runInShell(channel: ServerChannel, line: string): void {
    const found = this.programs === null ? line : line.replaceAll("'PATH=", `'PATH=${this.programs}:`);
    const shell = spawn("/bin/sh", ["-c", found], { stdio: "pipe" });
    this.#children.add(shell);
    this.busiest = Math.max(this.busiest, this.#children.size);
    channel.pipe(shell.stdin);
    shell.stdin.on("error", () => {});
    shell.stdout.pipe(channel, { end: false });
    shell.stderr.pipe(channel.stderr, { end: false });
    shell.on("close", (code) => {
      this.#children.delete(shell);
      // ssh2 ends a channel without waiting for what its standard error still holds back for want of window.
      channel.stderr.end(() => {
        channel.exit(code ?? 255);
        channel.end();
      });
    });
  }
}

export const hostAt = (port: number, hostKey: KeyPair): Host => ({
  uuid: uuid(1),
  name: "sharedblock-host1",
  clusterUuid: uuid(2),
  address: "127.0.0.1",
  port,
  user: "root",
  hostKeySha256: fingerprint(hostKey),
  sanlockHostId: null,
});

/** ssh2's server has no certificates: it gets a key of another kind that shows the certificate instead of itself. */
function certifiedHostKey(hostKey: KeyPair, certificate: Buffer): { key: string } {
  const key = ssh2.utils.parseKey(hostKey.private);
  if (key instanceof Error || Array.isArray(key)) throw new Error("one private key was expected");
  const type = `${key.type}-cert-v01@openssh.com`;
  const certified = Object.create(key, { type: { value: type }, getPublicSSH: { value: () => certificate } });
  return { key: certified };
}

export function fingerprint(key: KeyPair): string {
  return fingerprintOf(Buffer.from(key.public.split(" ")[1] ?? "", "base64"));
}

/** Ends the TCP connection below the protocol. */
export function cut(connection: Connection): void {
  socketOf(connection).destroy();
}

/** ssh2 keeps the socket to itself, so it is reached by its field. */
const socketOf = (connection: Connection): Socket => (connection as unknown as { _sock: Socket })._sock;

import { connect, createServer, type Server, type Socket } from "node:net";
import { Transform } from "node:stream";
import { setTimeout as sleep } from "node:timers/promises";

/** A TCP relay on loopback that can fail as a network does. */
export class Relay {
  readonly #server: Server;
  #port = 0;
  readonly #targetPort: number;
  readonly #sockets = new Set<Socket>();
  #delayMs = 0;
  /** While it hangs: a promise that resolves when it continues, and how to resolve it. */
  #hang: { readonly over: Promise<void>; end(): void } | null = null;

  private constructor(targetPort: number) {
    this.#targetPort = targetPort;
    this.#server = createServer({ allowHalfOpen: true }, (client) => this.#accept(client));
  }

  static async listening(targetPort: number): Promise<Relay> {
    const relay = new Relay(targetPort);
    await relay.#listen();
    const address = relay.#server.address();
    if (address === null || typeof address === "string") throw new Error("the relay does not listen");
    relay.#port = address.port;
    return relay;
  }

  /** The same port until it is closed, also while nothing listens on it. */
  get port(): number {
    return this.#port;
  }

  /** How it fails now, in words; null if it works. */
  get fault(): string | null {
    if (!this.#server.listening) return "refuses";
    if (this.#hang !== null) return "hangs";
    return this.#delayMs > 0 ? `${this.#delayMs} ms late` : null;
  }

  /**
   * Stops listening and resets its connections. A relay that accepts and then resets is not like a failed network:
   * iscsid never recovers from a connection that ends while it logs in (`can't bind conn 1:0 …, retcode -107`).
   * Reset, not ended: QEMU's network would wait for the guest's end. A guest that goes back to a kept state never sends
   * it, and would get no answer until its ping times out.
   */
  refuse(): void {
    this.#server.close();
    for (const socket of this.#sockets) socket.resetAndDestroy();
  }

  /** Passes nothing on, not even an end. Connections stay open, and new ones are accepted and stay silent. */
  hang(): void {
    if (this.#hang !== null) return;
    let end = () => {};
    const over = new Promise<void>((resolve) => {
      end = resolve;
    });
    this.#hang = { over, end };
  }

  /** Delays each piece of data, in both directions. */
  delay(milliseconds: number): void {
    this.#delayMs = milliseconds;
  }

  /** Ends a refusal and a hang. What was held back is passed on. */
  async heal(): Promise<void> {
    this.#hang?.end();
    this.#hang = null;
    if (!this.#server.listening) await this.#listen();
  }

  async close(): Promise<void> {
    this.refuse();
    this.#hang?.end();
    await new Promise((resolve) => this.#server.close(resolve));
  }

  #listen(): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#server.once("error", reject).listen(this.#port, "127.0.0.1", resolve);
    });
  }

  #accept(client: Socket): void {
    this.#keep(client);
    this.#passed().then(() => {
      if (client.destroyed) return;
      const host = connect({ port: this.#targetPort, host: "127.0.0.1", allowHalfOpen: true });
      this.#keep(host);
      this.#pass(client, host);
      this.#pass(host, client);
    });
  }

  #keep(socket: Socket): void {
    socket.setNoDelay(true);
    this.#sockets.add(socket);
    socket.once("close", () => this.#sockets.delete(socket));
    // Relays exist to make connections fail.
    socket.on("error", () => {});
  }

  #pass(from: Socket, to: Socket): void {
    const gate = new Transform({
      transform: (chunk, _encoding, done) => void this.#passed().then(() => done(null, chunk)),
      flush: (done) => void this.#passed().then(() => done()),
    });
    from.pipe(gate).pipe(to);
    from.once("close", (broken) => {
      if (broken || !from.readableEnded) this.#passed().then(() => to.destroy());
    });
  }

  async #passed(): Promise<void> {
    while (this.#hang !== null) await this.#hang.over;
    if (this.#delayMs > 0) await sleep(this.#delayMs);
  }
}

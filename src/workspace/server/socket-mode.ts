import { randomUUID } from "node:crypto";
import type { IncomingMessage } from "node:http";
import type { Duplex } from "node:stream";
import { type WebSocket, WebSocketServer } from "ws";
import { z } from "zod";
import { newKey } from "./key.ts";
import { parsedJson } from "./request-body.ts";
import type { SlackFaults } from "./slack-faults.ts";

const MOST_CONNECTIONS = 10;
const PING_MS = 5_000;
const LEAVE_MS = 300;
const KEPT = 200;

const ackMessage = z.looseObject({ envelope_id: z.string(), payload: z.unknown() });

export interface Envelope {
  readonly type: "slash_commands" | "interactive" | "events_api";
  readonly payload: object;
  readonly accepts_response_payload: boolean;
  readonly retry_attempt?: number;
  readonly retry_reason?: string;
}
/** The app's reaction to an envelope. An ack after the time-out does not count. */
export type Delivery =
  | { readonly kind: "acked"; readonly payload: unknown }
  | { readonly kind: "timed out" }
  | { readonly kind: "not connected" };
/**
 * Receives every envelope. `send` sends it to the app that is connected then: at once or later, once or several times.
 */
export type EnvelopeSender = (envelope: Envelope, send: () => void) => void;
export type DisconnectReason = "warning" | "refresh_requested" | "link_disabled";

/** Slack's end of Socket Mode: up to ten connections of one app, each envelope to the next of them in turn. */
export class SocketMode {
  readonly #appId: string;
  readonly #ackMs: number;
  readonly #slackFaults: SlackFaults;
  readonly #server = new WebSocketServer({ noServer: true, maxPayload: 1_000_000 });
  readonly #tickets = new Set<string>();
  #connections: WebSocket[] = [];
  readonly #awaited = new Map<string, (delivery: Delivery) => void>();
  readonly #pings: NodeJS.Timeout;
  #sendTwice = false;
  #courier: EnvelopeSender = (_, send) => send();
  /** In the order in which they connected, from 1. */
  readonly #numbers = new WeakMap<WebSocket, number>();
  #made = 0;
  #isChosen: (number: number) => boolean = () => true;
  #sent: Envelope[] = [];

  constructor(appId: string, ackMs: number, slackFaults: SlackFaults) {
    this.#appId = appId;
    this.#ackMs = ackMs;
    this.#slackFaults = slackFaults;
    this.#pings = setInterval(() => {
      for (const connection of this.#connections) connection.ping("Ping from the local workspace");
    }, PING_MS);
  }

  get connections(): number {
    return this.#connections.length;
  }

  /** The path to connect to, once. */
  ticketPath(): string {
    const ticket = newKey();
    this.#tickets.add(ticket);
    return `/link/?ticket=${ticket}&app_id=${this.#appId}`;
  }

  connect(request: IncomingMessage, socket: Duplex, head: Buffer): void {
    const ticket = new URL(request.url ?? "", "http://local").searchParams.get("ticket") ?? "";
    if (!this.#tickets.delete(ticket)) {
      socket.end("HTTP/1.1 404 Not Found\r\nConnection: close\r\n\r\n");
      return;
    }
    this.#server.handleUpgrade(request, socket, head, (connection) => this.#welcome(connection));
  }

  /** Resolves with the ack, or when it can no longer come. */
  deliver(envelope: Envelope): Promise<Delivery> {
    this.#sent = [...this.#sent, envelope].slice(-KEPT);
    if (this.#connections.length === 0) return Promise.resolve({ kind: "not connected" });
    const id = randomUUID();
    const text = JSON.stringify({ envelope_id: id, ...envelope });
    return new Promise((resolve) => {
      const settle = (delivery: Delivery) => {
        clearTimeout(timer);
        this.#awaited.delete(id);
        resolve(delivery);
      };
      const timer = setTimeout(() => settle({ kind: "timed out" }), this.#ackMs);
      this.#awaited.set(id, settle);
      this.#courier(envelope, () => this.#next()?.send(text));
      if (this.#sendTwice) this.#next()?.send(text);
      this.#sendTwice = false;
    });
  }

  /** The latest envelopes, to be delivered again. */
  get sent(): readonly Envelope[] {
    return this.#sent;
  }

  /** From now on envelopes go only to connections with these numbers: 1 is the first connection ever. */
  onlyTo(isChosen: (number: number) => boolean): void {
    this.#isChosen = isChosen;
  }

  /** The next envelope comes twice, over different connections if there are two. */
  redeliverNext(): void {
    this.#sendTwice = true;
  }

  /** From now on this function delivers the envelopes: late, twice or in another order. */
  deliverBy(courier: EnvelopeSender): void {
    this.#courier = courier;
  }

  /** The oldest connection breaks without a close message. */
  drop(): void {
    const connection = this.#oldest();
    this.#forget(connection);
    connection.terminate();
  }

  /** All connections stay open and silent: no envelope, no ping, no pong. */
  freeze(): void {
    for (const connection of this.#connections) connection.pause();
    this.#connections = [];
  }

  /** Slack asks the oldest connection to be replaced; no envelope goes to it any more. */
  disconnect(reason: DisconnectReason): void {
    const connection = this.#oldest();
    this.#forget(connection);
    this.#sayDisconnect(connection, reason);
  }

  /** Closes the connections and waits a little for them, so that a stopping app ends cleanly. */
  async stop(): Promise<void> {
    clearInterval(this.#pings);
    for (const settle of this.#awaited.values()) settle({ kind: "timed out" });
    const gone = [...this.#server.clients].map((client) => {
      const closed = new Promise<void>((resolve) => client.once("close", () => resolve()));
      const timer = setTimeout(() => client.terminate(), LEAVE_MS);
      client.close(1001);
      return closed.finally(() => clearTimeout(timer));
    });
    await Promise.all(gone);
    this.#server.close();
  }

  #welcome(connection: WebSocket): void {
    connection.on("error", () => connection.terminate());
    if (this.#slackFaults.takesSilentSocket()) {
      connection.pause();
      return;
    }
    if (this.#connections.length >= MOST_CONNECTIONS) {
      this.#sayDisconnect(connection, "too_many_websockets");
      connection.close();
      return;
    }
    this.#connections.push(connection);
    this.#made += 1;
    this.#numbers.set(connection, this.#made);
    connection.on("message", (data) => this.#take(String(data)));
    connection.on("close", () => this.#forget(connection));
    connection.send(
      JSON.stringify({
        type: "hello",
        num_connections: this.#connections.length,
        connection_info: { app_id: this.#appId },
        debug_info: { host: "applink-local", approximate_connection_time: 18_060 },
      }),
    );
  }

  #take(text: string): void {
    const message = ackMessage.safeParse(parsedJson(text));
    if (message.success)
      this.#awaited.get(message.data.envelope_id)?.({ kind: "acked", payload: message.data.payload });
  }

  #next(): WebSocket | null {
    const at = this.#connections.findIndex((each) => this.#isChosen(this.#numbers.get(each) ?? 0));
    const [connection] = at === -1 ? [] : this.#connections.splice(at, 1);
    if (connection === undefined) return null;
    this.#connections.push(connection);
    return connection;
  }

  #oldest(): WebSocket {
    const connection = this.#connections[0];
    if (connection === undefined) throw new Error("no app is connected");
    return connection;
  }

  #forget(connection: WebSocket): void {
    this.#connections = this.#connections.filter((each) => each !== connection);
  }

  #sayDisconnect(connection: WebSocket, reason: DisconnectReason | "too_many_websockets"): void {
    connection.send(JSON.stringify({ type: "disconnect", reason, debug_info: { host: "applink-local" } }));
  }
}

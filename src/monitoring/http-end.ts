import { createHash, timingSafeEqual } from "node:crypto";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { OutsideAlert } from "../watch/outside-alert.ts";
import { TokenBucket } from "./token-bucket.ts";
import { readWebhook } from "./webhook.ts";

/** What the server asks the bot. */
export interface Answers {
  metrics(): Promise<string>;
  /** Why the bot is not ready; empty: it is. */
  notReady(): Promise<readonly string[]>;
  /** Resolves once joined alerts are on disk. null: no alerts are taken. */
  readonly join: TakeAlerts | null;
  readonly secret: string | null;
  failed(doing: string, error: unknown): void;
}

/** Alerts that others sent. Resolves to the number of those that have an incident, and of those that wait for one. */
export type TakeAlerts = (
  alerts: readonly OutsideAlert[],
) => Promise<{ readonly joined: number; readonly waiting: number }>;

const LONGEST_BODY_BYTES = 256 * 1024;
/** In a minute. Alertmanager sends one message for a group in each `group_interval`. */
const MOST_MESSAGES = 60;
const MOST_WRONG_SECRETS = 20;
const MOST_CONNECTIONS = 64;

/** The rates of `POST /alerts`. A sender without the secret can't use up the rate of one that has it. */
interface Rates {
  readonly messages: TokenBucket;
  readonly wrongSecrets: TokenBucket;
}

/** Times in milliseconds. Node refuses more than 16 KiB of headers. */
interface Limits {
  readonly nowMs: () => number;
  /** A request must be complete within this time. It is checked every `checkMs`. */
  readonly requestMs: number;
  readonly checkMs: number;
  /** A client that does not read its answer is left after this time. */
  readonly idleMs: number;
}
const usualLimits: Limits = {
  nowMs: () => performance.now(),
  requestMs: 10_000,
  checkMs: 1_000,
  idleMs: 30_000,
};

export interface HttpEnd {
  readonly port: number;
  close(): Promise<void>;
}

/** `/metrics`, `/healthz`, `/readyz` and `/alerts`. Resolves when it listens; rejects if it can't. */
export async function openHttpEnd(
  at: { host: string; port: number },
  answers: Answers,
  given: Partial<Limits> = {},
): Promise<HttpEnd> {
  const { nowMs, requestMs, checkMs, idleMs } = { ...usualLimits, ...given };
  const rates: Rates = {
    messages: new TokenBucket(MOST_MESSAGES, nowMs),
    wrongSecrets: new TokenBucket(MOST_WRONG_SECRETS, nowMs),
  };
  const limits = { requestTimeout: requestMs, headersTimeout: requestMs, connectionsCheckingInterval: checkMs };
  const server = createServer(limits, (request, response) => {
    answer(answers, rates, request, response).catch((error: unknown) => {
      if (request.socket.destroyed) return; // the other end closed
      answers.failed(`answering ${request.method} ${pathOf(request).slice(0, 40)}`, error);
      if (!response.headersSent) plain(response, 500, "an internal error, see the bot's log\n");
    });
  });
  server.maxConnections = MOST_CONNECTIONS;
  server.timeout = idleMs;
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    server.listen(at.port, at.host, resolve);
  });
  return {
    port: portOf(server),
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

async function answer(answers: Answers, rates: Rates, request: IncomingMessage, response: ServerResponse) {
  const path = pathOf(request);
  if (path === "/alerts" && answers.join !== null && answers.secret !== null)
    return takeAlerts({ ...answers, join: answers.join, secret: answers.secret }, rates, request, response);
  if (path === "/alerts" && answers.secret === null)
    return plain(response, 404, "no alerts are taken: ALERTS_SECRET is not set\n");
  if (!["/metrics", "/healthz", "/readyz"].includes(path)) return plain(response, 404, "not found\n");
  if (request.method !== "GET" && request.method !== "HEAD") return refuseMethod(response, "GET, HEAD");
  if (path === "/healthz") return plain(response, 200, "ok\n");
  if (path === "/metrics") {
    const text = await answers.metrics();
    response.writeHead(200, {
      "content-type": "text/plain; version=0.0.4; charset=utf-8",
      "cache-control": "no-store",
    });
    return void response.end(text);
  }
  const reasons = await answers.notReady();
  if (reasons.length === 0) return plain(response, 200, "ready\n");
  return plain(response, 503, `not ready\n${reasons.map((reason) => `• ${reason}\n`).join("")}`);
}

type AlertTaker = Answers & { readonly join: NonNullable<Answers["join"]>; readonly secret: string };

async function takeAlerts(
  { join, secret }: AlertTaker,
  rates: Rates,
  request: IncomingMessage,
  response: ServerResponse,
) {
  if (request.method !== "POST") return refuseMethod(response, "POST");
  if (!hasSecret(request, secret)) {
    if (!rates.wrongSecrets.take()) return tooMany(response);
    response.setHeader("www-authenticate", "Bearer");
    return plain(response, 401, "the header must be: Authorization: Bearer ALERTS_SECRET\n");
  }
  // Alertmanager sends again what was answered with 5xx, and drops what was answered with 429.
  if (!rates.messages.take()) return tooMany(response, 503);
  if (!/^application\/json\s*(?:;|$)/i.test(request.headers["content-type"] ?? ""))
    return plain(response, 415, "the content type must be application/json\n");
  const body = await bodyOf(request);
  if (body === null) return plain(response, 413, `more than ${LONGEST_BODY_BYTES} bytes: set max_alerts\n`);
  const read = readWebhook(body);
  if ("problem" in read) return plain(response, 400, `${read.problem}\n`);
  const { joined, waiting } = await join(read.alerts);
  response.writeHead(200, { "content-type": "application/json" });
  response.end(`${JSON.stringify({ joined, waiting, notJoined: read.alerts.length - joined - waiting })}\n`);
}

/** Takes the same time for any difference. */
function hasSecret({ headers: { authorization = "" } }: IncomingMessage, secret: string): boolean {
  const given = /^Bearer (.+)$/i.exec(authorization)?.[1] ?? "";
  return timingSafeEqual(digest(given), digest(secret));
}
const digest = (text: string): Buffer => createHash("sha256").update(text).digest();

/** null if it is too long. Then the rest is not read. */
async function bodyOf(request: IncomingMessage): Promise<string | null> {
  if (Number(request.headers["content-length"] ?? 0) > LONGEST_BODY_BYTES) return null;
  const chunks: Buffer[] = [];
  let bytes = 0;
  // The answer is still to be sent.
  for await (const chunk of request.iterator({ destroyOnReturn: false })) {
    bytes += chunk.length;
    if (bytes > LONGEST_BODY_BYTES) return null;
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString("utf8");
}

function plain(response: ServerResponse, status: number, text: string): void {
  // What was not read of a body must not be taken for the next request.
  if (status >= 400) response.setHeader("connection", "close");
  response.writeHead(status, { "content-type": "text/plain; charset=utf-8", "cache-control": "no-store" });
  response.end(text);
}

function refuseMethod(response: ServerResponse, allowed: string): void {
  response.setHeader("allow", allowed);
  plain(response, 405, `only ${allowed} here\n`);
}

function tooMany(response: ServerResponse, status = 429): void {
  response.setHeader("retry-after", "60");
  plain(response, status, "too many requests\n");
}

const pathOf = ({ url = "" }: IncomingMessage): string => url.split("?", 1)[0] ?? "";

function portOf(server: Server): number {
  const address = server.address();
  return typeof address === "object" && address !== null ? address.port : 0;
}

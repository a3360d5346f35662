import { setTimeout as sleep } from "node:timers/promises";
import type { Alert } from "./incident-alerts.ts";

/** Times in milliseconds. */
export interface PushSettings {
  /** Everything is sent again so often: an Alertmanager that was started again knows nothing. */
  readonly everyMs: number;
  /** Changes within this time are sent together. */
  readonly mergeMs: number;
  /** The pauses before the next attempt. After the last, the next turn sends everything. */
  readonly pausesMs: readonly number[];
  readonly requestMs: number;
}
export const usualPush: PushSettings = {
  ...{ everyMs: 60_000, mergeMs: 1_000, pausesMs: [1_000, 2_000, 4_000], requestMs: 10_000 },
};

interface Setting {
  readonly url: string;
  /** What is to be known now: open incidents, ends, the heartbeat. */
  readonly alerts: () => Promise<readonly Alert[]>;
  readonly pushed: (result: "done" | "failed") => void;
  readonly log: { info(message: string): void; error(message: string, error: unknown): void };
}

const MOST_ALERTS = 200;
const LONGEST_ANSWER_BYTES = 16 * 1024;

/** Sends alerts to one Alertmanager, every minute and on change. Nothing waits for it, and nothing grows if it is down. */
export class Alertmanager {
  readonly #setting: Setting;
  readonly #settings: PushSettings;
  readonly #target: Target;
  readonly #stopping = new AbortController();
  #timer: NodeJS.Timeout | null = null;
  #dueMs = Number.POSITIVE_INFINITY;
  #pushing: Promise<void> | null = null;
  #again = false;
  /** The last one, so that the log has it once. */
  #problem: string | null = null;

  constructor(setting: Setting, settings: PushSettings = usualPush) {
    this.#setting = setting;
    this.#settings = settings;
    this.#target = targetOf(setting.url);
  }

  start(): void {
    this.#plan(0);
  }

  /** Something changed. Returns at once. */
  changed(): void {
    if (this.#pushing !== null) this.#again = true;
    else this.#plan(this.#settings.mergeMs);
  }

  async stop(): Promise<void> {
    this.#stopping.abort();
    if (this.#timer) clearTimeout(this.#timer);
    await this.#pushing;
  }

  #plan(withinMs: number): void {
    const dueMs = Date.now() + withinMs;
    if (this.#stopping.signal.aborted || (this.#timer !== null && this.#dueMs <= dueMs)) return;
    if (this.#timer) clearTimeout(this.#timer);
    this.#dueMs = dueMs;
    this.#timer = setTimeout(() => {
      this.#timer = null;
      this.#pushing = this.#push().finally(() => {
        this.#pushing = null;
        this.#plan(this.#again ? this.#settings.mergeMs : this.#settings.everyMs);
        this.#again = false;
      });
    }, withinMs);
  }

  async #push(): Promise<void> {
    const { alerts, pushed, log } = this.#setting;
    const { signal } = this.#stopping;
    for (const pauseMs of [...this.#settings.pausesMs, null]) {
      // Each attempt sends what holds then, and nothing that was to be sent earlier.
      const outcome = await alerts()
        .then((all) => this.#send(all))
        .catch((error: unknown) => ({ problem: wordsOf(error), isFinal: false }));
      if (signal.aborted) return;
      pushed(outcome === null ? "done" : "failed");
      if (outcome === null && this.#problem !== null) log.info(`${this.#target.shown} takes alerts again`);
      if (outcome !== null && this.#problem !== outcome.problem)
        log.error(`sending alerts to ${this.#target.shown}`, new Error(outcome.problem));
      this.#problem = outcome?.problem ?? null;
      if (outcome === null || outcome.isFinal || pauseMs === null) return;
      await sleep(pauseMs, undefined, { signal, ref: false }).catch(() => undefined);
      if (signal.aborted) return;
    }
  }

  /**
   * null: all were taken. `isFinal`: it would be refused again. One alert that is refused must not keep the others back,
   * the heartbeat least of all.
   */
  async #send(all: readonly Alert[]): Promise<{ problem: string; isFinal: boolean } | null> {
    let refused: { problem: string; isFinal: boolean } | null = null;
    for (let at = 0; at < all.length; at += MOST_ALERTS) {
      const response = await fetch(this.#target.url, {
        method: "POST",
        headers: { "content-type": "application/json", ...this.#target.headers },
        body: JSON.stringify(all.slice(at, at + MOST_ALERTS)),
        redirect: "error",
        signal: AbortSignal.any([this.#stopping.signal, AbortSignal.timeout(this.#settings.requestMs)]),
      });
      const said = await beginningOf(response);
      if (!response.ok) {
        const isFinal = response.status < 500 && response.status !== 429;
        const problem = { problem: `it answered ${response.status}: ${said.trim().slice(0, 200)}`, isFinal };
        if (!isFinal) return problem;
        refused ??= problem;
      }
    }
    return refused;
  }
}

interface Target {
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  /** Without user, password and path: a proxy may take a secret in the path. */
  readonly shown: string;
}

function targetOf(address: string): Target {
  const url = new URL(address);
  const credentials = `${decodeURIComponent(url.username)}:${decodeURIComponent(url.password)}`;
  url.username = "";
  url.password = "";
  const base = url.href.replace(/\/+$/, "");
  return {
    url: `${base}/api/v2/alerts`,
    headers: credentials === ":" ? {} : { authorization: `Basic ${Buffer.from(credentials).toString("base64")}` },
    shown: url.origin,
  };
}

/** The other end may answer without an end. */
async function beginningOf({ body }: Response): Promise<string> {
  if (body === null) return "";
  const chunks: Uint8Array[] = [];
  let bytes = 0;
  for await (const chunk of body) {
    chunks.push(chunk);
    bytes += chunk.length;
    if (bytes > LONGEST_ANSWER_BYTES) break;
  }
  return Buffer.concat(chunks).toString("utf8", 0, LONGEST_ANSWER_BYTES);
}

/** fetch puts the reason into the cause: `fetch failed` says nothing. */
function wordsOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const { cause } = error;
  return cause instanceof Error && cause.message !== "" ? cause.message : error.message;
}

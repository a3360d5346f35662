import { answerBeginning } from "../core/answer-beginning.ts";
import type { Alert } from "./incident-alerts.ts";
import { answerProblem, errorProblem, type PushProblem } from "./push-problem.ts";

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
  everyMs: 60_000,
  mergeMs: 1_000,
  pausesMs: [1_000, 2_000, 4_000],
  requestMs: 10_000,
};

interface Setting {
  readonly url: string;
  /** What is to be known now: open incidents, ends, the heartbeat. */
  readonly alerts: () => Promise<readonly Alert[]>;
  readonly pushed: (result: "done" | "failed") => void;
  readonly log: { info(message: string): void; error(message: string, error: unknown): void };
}

/** From the first failed attempt to the next that succeeds. */
interface Outage {
  failed: number;
  /** Of problems that the log has. */
  readonly kinds: Set<string>;
  isLogged: boolean;
}

const MOST_ALERTS = 200;
/** The log has at most one outage in this time: an Alertmanager may fail and succeed in turns. */
const LOG_EVERY_MS = 600_000;

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
  #outage: Outage | null = null;
  #loggedMs = Number.NEGATIVE_INFINITY;

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
    const { alerts, pushed } = this.#setting;
    const { signal } = this.#stopping;
    for (const pauseMs of [...this.#settings.pausesMs, null]) {
      // Each attempt sends what holds then, and nothing that was to be sent earlier.
      const problem = await alerts()
        .then((all) => this.#send(all))
        .catch((error: unknown) => errorProblem(error, this.#settings.requestMs));
      if (signal.aborted) return;
      pushed(problem === null ? "done" : "failed");
      this.#logged(problem);
      if (problem === null || problem.isFinal || pauseMs === null) return;
      await pause(pauseMs, signal);
      if (signal.aborted) return;
    }
  }

  /** Each kind of problem once in an outage, and its end. */
  #logged(problem: PushProblem | null): void {
    const { log } = this.#setting;
    const { shown } = this.#target;
    if (problem === null) {
      if (this.#outage?.isLogged) log.info(`${shown} takes alerts again. Failed attempts: ${this.#outage.failed}`);
      this.#outage = null;
      return;
    }
    this.#outage ??= { failed: 0, kinds: new Set(), isLogged: false };
    const outage = this.#outage;
    outage.failed += 1;
    if (!outage.isLogged && Date.now() - this.#loggedMs < LOG_EVERY_MS) return;
    if (!outage.isLogged) this.#loggedMs = Date.now();
    outage.isLogged = true;
    if (outage.kinds.has(problem.kind)) return;
    outage.kinds.add(problem.kind);
    log.error(`sending alerts to ${shown}`, problem.text);
  }

  /**
   * null: all were taken. One alert that is refused must not keep the others back, the heartbeat least of all.
   */
  async #send(all: readonly Alert[]): Promise<PushProblem | null> {
    const { url, headers, secrets } = this.#target;
    let refused: PushProblem | null = null;
    for (let at = 0; at < all.length; at += MOST_ALERTS) {
      const response = await fetch(url, {
        method: "POST",
        headers: { "content-type": "application/json", ...headers },
        body: JSON.stringify(all.slice(at, at + MOST_ALERTS)),
        redirect: "manual",
        signal: AbortSignal.any([this.#stopping.signal, AbortSignal.timeout(this.#settings.requestMs)]),
      });
      const answer = await answerBeginning(response);
      if (response.ok) continue;
      const problem = answerProblem(response.status, answer, secrets);
      if (!problem.isFinal) return problem;
      refused ??= problem;
    }
    return refused;
  }
}

/** Ends early if the bot stops. */
const pause = (ms: number, signal: AbortSignal): Promise<void> =>
  new Promise((resolve) => {
    const end = () => {
      clearTimeout(timer);
      signal.removeEventListener("abort", end);
      resolve();
    };
    const timer = setTimeout(end, ms);
    signal.addEventListener("abort", end);
  });

interface Target {
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  /** Without user, password and path: a proxy may take a secret in the path. */
  readonly shown: string;
  /** An answer that repeats one of these is not shown. */
  readonly secrets: readonly string[];
}

/** Shorter parts of a path, such as `api`, are no secrets. */
const SHORTEST_SECRET = 8;

function targetOf(address: string): Target {
  const url = new URL(address);
  const given = url.password;
  const password = decodeURIComponent(given);
  const credentials = `${decodeURIComponent(url.username)}:${password}`;
  const encoded = Buffer.from(credentials).toString("base64");
  url.username = "";
  url.password = "";
  const base = url.href.replace(/\/+$/, "");
  return {
    url: `${base}/api/v2/alerts`,
    headers: credentials === ":" ? {} : { authorization: `Basic ${encoded}` },
    shown: url.origin,
    secrets: [
      ...(password === "" ? [] : [password, given, encoded]),
      ...url.pathname.split("/").filter(({ length }) => length >= SHORTEST_SECRET),
    ],
  };
}

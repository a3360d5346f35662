import { botLabel } from "../core/bot-label.ts";
import type { Inventory } from "../core/inventory.ts";
import type { Log, OperationStore } from "../flow/ports.ts";
import { Alertmanager, type PushSettings, usualPush } from "./alertmanager.ts";
import { type HttpEnd, openHttpEnd, type TakeAlerts } from "./http-end.ts";
import { alertsOf, Ends, heartbeat } from "./incident-alerts.ts";
import type { Measured, SlackConnection, Watched } from "./measured.ts";
import { type Counters, isEnd, metricsText } from "./metrics.ts";
import { lateAfterMs, notReady } from "./readiness.ts";
import type { MonitoringSetting } from "./setting.ts";

/** What monitoring asks the other parts of the bot. */
interface Sources {
  inventory(): Inventory;
  readonly operations: Pick<OperationStore, "latest">;
  slack(): readonly SlackConnection[];
  forwards(): Measured["forwards"];
  /** null: WATCH is off. */
  watch(): Watched | null;
  /** Why an audit entry can't be written; null: it can. */
  logProblem(): Promise<string | null>;
  /** Joins alerts to incidents; null: WATCH is off. */
  readonly join: TakeAlerts | null;
  /** A secret of the data folder. */
  readonly key: string;
  readonly log: Log;
}

export interface Monitoring {
  /** Where it listens; null: nowhere. */
  readonly port: number | null;
  /** Incidents changed. Returns at once. */
  changed(): void;
  stop(): Promise<void>;
}

/** More operations than the store keeps. */
const ALL = 100_000;
/** Scrapes within this time share one answer. So does the check of the audit log, which writes. */
const SHARED_MS = 1_000;
const LOG_CHECK_MS = 10_000;

/** Opens all that is set, and begins to send. Rejects if the port can't be used. */
export async function openMonitoring(
  { listen, alertsSecret, alertmanagers }: MonitoringSetting,
  sources: Sources,
  counters: Counters,
  push: PushSettings = usualPush,
): Promise<Monitoring> {
  const { log } = sources;
  const logProblem = shared(LOG_CHECK_MS, () => sources.logProblem());
  const measured = async (): Promise<Measured> => ({
    ...{ nowMs: Date.now(), inventory: sources.inventory(), watch: sources.watch(), slack: sources.slack() },
    forwards: sources.forwards(),
    ...{ operations: sources.operations.latest(ALL), logProblem: await logProblem() },
  });
  const readiness = shared(SHARED_MS, async () => notReady(await measured()));
  const metrics = shared(SHARED_MS, async () => `${await metricsText(await measured())}\n${await counters.text()}`);
  const end: HttpEnd | null =
    listen === null
      ? null
      : await openHttpEnd(listen, {
          metrics,
          notReady: readiness,
          join: sources.join && counting(sources.join, counters),
          secret: alertsSecret,
          failed: (doing, error) => log.error(doing, error),
        });
  if (listen !== null && end !== null) log.info(`/metrics is at http://${inUrl(listen.host)}:${end.port}/metrics`);
  const bot = botLabel(sources.key);
  const startedAt = new Date().toISOString();
  const receivers = alertmanagers.map((url) => {
    const ends = new Ends();
    const alerts = async () => alertsNow(await measured(), bot, startedAt, ends);
    return new Alertmanager({ url, alerts, pushed: (result) => counters.pushed(result), log }, push);
  });
  for (const receiver of receivers) receiver.start();
  return {
    port: end?.port ?? null,
    changed: () => {
      for (const receiver of receivers) receiver.changed();
    },
    stop: async () => {
      await Promise.all([end?.close(), ...receivers.map((receiver) => receiver.stop())]);
    },
  };
}

const inUrl = (host: string): string => (host.includes(":") ? `[${host}]` : host);

const counting =
  (join: TakeAlerts, counters: Counters): TakeAlerts =>
  async (alerts) => {
    const count = await join(alerts);
    counters.received(count, alerts.length);
    return count;
  };

/** The heartbeat ends too if the bot runs and observes nothing any more. */
function alertsNow(measured: Measured, bot: string, startedAt: string, ends: Ends) {
  const { inventory, watch, nowMs } = measured;
  const incidents = ends.with(alertsOf(watch?.incidents ?? [], inventory, bot, nowMs), nowMs);
  return isBlind(measured, startedAt)
    ? incidents
    : [heartbeat(bot, notReady(measured), startedAt, nowMs), ...incidents];
}

function isBlind({ watch, nowMs }: Measured, startedAt: string): boolean {
  if (watch === null || watch.hosts.length === 0) return false;
  const latestMs = Math.max(...watch.hosts.map(({ observed }) => observed?.atMs ?? 0), Date.parse(startedAt));
  return nowMs - latestMs > lateAfterMs(watch.everyMs);
}

/** One answer for all that ask at the same time, and for a while after it. */
function shared<T>(forMs: number, ask: () => Promise<T>): () => Promise<T> {
  let latest: Promise<T> | null = null;
  let untilMs = 0;
  return () => {
    if (latest !== null && performance.now() < untilMs) return latest;
    untilMs = Number.POSITIVE_INFINITY;
    const asked = ask();
    latest = asked;
    const settle = () => {
      if (latest === asked) untilMs = performance.now() + forMs;
    };
    asked.then(settle, () => {
      if (latest === asked) latest = null;
    });
    return asked;
  };
}

/** Counts how operations end. */
export function countingEnds(store: OperationStore, counters: Counters): OperationStore {
  return {
    ...store,
    async change(id, from, patch, only) {
      const before = store.get(id)?.state;
      const operation = await store.change(id, from, patch, only);
      // An end may be written again: after a full disk, say.
      if (operation !== null && isEnd(operation.state) && operation.state !== before)
        counters.operationEnded(operation.state);
      return operation;
    },
  };
}

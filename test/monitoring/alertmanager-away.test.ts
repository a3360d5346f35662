import { afterEach, beforeEach, expect, it, vi } from "vitest";
import type { Incident } from "../../src/core/incident.ts";
import { Alertmanager } from "../../src/monitoring/alertmanager.ts";
import { type Alert, alertsOf, Ends, heartbeat } from "../../src/monitoring/incident-alerts.ts";
import { inventory } from "../watch/watched-host.ts";
import { incident } from "./measured-sample.ts";

const MINUTE_MS = 60_000;
/** What each request had; `answer` decides what becomes of it. */
let sent: Alert[][] = [];
let answer: () => Promise<Response>;
let logged: string[] = [];
let incidents: Incident[] = [];
let alertmanager: Alertmanager;

beforeEach(() => {
  vi.useFakeTimers({ now: Date.parse("2026-11-29T12:00:00.000Z") });
  vi.stubGlobal("fetch", (_: string, { body }: { body: string }) => {
    sent.push(JSON.parse(body));
    return answer();
  });
  [sent, logged, incidents] = [[], [], []];
  answer = takes;
  const ends = new Ends();
  alertmanager = new Alertmanager({
    url: "http://bot:a-password@alertmanager:9093",
    alerts: async () => {
      const nowMs = Date.now();
      const beat = heartbeat("0a1b2c3d", [], "2026-11-29T11:00:00.000Z", nowMs);
      return [beat, ...ends.with(alertsOf(incidents, inventory, "0a1b2c3d", nowMs), nowMs)];
    },
    pushed: () => undefined,
    log: {
      info: (message) => void logged.push(message),
      error: (message, error) => void logged.push(`${message}: ${error}`),
    },
  });
  alertmanager.start();
});
afterEach(async () => {
  await alertmanager.stop();
  vi.unstubAllGlobals();
  vi.useRealTimers();
});

const takes = async () => new Response("", { status: 200 });
const refuses = async () => {
  throw new TypeError("fetch failed", { cause: Object.assign(new Error("refused"), { code: "ECONNREFUSED" }) });
};
const passes = (minutes: number) => vi.advanceTimersByTimeAsync(minutes * MINUTE_MS);
const ids = (alerts: readonly Alert[] = []) => alerts.map(({ labels }) => labels.incident ?? labels.alertname);
const ago = (minutes: number) => new Date(Date.now() - minutes * MINUTE_MS).toISOString();

it("an hour without Alertmanager: then it gets all that is open within a minute, and the log has two lines", async () => {
  incidents = [incident({ id: "inc-1" }), incident({ id: "inc-2" })];
  await passes(1);
  answer = refuses;
  for (let minute = 0; minute < 60; minute++) {
    // Each minute one incident begins and the one before it ends: none of them waits in a queue.
    incidents = [
      ...incidents.filter(({ id }) => id === "inc-1"),
      incident({ id: `inc-${minute + 100}`, beganAt: ago(0) }),
    ];
    alertmanager.changed();
    await passes(1);
  }
  // Four attempts after each change, and four in each turn.
  expect(sent.length).toBeLessThanOrEqual(2 + 60 * 8);
  expect(Math.max(...sent.map(({ length }) => length))).toBeLessThan(20);
  answer = takes;
  const before = sent.length;
  await passes(1);
  const open = sent.at(before)?.filter(({ endsAt }) => Date.parse(endsAt) > Date.now());
  expect(ids(open)).toEqual(["ZStackChatopsHeartbeat", "inc-1", "inc-159"]);
  expect(logged).toEqual([
    "sending alerts to http://alertmanager:9093: refused",
    expect.stringMatching(/^http:\/\/alertmanager:9093 takes alerts again\. Failed attempts: \d+$/),
  ]);
});

it("an Alertmanager that fails in turns, with other words each time, is in the log once in 10 minutes", async () => {
  let count = 0;
  answer = async () => new Response(`request ${++count}`, { status: count % 3 === 0 ? 200 : 503 });
  await passes(60);
  expect(count).toBeGreaterThan(60);
  expect(logged.length).toBeLessThanOrEqual(2 * 6 + 2);
});

it("each kind of problem of an outage is in the log once", async () => {
  let count = 0;
  answer = async () => (++count % 2 === 0 ? refuses() : new Response(`request ${count}`, { status: 503 }));
  await passes(60);
  expect(logged).toEqual([
    "sending alerts to http://alertmanager:9093: it answered 503: request 1",
    "sending alerts to http://alertmanager:9093: refused",
  ]);
});

it("every open incident is sent again each minute, and never later than half of the time after which it ends", async () => {
  incidents = [incident({ id: "inc-1" })];
  const times: number[] = [];
  answer = async () => {
    times.push(Date.now());
    return takes();
  };
  await passes(60);
  expect(times.length).toBeGreaterThanOrEqual(60);
  expect(Math.max(...times.slice(1).map((at, index) => at - (times[index] ?? 0)))).toBeLessThanOrEqual(2.5 * MINUTE_MS);
  expect(sent.every((alerts) => ids(alerts).join() === "ZStackChatopsHeartbeat,inc-1")).toBe(true);
});

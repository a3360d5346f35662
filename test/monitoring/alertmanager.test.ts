import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { Alertmanager, type PushSettings } from "../../src/monitoring/alertmanager.ts";
import type { Alert } from "../../src/monitoring/incident-alerts.ts";
import { until } from "../scenario/story.ts";

const alert = (number: number): Alert => ({
  ...{ labels: { incident: `inc-${number}` }, annotations: {} },
  ...{ startsAt: "2026-11-29T12:00:00.000Z", endsAt: "2026-11-29T12:05:00.000Z" },
});
/** Every turn is far away: only changes and attempts count. */
const settings: PushSettings = { everyMs: 3_600_000, mergeMs: 5, pausesMs: [5, 5], requestMs: 60_000 };

describe("an Alertmanager", () => {
  let server: Server;
  let url = "";
  let answers: (request: IncomingMessage, response: ServerResponse) => void;
  const received: { readonly path: string; readonly authorization: string; readonly alerts: Alert[] }[] = [];
  const results: string[] = [];
  const logged: string[] = [];
  let known: Alert[] = [];
  let target: Alertmanager | null = null;

  beforeEach(async () => {
    answers = (_, response) => void response.end();
    server = createServer((request, response) => {
      let text = "";
      request.on("data", (chunk) => {
        text += chunk;
      });
      request.on("end", () => {
        const { url: path = "", headers } = request;
        received.push({ path, authorization: headers.authorization ?? "", alerts: JSON.parse(text) });
        answers(request, response);
      });
    });
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    const address = server.address();
    url = typeof address === "object" ? `http://127.0.0.1:${address?.port}` : "";
    known = [alert(1)];
  });
  afterEach(async () => {
    await target?.stop();
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
    for (const list of [received, results, logged]) list.length = 0;
    vi.useRealTimers();
  });

  function starts(given: Partial<PushSettings> = {}, address = url): Alertmanager {
    target = new Alertmanager(
      {
        ...{ url: address, alerts: async () => known, pushed: (result) => void results.push(result) },
        log: {
          info: (message) => void logged.push(message),
          error: (message, error) => void logged.push(`${message}: ${error instanceof Error ? error.message : error}`),
        },
      },
      { ...settings, ...given },
    );
    target.start();
    return target;
  }
  const shows = async (count: number): Promise<void> => {
    expect(await until(() => (results.length >= count ? true : undefined), 5_000), results.join()).toBe(true);
  };

  it("gets all alerts at the start, below the path of its address", async () => {
    starts({}, `${url}/alerts/`);
    await shows(1);
    expect(received).toMatchObject([{ path: "/alerts/api/v2/alerts", authorization: "", alerts: [alert(1)] }]);
    expect(logged).toEqual([]);
  });

  it("gets them again after each turn", async () => {
    starts({ everyMs: 5 });
    await shows(3);
    expect(received.every(({ alerts }) => alerts.length === 1)).toBe(true);
  });

  it("gets what changed soon, and changes together", async () => {
    const to = starts();
    await shows(1);
    known = [alert(1), alert(2)];
    for (let count = 0; count < 100; count++) to.changed();
    await shows(2);
    expect(received.slice(1)).toMatchObject([{ alerts: [alert(1), alert(2)] }]);
  });

  it("gets a change that came while it was sent to", async () => {
    const waiting: (() => void)[] = [];
    answers = (_, response) => void waiting.push(() => response.end());
    const to = starts();
    await until(() => (waiting.length > 0 ? true : undefined), 5_000);
    known = [alert(2)];
    to.changed();
    answers = (_, response) => void response.end();
    waiting[0]?.();
    await shows(2);
    expect(received.map(({ alerts }) => alerts)).toEqual([[alert(1)], [alert(2)]]);
  });

  it("is asked three times if it fails, with what holds then, and the log says it once", async () => {
    answers = (_, response) => {
      known = [alert(received.length + 1)];
      response.writeHead(503).end("no room");
    };
    const to = starts();
    await shows(3);
    expect(results).toEqual(["failed", "failed", "failed"]);
    expect(received.map(({ alerts }) => alerts[0]?.labels.incident)).toEqual(["inc-1", "inc-2", "inc-3"]);
    expect(logged).toEqual([`sending alerts to ${url}: it answered 503: no room`]);
    answers = (_, response) => void response.end();
    to.changed();
    await shows(4);
    expect(logged).toEqual([
      `sending alerts to ${url}: it answered 503: no room`,
      `${url} takes alerts again. Failed attempts: 3`,
    ]);
  });

  it("is not asked again if it refuses an alert", async () => {
    answers = (_, response) => void response.writeHead(400).end('"invalid label"');
    const to = starts();
    await shows(1);
    to.changed();
    await shows(2);
    expect(received).toHaveLength(2);
    expect(logged).toEqual([`sending alerts to ${url}: it answered 400: "invalid label"`]);
  });

  it("gets all other messages if it refuses one", async () => {
    known = Array.from({ length: 450 }, (_, index) => alert(index));
    answers = (_, response) => void response.writeHead(received.length === 1 ? 400 : 200).end("invalid label");
    starts();
    await shows(1);
    expect(received.map(({ alerts }) => alerts.length)).toEqual([200, 200, 50]);
    expect([results, logged]).toEqual([["failed"], [`sending alerts to ${url}: it answered 400: invalid label`]]);
  });

  it("is left after a time if it does not answer, and asked again", async () => {
    answers = () => undefined;
    starts({ requestMs: 50, pausesMs: [1] });
    await shows(2);
    expect(results).toEqual(["failed", "failed"]);
    expect(logged).toEqual([`sending alerts to ${url}: no answer in 0.05 s`]);
  });

  it("may answer without an end", async () => {
    answers = (_, response) => {
      const more = setInterval(() => response.write("x".repeat(4_096)), 1);
      response.on("close", () => clearInterval(more));
    };
    starts();
    await shows(1);
    expect(results).toEqual(["done"]);
  });

  it("is not followed to another address", async () => {
    answers = (_, response) => void response.writeHead(307, { location: "http://192.0.2.1/" }).end();
    starts();
    await shows(1);
    expect(results).toEqual(["failed"]);
    expect(received).toHaveLength(1);
    expect(logged).toEqual([
      `sending alerts to ${url}: it redirects (307). Fix: set ALERTMANAGER_URL to the address to which it leads`,
    ]);
  });

  it("gets user, password and path, and the log does not", async () => {
    answers = ({ headers }, response) => void response.writeHead(401).end(`not ${headers.authorization}`);
    starts({}, `${url.replace("http://", "http://bot:p%40ss@")}/a-secret-path`);
    await shows(1);
    expect(received[0]?.authorization).toBe(`Basic ${btoa("bot:p@ss")}`);
    expect(logged).toEqual([
      `sending alerts to ${url}: it answered 401. Fix: set ALERTMANAGER_URL to http://USER:PASSWORD@HOST`,
    ]);
  });

  it("gets many alerts in messages of 200", async () => {
    known = Array.from({ length: 450 }, (_, index) => alert(index));
    starts();
    await shows(1);
    expect(received.map(({ alerts }) => alerts.length)).toEqual([200, 200, 50]);
  });

  it("that hangs does not delay the bot's stop", async () => {
    answers = () => undefined;
    const to = starts();
    await until(() => (received.length > 0 ? true : undefined), 5_000);
    await to.stop();
    expect(results).toEqual([]);
  });
});

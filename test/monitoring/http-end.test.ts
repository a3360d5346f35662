import { connect } from "node:net";
import { afterEach, describe, expect, it } from "vitest";
import { type Answers, type HttpEnd, openHttpEnd } from "../../src/monitoring/http-end.ts";
import type { OutsideAlert } from "../../src/watch/outside-alert.ts";

const SECRET = "a-secret-of-a-test";
const body = (count = 1): string =>
  JSON.stringify({
    version: "4",
    alerts: Array.from({ length: count }, () => ({ status: "firing", labels: { host: "host1" }, annotations: {} })),
  });

let end: HttpEnd | null = null;
const joined: OutsideAlert[] = [];
const failures: string[] = [];
/** Moves only here: no rate depends on the speed of the computer. */
let nowMs = 0;

async function open(
  given: Partial<Answers> = {},
  limits: Partial<Parameters<typeof openHttpEnd>[2]> = {},
): Promise<string> {
  end = await openHttpEnd(
    { host: "127.0.0.1", port: 0 },
    {
      metrics: async () => "up 1\n",
      notReady: async () => [],
      join: async (alerts) => ({ joined: joined.push(...alerts), waiting: 0 }),
      secret: SECRET,
      failed: (doing) => void failures.push(doing),
      ...given,
    },
    { nowMs: () => nowMs, ...limits },
  );
  return `http://127.0.0.1:${end.port}`;
}
const post = (url: string, init: RequestInit = {}, secret = SECRET): Promise<Response> =>
  fetch(`${url}/alerts`, {
    ...{ method: "POST", body: body() },
    ...init,
    headers: { "content-type": "application/json", authorization: `Bearer ${secret}`, ...init.headers },
  });

afterEach(async () => {
  await end?.close();
  joined.length = 0;
  failures.length = 0;
});

describe("the monitoring port", () => {
  it("answers /metrics, /healthz and /readyz, and nothing else", async () => {
    const url = await open();
    const metrics = await fetch(`${url}/metrics?x=1`);
    expect([metrics.status, await metrics.text()]).toEqual([200, "up 1\n"]);
    expect(metrics.headers.get("content-type")).toBe("text/plain; version=0.0.4; charset=utf-8");
    expect((await fetch(`${url}/healthz`)).status).toBe(200);
    const ready = await fetch(`${url}/readyz`);
    expect([ready.status, await ready.text()]).toEqual([200, "ready\n"]);
    for (const path of ["/", "/metrics/", "/alerts/", "/../metrics2"])
      expect((await fetch(`${url}${path}`)).status, path).toBe(404);
    const wrong = await fetch(`${url}/metrics`, { method: "POST", body: "x" });
    expect([wrong.status, wrong.headers.get("allow")]).toEqual([405, "GET, HEAD"]);
  });

  it("says why the bot is not ready", async () => {
    const url = await open({ notReady: async () => ["Slack: no connection is open", "audit log: full"] });
    const response = await fetch(`${url}/readyz`);
    expect(response.status).toBe(503);
    expect(await response.text()).toBe("not ready\n• Slack: no connection is open\n• audit log: full\n");
  });

  it("reports a bug in the log, not to the one who asks", async () => {
    const url = await open({ metrics: () => Promise.reject(new Error("a secret path")) });
    const response = await fetch(`${url}/metrics`);
    expect([response.status, await response.text()]).toEqual([500, "an internal error, see the bot's log\n"]);
    expect(failures).toEqual(["answering GET /metrics"]);
  });
});

describe("POST /alerts", () => {
  it("takes alerts, and answers how many were joined", async () => {
    const response = await post(
      await open({ join: async (alerts) => ({ joined: joined.push(...alerts) - 2, waiting: 1 }) }),
      { body: body(4) },
    );
    expect([response.status, await response.json()]).toEqual([200, { joined: 2, waiting: 1, notJoined: 1 }]);
    expect(joined).toMatchObject([{ labels: { host: "host1" } }, {}, {}, {}]);
  });

  it("is not there without a secret, or without a watch", async () => {
    expect((await post(await open({ secret: null }))).status).toBe(404);
    await end?.close();
    expect((await post(await open({ join: null }))).status).toBe(404);
  });

  it.each([
    ["without the secret", { headers: { authorization: "" } }, 401],
    ["with another secret", { headers: { authorization: "Bearer a-secret-of-a-tesT" } }, 401],
    ["with the secret as a password", { headers: { authorization: `Basic ${btoa(`:${SECRET}`)}` } }, 401],
    ["as a form", { headers: { "content-type": "application/x-www-form-urlencoded" } }, 415],
    ["of another shape", { body: "[]" }, 400],
    ["of 10,000 levels", { body: "[".repeat(10_000) }, 400],
    ["of 10 MB", { body: "x".repeat(10_000_000) }, 413],
    ["that is too long", { body: `${" ".repeat(300_000)}${body()}` }, 413],
    ["by another method", { method: "PUT" }, 405],
  ])("refuses a message %s", async (_, init, status) => {
    const url = await open();
    expect((await post(url, init)).status).toBe(status);
    expect(joined).toEqual([]);
    expect((await post(url)).status).toBe(200);
  });

  it("refuses a body that is too long and does not say so before", async () => {
    const url = await open();
    const chunk = new Uint8Array(64 * 1024);
    let sent = 0;
    const stream = new ReadableStream<Uint8Array>({
      pull: (controller) => (sent++ < 100 ? controller.enqueue(chunk) : controller.close()),
    });
    expect((await post(url, { body: stream, duplex: "half" } as RequestInit)).status).toBe(413);
    expect(joined).toEqual([]);
  });

  it("takes 60 messages at once, also while others try without the secret", async () => {
    const url = await open();
    const wrong = await Promise.all(Array.from({ length: 40 }, () => post(url, {}, "another-secret-here")));
    expect(wrong.filter(({ status }) => status === 401)).toHaveLength(20);
    expect(wrong.filter(({ status }) => status === 429)).toHaveLength(20);
    const right = await Promise.all(Array.from({ length: 61 }, () => post(url)));
    expect(right.filter(({ status }) => status === 200)).toHaveLength(60);
    expect(right.find(({ status }) => status === 503)?.headers.get("retry-after")).toBe("60");
    nowMs += 1_000;
    expect([(await post(url)).status, (await post(url)).status]).toEqual([200, 503]);
  });

  it("reads 60 of 300 messages that come at once, and answers others until then", async () => {
    let reads = 0;
    const url = await open({
      join: async () => {
        reads += 1;
        return { joined: 0, waiting: 0 };
      },
    });
    const statuses: number[] = [];
    for (let round = 0; round < 6; round++) {
      const answers = await Promise.all(Array.from({ length: 50 }, () => post(url, { body: body(200) })));
      // A client that does not read an answer keeps its connection.
      await Promise.all(answers.map((answer) => answer.text()));
      statuses.push(...answers.map(({ status }) => status));
      expect(await (await fetch(`${url}/healthz`)).text()).toBe("ok\n");
    }
    expect(reads).toBe(60);
    expect(statuses.filter((status) => status === 503)).toHaveLength(240);
  });

  it.each([
    ["headers", "POST /alerts HTTP/1.1\r\nHost: x\r\nX-Slow: "],
    [
      "a body",
      `POST /alerts HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer ${SECRET}\r\nContent-Type: application/json\r\nContent-Length: 9\r\n\r\n{`,
    ],
    ["nothing", ""],
  ])("leaves a client that begins with %s and does not continue", async (_, begins) => {
    const url = await open({}, { requestMs: 50, checkMs: 10 });
    const socket = connect(Number(new URL(url).port), "127.0.0.1", () => socket.write(begins));
    let answer = "";
    socket.on("data", (data) => {
      answer += data;
    });
    await new Promise((resolve) => socket.on("close", resolve));
    expect(answer).toMatch(/^HTTP\/1\.1 408 /);
    expect([joined, failures]).toEqual([[], []]);
  });

  it("refuses more than 16 KiB of headers", async () => {
    const url = await open();
    expect((await fetch(`${url}/metrics`, { headers: { "x-long": "x".repeat(20_000) } })).status).toBe(431);
  });

  it("answers 500 if the alerts are not on disk: Alertmanager sends them again", async () => {
    const response = await post(await open({ join: () => Promise.reject(new Error("ENOSPC")) }));
    expect(response.status).toBe(500);
    expect(failures).toEqual(["answering POST /alerts"]);
  });

  it("has at most 64 connections open", async () => {
    const url = await open();
    const sockets = Array.from({ length: 80 }, () => connect(Number(new URL(url).port), "127.0.0.1"));
    const closed = await new Promise<number>((resolve) => {
      let count = 0;
      for (const socket of sockets) {
        socket.on("error", () => undefined);
        socket.on("close", () => {
          if (++count === 16) resolve(count);
        });
      }
    });
    expect(closed).toBe(16);
    for (const socket of sockets) socket.destroy();
  });
});

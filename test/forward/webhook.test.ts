import { createHmac } from "node:crypto";
import { once } from "node:events";
import { mkdtemp, readFile, writeFile } from "node:fs/promises";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { webhookReceiver } from "../../src/forward/webhook.ts";
import { direct, throughProxy } from "../../src/slack/way-out.ts";
import { TunnelProxy } from "../slack/proxy.ts";
import { asked, LogInMemory } from "./samples.ts";

const SECRET = "a-secret-of-a-webhook";
const never = new AbortController().signal;
const log = new LogInMemory(asked("lun list"), asked("Zürich 💾"), asked("x".repeat(100_000)));

interface Received {
  readonly method: string;
  readonly url: string;
  readonly headers: IncomingMessage["headers"];
  readonly body: string;
}

describe("a webhook", () => {
  let server: Server;
  let url: string;
  let received: Received[];
  let answers: (response: ServerResponse) => void;
  beforeEach(async () => {
    received = [];
    answers = (response) => void response.writeHead(204).end();
    server = createServer(async (request, response) => {
      const chunks: Buffer[] = [];
      for await (const chunk of request) chunks.push(chunk);
      const { method = "", url: path = "", headers } = request;
      received.push({ method, url: path, headers, body: Buffer.concat(chunks).toString("utf8") });
      answers(response);
    });
    server.listen(0, "127.0.0.1");
    await once(server, "listening");
    url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/hooks/a-token-in-the-path?key=a-key-in-the-query`;
  });
  afterEach(async () => {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  });
  const receiver = (fetch = direct.fetch, requestMs = 240_000) =>
    webhookReceiver({ url, secret: SECRET, bot: "0a1b2c3d", fetch }, requestMs);

  it("gets whole entries as JSON, with a signature over the time and the body", async () => {
    const before = Math.floor(Date.now() / 1_000);
    await receiver().send(log.entries, never);
    const [message] = received;
    expect(message).toMatchObject({ method: "POST", url: "/hooks/a-token-in-the-path?key=a-key-in-the-query" });
    expect(JSON.parse(message?.body ?? "")).toEqual({ version: 1, bot: "0a1b2c3d", entries: log.entries });
    const { "x-zstack-chatops-timestamp": timestamp, ...headers } = message?.headers ?? {};
    expect(Number(timestamp)).toBeGreaterThanOrEqual(before);
    expect(Number(timestamp)).toBeLessThanOrEqual(Date.now() / 1_000);
    const signature = createHmac("sha256", SECRET).update(`${timestamp}.${message?.body}`).digest("hex");
    expect(headers).toMatchObject({
      "content-type": "application/json",
      "x-zstack-chatops-signature": `sha256=${signature}`,
    });
    expect(JSON.stringify(received)).not.toContain(SECRET);
  });

  it("is checked by the code of docs/audit-forwarding.md, which refuses other bodies, secrets and times", async () => {
    const page = await readFile(join(import.meta.dirname, "../../docs/audit-forwarding.md"), "utf8");
    const [, code = ""] = /```js\n(\/\/ check-signature\.mjs\n.*?)```/s.exec(page) ?? [];
    const file = join(await mkdtemp(join(tmpdir(), "docs-")), "check-signature.mjs");
    await writeFile(file, code);
    const { isFromBot } = await import(/* @vite-ignore */ file);
    await receiver().send(log.entries, never);
    const { headers, body }: Pick<Received, "headers" | "body"> = received[0] ?? { headers: {}, body: "" };
    expect(isFromBot(headers, Buffer.from(body), SECRET)).toBe(true);
    expect(isFromBot(headers, Buffer.from(`${body} `), SECRET)).toBe(false);
    expect(isFromBot(headers, Buffer.from(body), `${SECRET}x`)).toBe(false);
    const old = { ...headers, "x-zstack-chatops-timestamp": String(Number(headers["x-zstack-chatops-timestamp"]) - 9) };
    expect(isFromBot(old, Buffer.from(body), SECRET)).toBe(false);
    expect(isFromBot({}, Buffer.from(body), SECRET)).toBe(false);
  });

  it.each([
    [301, "it redirects 301. Fix: set AUDIT_WEBHOOK to the address to which it leads", true, false],
    [400, "it answered 400", true, false],
    [401, "it answered 401. Fix: compare AUDIT_WEBHOOK_SECRET with the receiver's", true, false],
    [404, "it answered 404. Fix: set AUDIT_WEBHOOK to the receiver's complete address", true, false],
    [408, "it answered 408", false, false],
    [413, "it answered 413. Fix: let the receiver take larger messages: an entry is never cut", false, true],
    [429, "it answered 429", false, false],
    [500, "it answered 500", false, false],
    [503, "it answered 503", false, false],
  ])("that answers %i did not take the entries", async (status, message, needsPerson, isTooLarge) => {
    answers = (response) => void response.writeHead(status, { location: "/elsewhere" }).end("no room");
    await expect(receiver().send(log.entries, never)).rejects.toMatchObject({
      message,
      why: { kind: String(status), needsPerson, isTooLarge, ...(status !== 301 && { answer: "no room" }) },
    });
    // No redirect is followed: the entries go to nobody else.
    expect(received).toHaveLength(1);
  });

  it.each([200, 201, 202, 204])("that answers %i took the entries", async (status) => {
    answers = (response) => void response.writeHead(status).end();
    await receiver().send(log.entries, never);
  });

  it("may answer without an end, and with its own secrets, which are not shown", async () => {
    answers = (response) => {
      response.writeHead(500);
      response.write("x".repeat(50_000));
    };
    await expect(receiver().send(log.entries, never)).rejects.toMatchObject({ why: { answer: "x".repeat(200) } });
    for (const secret of [SECRET, "a-token-in-the-path", "a-key-in-the-query"]) {
      answers = (response) => void response.writeHead(500).end(`no ${secret}`);
      const problem = await receiver().send(log.entries, never).catch(String);
      expect(problem).toBe("NotTaken: it answered 500");
      expect(receiver().shown).not.toContain(secret);
    }
  });

  it("that breaks, or does not answer in time, did not take the entries", async () => {
    answers = (response) => response.destroy();
    await expect(receiver().send(log.entries, never)).rejects.toMatchObject({ name: "NotTaken" });
    answers = () => undefined;
    await expect(receiver(direct.fetch, 200).send(log.entries, never)).rejects.toThrow("no answer in 0.2 s");
    answers = (response) => void response.writeHead(200).write("never ends");
    await expect(receiver(direct.fetch, 500).send(log.entries, never)).rejects.toThrow("no answer in 0.5 s");
    await new Promise((resolve) => server.close(resolve).closeAllConnections());
    await expect(receiver().send(log.entries, never)).rejects.toMatchObject({ name: "NotTaken" });
  });

  it("is reached through the proxy that is set, which must allow it", async () => {
    const proxy = await TunnelProxy.start();
    try {
      const { fetch } = throughProxy({ https: proxy.url, http: proxy.url, except: "" });
      await receiver(fetch).send(log.entries, never);
      expect(proxy.tunnels).toEqual([new URL(url).host]);
      expect(received).toHaveLength(1);
      proxy.refuses = () => 403;
      const { fetch: refused } = throughProxy({ https: proxy.url, http: proxy.url, except: "" });
      await expect(receiver(refused).send(log.entries, never)).rejects.toMatchObject({
        message: expect.stringMatching(/^the proxy answers 403 to 127\.0\.0\.1:\d+\. Fix: let the proxy tunnel/),
      });
    } finally {
      await proxy.stop();
    }
  });
});

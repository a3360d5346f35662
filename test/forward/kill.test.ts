import { spawn } from "node:child_process";
import { once } from "node:events";
import { createServer as createHttpServer } from "node:http";
import { type AddressInfo, createServer } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import { expect, it } from "vitest";
import { openAuditLog } from "../../src/store/audit-log.ts";
import { argumentsOf } from "../programs.ts";
import { newDirectory } from "../store/samples.ts";
import { framesIn, parsedMessage } from "./rfc5424.ts";

it("loses nothing and keeps the order when the bot is killed at any moment", { timeout: 480_000 }, async () => {
  const directory = await newDirectory();
  const read: Record<"syslog" | "webhook", number[]> = { syslog: [], webhook: [] };
  const syslog = createServer({ allowHalfOpen: true }, (socket) => {
    const chunks: Buffer[] = [];
    socket.on("data", (data) => chunks.push(data));
    socket.on("end", () => socket.end());
    socket.on("error", () => undefined);
    socket.on("close", () => {
      const { messages } = framesIn(Buffer.concat(chunks));
      read.syslog.push(...messages.map((each) => Number(parsedMessage(each).data["audit@32473"]?.id)));
    });
  });
  const webhook = createHttpServer(async (request, response) => {
    const chunks: Buffer[] = [];
    try {
      for await (const chunk of request) chunks.push(chunk);
    } catch {
      return; // Killed while it sent.
    }
    const { entries } = JSON.parse(Buffer.concat(chunks).toString("utf8"));
    read.webhook.push(...entries.map(({ id }: { id: number }) => id));
    response.writeHead(204).end();
  });
  for (const server of [syslog, webhook]) {
    server.listen(0, "127.0.0.1");
    await once(server, "listening");
  }
  const portOf = (server: typeof syslog) => (server.address() as AddressInfo).port;
  const to = [String(portOf(syslog)), `http://127.0.0.1:${portOf(webhook)}/`];

  for (let round = 0; round < 6; round++) {
    const writer = spawn(process.execPath, [...argumentsOf("forwarding-writer"), directory, ...to], {
      stdio: ["ignore", "pipe", "inherit"],
    });
    let output = "";
    writer.stdout.setEncoding("utf8").on("data", (text: string) => {
      output += text;
    });
    const enough = 2 + Math.random() * 150;
    while (output.split("\n").length <= enough) {
      expect(writer.exitCode).toBeNull();
      await sleep(1);
    }
    await sleep(Math.random() * 20);
    writer.kill("SIGKILL");
    await once(writer, "close");
  }
  const last = spawn(process.execPath, [...argumentsOf("forwarding-writer"), directory, ...to, "drain"], {
    stdio: ["ignore", "ignore", "inherit"],
  });
  expect(await once(last, "close")).toEqual([0, null]);

  const log = await openAuditLog(directory);
  const all = Array.from({ length: log.head().id }, (_, index) => index + 1);
  await log.close();
  expect(all.length).toBeGreaterThan(12);
  for (const ids of [read.syslog, read.webhook]) {
    expect([...new Set(ids)]).toEqual(all);
    // A kill costs at most the one message that was being sent.
    expect(ids.length - all.length).toBeLessThanOrEqual(6 * 20);
  }
  for (const server of [syslog, webhook]) await new Promise((resolve) => server.close(resolve));
});

import { once } from "node:events";
import { readdir, readFile } from "node:fs/promises";
import { createServer as createHttpServer, type Server as HttpServer } from "node:http";
import { type AddressInfo, createServer, type Server, type Socket } from "node:net";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect } from "vitest";
import type { Config } from "../../src/config.ts";
import { framesIn, parsedMessage } from "../forward/rfc5424.ts";
import { guardedTarget } from "./guarded-target.ts";
import { secret as chapSecret, LIMIT_MS as ONE_MS } from "./iscsi-words.ts";
import { Story, until } from "./story.ts";
import { itSimulated, patient } from "./target.ts";
import { HOST3 } from "./two-clusters.ts";

const SECRET = "a-secret-of-a-webhook";
const TOKEN = "a-token-in-the-path";

describe("audit log: other systems get it as it happens", () => {
  let story: Story;
  let syslog: Server;
  let webhook: HttpServer;
  const sockets = new Set<Socket>();
  /** What each received, as text. */
  let messages: string[];
  let bodies: { readonly headers: object; readonly body: string }[];
  let status = 204;

  beforeEach(async () => {
    [messages, bodies, status] = [[], [], 204];
    syslog = createServer({ allowHalfOpen: true }, (socket) => {
      const chunks: Buffer[] = [];
      sockets.add(socket);
      socket.on("data", (data) => chunks.push(data));
      socket.on("error", () => undefined);
      socket.on("end", () => {
        messages.push(...framesIn(Buffer.concat(chunks)).messages);
        socket.end();
      });
    });
    webhook = createHttpServer(async (request, response) => {
      const chunks: Buffer[] = [];
      for await (const chunk of request) chunks.push(chunk);
      if (status === 204) bodies.push({ headers: request.headers, body: Buffer.concat(chunks).toString("utf8") });
      response.writeHead(status).end();
    });
    for (const server of [syslog, webhook]) {
      server.listen(0, "127.0.0.1");
      await once(server, "listening");
    }
    story = await Story.begin();
  });
  afterEach(async () => {
    await story.ends();
    for (const socket of sockets) socket.destroy();
    webhook.closeAllConnections();
    for (const server of [syslog, webhook]) await new Promise((resolve) => server.close(resolve));
  });

  const portOf = (server: Server | HttpServer) => (server.address() as AddressInfo).port;
  const settings = (): Partial<Config> => ({
    forward: {
      syslog: { host: "127.0.0.1", port: portOf(syslog), isTls: false, caFile: null },
      webhook: { url: `http://127.0.0.1:${portOf(webhook)}/${TOKEN}`, secret: SECRET },
    },
  });
  const sentToWebhook = () => bodies.flatMap(({ body }) => JSON.parse(body).entries as unknown[]);
  const textsOfSyslog = () => messages.map((message) => parsedMessage(message).text);
  /** Both have as many entries as the log. */
  const areThere = async () => {
    let lines: string[] = [];
    for (let turns = 0; turns < 4_000; turns++) {
      lines = (await readFile(join(story.directory, "audit.jsonl"), "utf8")).split("\n").slice(0, -1);
      if (messages.length >= lines.length && sentToWebhook().length >= lines.length) break;
      await new Promise((resolve) => setTimeout(resolve, 25));
    }
    return lines;
  };

  itSimulated("completely, in its order, and each entry as its line in the log", async () => {
    await story.restartsBot(undefined, settings());
    await story.says("/zstack zone add ZONE-9");
    await story.shows("ZONE-9", ": done");
    const lines = await areThere();
    expect(lines.length).toBeGreaterThan(5);
    expect(textsOfSyslog()).toEqual(lines);
    expect(sentToWebhook().map((entry) => JSON.stringify(entry))).toEqual(lines);
    expect(story.logged).toEqual([]);
  });

  itSimulated("after an outage and a restart too, and no command waits for a receiver that is away", async () => {
    status = 503;
    await story.restartsBot(undefined, settings());
    await story.says("/zstack zone add ZONE-9");
    await story.shows("ZONE-9", ": done");
    expect(await until(() => (story.logged.length > 0 ? true : undefined), patient(10_000))).toBe(true);
    expect(story.logged).toEqual([`sending audit entries to http://127.0.0.1:${portOf(webhook)}: it answered 503`]);
    expect(bodies).toEqual([]);
    await story.restartsBot(async () => {
      status = 204;
    }, settings());
    await story.says("/zstack zone list");
    await story.shows("ZONE-9");
    const lines = await areThere();
    expect(textsOfSyslog()).toEqual(lines);
    expect(sentToWebhook().map((entry) => JSON.stringify(entry))).toEqual(lines);
  });

  itSimulated(
    "without a secret: none of a form, of the settings or of a host is in what is sent",
    {
      timeout: patient(ONE_MS),
    },
    async () => {
      const guarded = await guardedTarget(story, HOST3);
      await story.restartsBot(undefined, settings());
      await story.says(guarded.login);
      await story.shows("The form asks for: CHAP secret of zstack");
      await story.clicks("Confirm");
      expect(await story.sendsSecret("chap", chapSecret)).toEqual({});
      await story.shows(`Log ${HOST3} in to ${guarded.iqn}: done`);
      await areThere();
      const sent = `${messages.join("\n")}\n${JSON.stringify(bodies)}`;
      expect(sent).toContain("chap-user=zstack");
      for (const planted of [chapSecret, SECRET, TOKEN]) expect(sent).not.toContain(planted);
      for (const planted of [SECRET, TOKEN]) {
        expect(story.logged.join("\n")).not.toContain(planted);
        expect(JSON.stringify(story.messages)).not.toContain(planted);
        for (const name of await readdir(story.directory, { recursive: true })) {
          const text = await readFile(join(story.directory, name), "utf8").catch(() => "");
          expect(text.includes(planted), name).toBe(false);
        }
      }
    },
  );
});

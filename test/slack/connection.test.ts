import { once } from "node:events";
import { createServer as createHttpServer } from "node:http";
import type { AddressInfo, Socket } from "node:net";
import { SocketModeReceiver } from "@slack/bolt";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { type WebSocket, WebSocketServer } from "ws";
import { Connection } from "../../src/slack/connection.ts";
import { loggerFor } from "../../src/slack/logger.ts";
import { problemText, slackProblem } from "../../src/slack/tokens.ts";
import { until } from "../scenario/story.ts";

/** How a Slack answers a new WebSocket. */
type Welcome = "hello" | "accepts only" | "answers nothing" | "refuses";

const LIMIT_MS = 3_000;
const quiet = { info: () => undefined };

let slack: Awaited<ReturnType<typeof aSlack>>;
const unhandled: unknown[] = [];
const note = (error: unknown) => void unhandled.push(error);
beforeEach(async () => {
  unhandled.length = 0;
  process.on("unhandledRejection", note);
  slack = await aSlack();
});
afterEach(async () => {
  await slack.stop();
  process.off("unhandledRejection", note);
  expect(unhandled).toEqual([]);
});

describe("a connection to Slack", () => {
  const said: string[] = [];
  const log = { info: (message: string) => void said.push(message), error: () => undefined };
  const connection = () => {
    said.length = 0;
    const why = (error: unknown) => problemText(slackProblem(error, "SLACK_APP_TOKEN", slack.apiUrl));
    return new Connection(() => receiverFor(slack.apiUrl), why, log, LIMIT_MS);
  };

  it.each([
    ["answers nothing", "the WebSocket's upgrade was not answered within 3 s"],
    ["accepts only", "the WebSocket was accepted, and no hello came within 3 s"],
  ] as const)("is cancelled if Slack %s", async (welcome, why) => {
    slack.welcomes = [welcome];
    const one = connection();
    await expect(one.open()).rejects.toThrow(why);
    await one.close();
  });

  it("is cancelled if Slack never returns the address", async () => {
    slack.answers = false;
    const one = connection();
    await expect(one.open()).rejects.toThrow("apps.connections.open was not answered within 3 s");
    // A late address is not used any more.
    slack.answerLate();
    await new Promise((resolve) => setTimeout(resolve, 300));
    expect(slack.upgrades).toBe(0);
    await one.close();
  });

  it("reports a refusal in words", async () => {
    slack.welcomes = ["refuses"];
    const one = connection();
    const error = await one.open().catch((reason: unknown) => reason);
    expect(problemText(slackProblem(error, "SLACK_APP_TOKEN", slack.apiUrl))).toBe(
      "Slack can't be used: the connection ended (TypeError)",
    );
    expect(problemText(slackProblem(undefined, "SLACK_APP_TOKEN", slack.apiUrl))).toBe(
      "Slack can't be used: the connection ended",
    );
    expect(problemText(slackProblem({ code: 7 }, "SLACK_APP_TOKEN", slack.apiUrl))).toBe(
      "Slack can't be used: { code: 7 }",
    );
    await one.close();
  });

  it("is opened again after growing pauses until a hello comes", async () => {
    slack.welcomes = ["hello", "answers nothing", "refuses", "hello"];
    const one = connection();
    await one.open();
    slack.open[0]?.terminate();
    expect(await until(() => (slack.hellos === 2 ? true : undefined), 60_000)).toBe(true);
    expect(said.filter((line) => line.includes("trying again")).map((line) => /in (\d+) s/.exec(line)?.[1])).toEqual([
      "2",
      "4",
    ]);
    await one.close();
  });

  it("is opened again if no data comes after the hello, without waiting for the other end to close", async () => {
    slack.welcomes = ["hello", "hello"];
    const one = connection();
    await one.open();
    slack.open[0]?.pause();
    // The client's own closing handshake with a silent end takes half a minute.
    expect(await until(() => (slack.hellos === 2 ? true : undefined), 25_000)).toBe(true);
    await one.close();
  });

  it("that is closed while it waits never connects", async () => {
    slack.welcomes = ["answers nothing", "hello"];
    const one = connection();
    const opening = one.open().catch(() => "cancelled");
    await until(() => (slack.upgrades === 1 ? true : undefined), 10_000);
    await one.close();
    expect(await opening).toBe("cancelled");
    expect(slack.hellos).toBe(0);
  });
});

const receiverFor = (slackApiUrl: string): SocketModeReceiver =>
  new SocketModeReceiver({
    appToken: "xapp-1",
    logger: loggerFor(quiet, false),
    autoReconnectEnabled: false,
    installerOptions: { clientOptions: { slackApiUrl, retryConfig: { retries: 0 } } },
  });

/** As little of Slack as a connection needs, on loopback. */
async function aSlack() {
  const sockets = new WebSocketServer({ noServer: true });
  const kept = new Set<Socket>();
  const waiting: (() => void)[] = [];
  const server = createHttpServer((_, response) => {
    const answer = () => {
      const { port } = server.address() as AddressInfo;
      response.setHeader("content-type", "application/json");
      response.end(JSON.stringify({ ok: true, url: `ws://127.0.0.1:${port}/link` }));
    };
    if (slack.answers) answer();
    else waiting.push(answer);
  });
  server.on("connection", (socket) => void kept.add(socket));
  server.on("upgrade", (request, socket, head) => {
    slack.upgrades++;
    socket.on("error", () => undefined);
    const welcome = slack.welcomes.shift() ?? "hello";
    if (welcome === "answers nothing") return;
    if (welcome === "refuses") return void socket.end("HTTP/1.1 503 Service Unavailable\r\n\r\n");
    sockets.handleUpgrade(request, socket, head, (webSocket) => {
      if (welcome === "accepts only") return webSocket.pause();
      slack.open.push(webSocket);
      slack.hellos++;
      webSocket.send(JSON.stringify({ type: "hello", num_connections: 1 }));
    });
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const slack = {
    apiUrl: `http://127.0.0.1:${(server.address() as AddressInfo).port}/`,
    welcomes: [] as Welcome[],
    answers: true,
    answerLate: () => waiting.splice(0).forEach((answer) => void answer()),
    upgrades: 0,
    hellos: 0,
    open: [] as WebSocket[],
    async stop() {
      for (const socket of kept) socket.destroy();
      await new Promise((resolve) => server.close(resolve));
    },
  };
  return slack;
}

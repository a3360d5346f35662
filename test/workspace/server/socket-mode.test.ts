import { App, LogLevel, SocketModeReceiver } from "@slack/bolt";
import { describe, expect, it } from "vitest";
import { WebSocket } from "ws";
import { alice, appFor, until, workspaceFor } from "./connected-app.ts";

const help = { person: alice.id, text: "/zstack help", threadTs: null };

describe("Socket Mode", () => {
  it("sends an envelope twice on request", async () => {
    const workspace = await workspaceFor();
    const triggers: string[] = [];
    await appFor(workspace, (app) =>
      app.command("/zstack", async ({ ack, command }) => {
        await ack();
        triggers.push(command.trigger_id);
      }),
    );
    workspace.faults.redeliverNext();
    await workspace.say(help);
    await until(() => triggers.length === 2);
    expect(triggers[0]).toBe(triggers[1]);
    await workspace.say(help);
    await until(() => triggers.length === 3);
  });

  it.each([["a dropped connection"], ["a refresh"]])(
    "the app is there again after %s",
    async (what) => {
      const workspace = await workspaceFor();
      let commands = 0;
      await appFor(workspace, (app) =>
        app.command("/zstack", async ({ ack }) => {
          await ack();
          commands += 1;
        }),
      );
      if (what === "a refresh") workspace.faults.disconnect("refresh_requested");
      else workspace.faults.dropConnection();
      expect(workspace.connections()).toBe(0);
      await until(() => workspace.connections() === 1);
      await workspace.say(help);
      expect(commands).toBe(1);
    },
    20_000,
  );

  it("uses the connections of one app in turn, so that one may close", async () => {
    const workspace = await workspaceFor();
    const { appToken, botToken, apiUrl } = workspace;
    const byReceiver = [0, 0];
    const receivers = [0, 1].map(() => {
      const installerOptions = { clientOptions: { slackApiUrl: apiUrl } };
      return new SocketModeReceiver({ appToken, logLevel: LogLevel.ERROR, installerOptions });
    });
    for (const [index, receiver] of receivers.entries()) {
      const app = new App({
        receiver,
        token: botToken,
        logLevel: LogLevel.ERROR,
        clientOptions: { slackApiUrl: apiUrl },
      });
      app.command("/zstack", async ({ ack }) => {
        await ack();
        byReceiver[index] = (byReceiver[index] ?? 0) + 1;
      });
      await receiver.start();
    }
    for (let count = 0; count < 4; count += 1) await workspace.say(help);
    expect(byReceiver).toEqual([2, 2]);
    workspace.faults.dropConnection();
    await workspace.say(help);
    expect(byReceiver).toEqual([2, 3]);
    await Promise.all(receivers.map((receiver) => receiver.stop()));
  }, 20_000);

  it("takes a ticket once, and at most ten connections", async () => {
    const workspace = await workspaceFor();
    const open = async () => {
      const headers = { authorization: `Bearer ${workspace.appToken}` };
      const response = await fetch(`${workspace.apiUrl}apps.connections.open`, { method: "POST", headers });
      return String((await response.json()).url);
    };
    const firstMessage = (url: string) =>
      new Promise<string>((resolve) => {
        const socket = new WebSocket(url);
        socket.once("message", (data) => resolve(String(data)));
        socket.once("error", (error) => resolve(error.message));
      });
    const url = await open();
    expect(JSON.parse(await firstMessage(url))).toMatchObject({
      type: "hello",
      num_connections: 1,
      connection_info: { app_id: "A0ZSTACK" },
    });
    expect(await firstMessage(url)).toContain("404");
    for (let count = 2; count <= 10; count += 1) {
      expect(JSON.parse(await firstMessage(await open()))).toMatchObject({ type: "hello", num_connections: count });
    }
    const refusal = { type: "disconnect", reason: "too_many_websockets" };
    expect(JSON.parse(await firstMessage(await open()))).toMatchObject(refusal);
  });
});

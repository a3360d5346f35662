import { request } from "node:http";
import { describe, expect, it } from "vitest";
import { WebSocket } from "ws";
import { pageEventSchema, pageStateSchema } from "../../../src/workspace/page-protocol.ts";
import { alice, appFor, confirmButton, storage, until, workspaceFor } from "./connected-app.ts";

const hello = JSON.stringify({ person: alice.id, text: "hello", threadTs: null });

/** fetch does not let a test choose Host and Origin. */
function ask(url: string, method: string, headers: Record<string, string>, body = "") {
  return new Promise<{ status: number; body: string }>((resolve, reject) => {
    const asked = request(url, { method, headers }, async (response) => {
      const chunks: Buffer[] = [];
      for await (const chunk of response) chunks.push(chunk);
      resolve({ status: response.statusCode ?? 0, body: Buffer.concat(chunks).toString() });
    });
    asked.on("error", reject);
    asked.end(body);
  });
}
const say = (url: string, headers: Record<string, string> = {}, body = hello) =>
  ask(`${url}page/say`, "POST", { "content-type": "application/json", ...headers }, body);

function eventsAt(url: string, origin?: string) {
  const socket = new WebSocket(`${url.replace("http", "ws")}page/events`, origin === undefined ? {} : { origin });
  const events: unknown[] = [];
  socket.on("message", (data) => events.push(JSON.parse(String(data))));
  const opened = new Promise<string>((resolve) => {
    socket.once("open", () => resolve("open"));
    socket.once("error", (error) => resolve(error.message));
  });
  return { events, opened };
}

const opening = (url: string): Promise<string> =>
  new Promise((resolve) => {
    const socket = new WebSocket(url);
    socket.once("open", () => resolve("open"));
    socket.once("error", (error) => resolve(error.message));
  });

describe("the page's server", () => {
  it("sends the state and the events of the protocol", async () => {
    const completions = [{ name: "help", summary: "Shows help.", usage: "help [command]", keys: [] }];
    const workspace = await workspaceFor({ completions, notice: "The SAN is simulated." });
    const app = await appFor(workspace, (app) =>
      app.action("confirm", async ({ ack, client, body }) => {
        await ack();
        if (!("trigger_id" in body)) return;
        const title = { type: "plain_text" as const, text: "Sure?" };
        await client.views.open({ trigger_id: body.trigger_id, view: { type: "modal", title, blocks: [] } });
      }),
    );
    const { events, opened } = eventsAt(workspace.url);
    await opened;
    expect((await say(workspace.url)).status).toBe(200);
    const { ts = "" } = await app.client.chat.postMessage({ channel: storage, text: "plan", blocks: [confirmButton] });
    const action = { person: alice.id, messageTs: ts, blockId: "plan", actionId: "confirm" };
    const headers = { "content-type": "application/json" };
    expect((await ask(`${workspace.url}page/click`, "POST", headers, JSON.stringify(action))).status).toBe(200);
    await until(() => events.length === 3);
    const state = pageStateSchema.parse(await (await fetch(`${workspace.url}page/state`)).json());
    expect(state).toMatchObject({
      people: [{ name: "alice" }, { name: "bob" }],
      completions,
      notice: "The SAN is simulated.",
    });
    expect(state.messages.map(({ text }) => text)).toEqual(["hello", "plan"]);
    const viewId = state.views[0]?.id ?? "";
    await ask(`${workspace.url}page/close`, "POST", headers, JSON.stringify({ person: alice.id, viewId }));
    await until(() => events.length === 4);
    expect(events.map((event) => pageEventSchema.parse(event).kind)).toEqual([
      "message",
      "message",
      "view",
      "view closed",
    ]);
  });

  it("names the field of a wrong action", async () => {
    const { url } = await workspaceFor();
    const wrong = async (body: unknown) => JSON.parse((await say(url, {}, JSON.stringify(body))).body).field;
    expect(await wrong({ person: alice.id, threadTs: null })).toBe("text");
    expect(await wrong({ person: "U0EVE", text: "hello", threadTs: null })).toBe("person");
    expect(await wrong({ person: alice.id, text: "hello", threadTs: "1.0" })).toBe("threadTs");
    expect(await wrong({ person: alice.id, text: "hello", threadTs: null, channel: "C0OUTSIDE" })).toBe("channel");
    expect((await say(url, {}, "{")).status).toBe(400);
    expect((await ask(`${url}page/other`, "POST", { "content-type": "application/json" }, "{}")).status).toBe(404);
  });

  it("lets no foreign page type or listen", async () => {
    const workspace = await workspaceFor();
    const { url } = workspace;
    const port = new URL(url).port;
    const foreignRequests = [
      { origin: "http://evil.example" },
      { origin: "null" },
      { origin: `http://127.0.0.1:${Number(port) + 1}` },
      { host: `evil.example:${port}` },
      { host: "127.0.0.1" },
    ];
    for (const headers of foreignRequests) expect((await say(url, headers)).status).toBe(403);
    expect((await ask(`${url}page/state`, "GET", { host: `evil.example:${port}` })).status).toBe(403);
    expect(await eventsAt(url, "http://evil.example").opened).toContain("403");
    // A form on another page could send this.
    expect((await say(url, { "content-type": "text/plain" })).status).toBe(415);
    expect(workspace.state().messages).toEqual([]);

    expect((await say(url, { origin: `http://localhost:${port}`, host: `localhost:${port}` })).status).toBe(200);
    expect(await eventsAt(url, new URL(url).origin).opened).toBe("open");
  });

  it("asks each call and socket for the key in its address", async () => {
    const files = new Map([["/", { type: "text/html", body: "<p>page</p>" }]]);
    const workspace = await workspaceFor({ page: files });
    const { url, apiUrl, botToken } = workspace;
    const { origin, pathname } = new URL(url);
    const key = pathname.slice(1, -1);
    expect(key).toMatch(/^[0-9a-f]{32}$/);
    expect(new URL((await workspaceFor()).url).pathname).not.toBe(pathname);

    const json = { "content-type": "application/json", authorization: `Bearer ${botToken}` };
    const paths = [
      "",
      "page/state",
      "page/say",
      "page/click",
      "api/auth.test",
      "upload/v1/1",
      "commands/T0LOCAL/1",
      "x",
    ];
    const wrong = [
      `${origin}/`,
      `${origin}/${key.slice(1)}/`,
      `${origin}/${key}0/`,
      `${origin}/?key=${key}&/`,
      `${origin}//`,
    ];
    for (const base of wrong) {
      for (const path of paths) {
        expect((await ask(`${base}${path}`, "GET", json)).status).toBe(403);
        expect((await ask(`${base}${path}`, "POST", json, hello)).status).toBe(403);
      }
      expect(await eventsAt(base).opened).toContain("403");
      expect(await opening(`${base.replace("http", "ws")}link/?ticket=1&app_id=1`)).toContain("403");
    }
    expect(workspace.state().messages).toEqual([]);
    const auth = await fetch(`${apiUrl}auth.test`, { method: "POST", headers: json, body: "{}" });
    expect(await auth.json()).toMatchObject({ ok: true, url });
    expect((await ask(url, "GET", {})).body).toBe("<p>page</p>");
  });

  it("serves the page if there is one, and survives invalid requests", async () => {
    const bare = await workspaceFor();
    expect((await fetch(bare.url)).status).toBe(503);
    const files = new Map([["/", { type: "text/html", body: "<p>page</p>" }]]);
    const { url } = await workspaceFor({ page: files });
    const page = await fetch(url);
    expect([page.headers.get("content-type"), await page.text()]).toEqual(["text/html", "<p>page</p>"]);
    expect(page.headers.get("content-security-policy")).toContain("frame-ancestors 'none'");
    expect((await fetch(`${url}other.js`)).status).toBe(404);
    expect((await fetch(url.slice(0, -1))).status).toBe(200);
    expect((await ask(`${url}/[`, "GET", {})).status).toBe(404);
    expect((await fetch(`${url}api/auth.test`)).status).toBe(405);
  });
});

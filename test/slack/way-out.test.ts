import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { Bot } from "../../src/bot.ts";
import { readConfig } from "../../src/config.ts";
import { openSlack } from "../../src/slack/app.ts";
import { throughProxy } from "../../src/slack/way-out.ts";
import type { LocalWorkspace } from "../../src/workspace/server/local-workspace.ts";
import { textIn } from "../scenario/message-text.ts";
import { Story, until } from "../scenario/story.ts";
import { alice, botInSlack, newWorkspace, quiet } from "../terminal/bot-in-slack.ts";
import { TunnelProxy } from "./proxy.ts";

const tokens = { SLACK_BOT_TOKEN: "xoxb-1", SLACK_APP_TOKEN: "xapp-1", HOSTS: "simulated" };

describe("the way to Slack", () => {
  let workspace: LocalWorkspace;
  let proxy: TunnelProxy;
  beforeEach(async () => {
    workspace = await newWorkspace();
    proxy = await TunnelProxy.start();
  });
  afterEach(async () => {
    await proxy.stop();
    await workspace.stop();
  });
  const host = () => new URL(workspace.url).host;
  const opens = (url: string) => {
    const { botToken, appToken, apiUrl } = workspace;
    const wayOut = throughProxy({ https: "", http: url, except: "" });
    return openSlack({ botToken, appToken, apiUrl, wayOut, channels: [], debug: false, log: quiet });
  };

  it("is the proxy for the Web API, the WebSockets, response URLs and uploads, and for nothing else", async () => {
    const bot: Bot = await botInSlack(workspace, {
      operators: [alice],
      proxy: { https: "", http: proxy.url, except: "" },
    });
    try {
      expect(workspace.connections()).toBe(2);
      const went = (what: string) => proxy.requests.some((line) => line.includes(what));
      const passes = (what: string) => until(() => (went(what) ? true : undefined), 30_000);
      expect(await passes("/api/auth.test")).toBe(true);
      expect(await passes("GET ")).toBe(true);
      expect(went("/link/?ticket=")).toBe(true);
      await workspace.say({ person: alice, text: "/zstack help", threadTs: null });
      expect(await passes("/commands/")).toBe(true);

      // An answer that does not fit into a message goes as a file too.
      await workspace.say({ person: alice, text: "/zstack zone list", threadTs: null });
      expect(await passes("/api/chat.postMessage")).toBe(true);
      const long = {
        kind: "code" as const,
        lines: Array.from({ length: 400 }, (_, line) => `${line} ${"x".repeat(90)}`),
      };
      const place = JSON.stringify({ channel: "C0STORAGE", threadTs: null });
      await bot.world.conversations.at(place).say({ reply: { title: "Long", tone: "plain", parts: [long], next: [] } });
      expect(await passes("/upload/v1/")).toBe(true);
      const file = await until(() => workspace.messagesIn("C0STORAGE").flatMap(({ files }) => files)[0], 30_000);
      expect(file?.text).toContain("399 xxx");
      expect(new Set(proxy.tunnels)).toEqual(new Set([host()]));
    } finally {
      await bot.stop();
    }
  });

  it("is the proxy with its user and password, which no message shows", async () => {
    proxy.password = "bot:pa:ss";
    const withPassword = proxy.url.replace("http://", "http://bot:pa%3Ass@");
    const slack = await opens(withPassword);
    await slack.stop();
    const refused = opens(proxy.url.replace("http://", "http://bot:wrong@"));
    await expect(refused).rejects.toThrow(`through the proxy ${proxy.url} can't be reached: `);
    await expect(refused).rejects.toThrow("407");
    await expect(refused).rejects.not.toThrow("wrong");
  });

  it("names the proxy that can't be reached", async () => {
    const { url } = proxy;
    await proxy.stop();
    await expect(opens(url)).rejects.toThrow(
      `SLACK_API_URL ${workspace.apiUrl} through the proxy ${url} can't be reached: `,
    );
    proxy = await TunnelProxy.start();
  });

  it("is direct for the names in NO_PROXY", async () => {
    const { botToken, appToken, apiUrl } = workspace;
    const wayOut = throughProxy({ https: "", http: proxy.url, except: "example.com,127.0.0.1" });
    const slack = await openSlack({ botToken, appToken, apiUrl, wayOut, channels: [], debug: false, log: quiet });
    await slack.stop();
    expect(proxy.tunnels).toEqual([]);
  });
});

describe("the proxies' variables", () => {
  it.each([
    [{ HTTPS_PROXY: "http://proxy:3128" }, { https: "http://proxy:3128", http: "" }],
    [
      { https_proxy: "proxy:3128", HTTPS_PROXY: "http://other:1" },
      { https: "http://proxy:3128", http: "" },
    ],
    [
      { HTTP_PROXY: "http://proxy:3128", HTTPS_PROXY: "" },
      { https: "", http: "http://proxy:3128" },
    ],
  ])("are taken as curl takes them: %j", (env, proxy) => {
    expect(readConfig({ ...tokens, ...env }).proxy).toMatchObject(proxy);
  });

  it("have exceptions, and do not concern the local workspace", () => {
    const env = { HTTPS_PROXY: "http://proxy:3128", no_proxy: "slack.example" };
    expect(readConfig({ ...tokens, ...env }).proxy?.except).toBe("slack.example");
    expect(readConfig(env).proxy).toBeUndefined();
    expect(readConfig(tokens).proxy).toBeUndefined();
  });

  it.each(["socks5://proxy:1080", "http://", "http://a b"])("name a value that is no proxy: %s", (url) => {
    expect(() => readConfig({ ...tokens, HTTPS_PROXY: url })).toThrow("HTTPS_PROXY must be the address of a proxy");
  });
});

describe("the local workspace", () => {
  it("is reached directly, with any proxy variables", async () => {
    const proxy = await TunnelProxy.start();
    const before = { ...process.env };
    Object.assign(process.env, { HTTP_PROXY: proxy.url, HTTPS_PROXY: proxy.url, http_proxy: proxy.url });
    try {
      const story = await Story.begin();
      await story.says("/zstack zone list");
      const answer = await story.shows("ZONE-1");
      expect(textIn(answer)).toContain("ZONE-1");
      expect(proxy.tunnels).toEqual([]);
      await story.ends();
    } finally {
      for (const name of ["HTTP_PROXY", "HTTPS_PROXY", "http_proxy"]) {
        if (before[name] === undefined) delete process.env[name];
        else process.env[name] = before[name];
      }
      await proxy.stop();
    }
  });
});

import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { commands } from "../../src/bot.ts";
import { completionsOf } from "../../src/language/command-table.ts";
import { type LocalWorkspace, startWorkspace } from "../../src/workspace/server/local-workspace.ts";
import { textIn } from "../scenario/message-text.ts";
import { until } from "../scenario/story.ts";
import { alice, people } from "../terminal/bot-in-slack.ts";
import { ended, newDirectory, run, started } from "../terminal/program.ts";
import { TunnelProxy } from "./proxy.ts";
import { type Certificate, newCertificate, TlsFront } from "./tls-front.ts";

/** Names that only the proxy can resolve, as in a storage network without a name server for the internet. */
const [API, SOCKETS] = ["slack.test", "wss-primary.slack.test"] as const;
const LIMIT_MS = 480_000;

/** The bot's own process, Slack with TLS behind a proxy, and only the configuration that an operator writes. */
describe("Slack with TLS behind a proxy", { timeout: LIMIT_MS }, () => {
  let certificate: Certificate;
  let front: TlsFront;
  let workspace: LocalWorkspace;
  let proxy: TunnelProxy;
  beforeAll(async () => {
    certificate = await newCertificate([API, SOCKETS]);
    front = await TlsFront.start(certificate);
    workspace = await startWorkspace({
      port: 0,
      people,
      completions: completionsOf(commands),
      notice: null,
      rates: null,
      outside: { api: `https://${API}`, sockets: `wss://${SOCKETS}` },
    });
    front.behind = Number(new URL(workspace.url).port);
  }, LIMIT_MS);
  afterAll(async () => {
    await workspace.stop();
    await front.stop();
  });
  beforeEach(async () => {
    proxy = await TunnelProxy.start();
    proxy.leadsTo = front;
  });
  afterEach(() => proxy.stop());

  const settings = async (proxyUrl: string): Promise<Record<string, string>> => ({
    SLACK_BOT_TOKEN: workspace.botToken,
    SLACK_APP_TOKEN: workspace.appToken,
    SLACK_API_URL: workspace.apiUrl,
    HTTPS_PROXY: proxyUrl,
    NODE_EXTRA_CA_CERTS: certificate.file,
    HOSTS: "simulated",
    OPERATORS: alice,
    CHANNELS: "C0STORAGE",
    DATA_DIR: await newDirectory(),
  });
  const withUser = (user: string) => proxy.url.replace("http://", `http://${user}@`);
  const refusedStart = async (proxyUrl: string) => {
    const { code, stderr } = await run("start", [], await settings(proxyUrl));
    expect(code).toBe(1);
    return stderr;
  };

  it("is reached by all three clients, with the proxy's user and password", async () => {
    proxy.password = "bot:pa:ss";
    const child = await started("start", [], await settings(withUser("bot:pa%3Ass")));
    const end = ended(child);
    try {
      expect(await until(() => (workspace.connections() === 2 ? true : undefined), 30_000)).toBe(true);
      const says = (text: string) => workspace.say({ person: alice, text, threadTs: null });
      const shows = (text: string) =>
        until(() => workspace.messagesIn("C0STORAGE").find((message) => textIn(message).includes(text)), 30_000);
      await says("/zstack help");
      expect((await shows("What you can type"))?.onlyFor).toBe(alice);
      await says("/zstack sharedblock add cluster-1 wwid=36b083fe000daf018000015505abbe00a wipe=true name=ps-1");
      expect(await shows("Add ps-1 to cluster-1")).toBeDefined();
      // An answer that does not fit into a message goes as a file too.
      await says("/zstack operation show op-1");
      expect(await shows("Everything is in the file")).toBeDefined();
      const file = () => workspace.messagesIn("C0STORAGE").flatMap(({ files }) => files)[0];
      expect((await until(file, 30_000))?.text).toContain("vgcreate");
      const came = (what: RegExp) => expect(front.requests.join("\n")).toMatch(what);
      came(/^POST slack\.test\/\w+\/api\/chat\.postMessage$/m);
      came(/^GET wss-primary\.slack\.test\/\w+\/link\/\?ticket=/m);
      came(/^POST slack\.test\/\w+\/commands\//m);
      came(/^POST slack\.test\/\w+\/upload\/v1\//m);
      expect(new Set(proxy.tunnels)).toEqual(new Set([`${API}:443`, `${SOCKETS}:443`]));
      // TLS from end to end: the proxy sees no request.
      expect(proxy.requests.filter((line) => / HTTP\/1\.1|xoxb|xapp/.test(line))).toEqual([]);
    } finally {
      child.kill("SIGTERM");
      const { stderr } = await end;
      expect(stderr).not.toContain("pa%3Ass");
    }
  });

  it("names the variable to set if the proxy wants a password, or another one", async () => {
    proxy.password = "bot:pa:ss";
    for (const url of [proxy.url, withUser("bot:wrong")]) {
      const stderr = await refusedStart(url);
      expect(stderr).toContain(`through the proxy ${proxy.url} can't be reached: the proxy answers 407`);
      expect(stderr).toContain("Fix: put its user and password into HTTPS_PROXY, as http://USER:PASSWORD@proxy:3128");
      expect(stderr).not.toContain("wrong");
    }
  });

  it("names the fix if the proxy can't reach Slack, or may not", async () => {
    proxy.refuses = () => 502;
    expect(await refusedStart(proxy.url)).toMatch(
      /the proxy answers 502 to slack\.test:443\nFix: let the proxy reach that address/,
    );
    proxy.refuses = (host) => (host.startsWith(SOCKETS) ? 403 : null);
    expect(await refusedStart(proxy.url)).toMatch(
      /the proxy answers 403 to wss-primary\.slack\.test:443\nFix: let the proxy tunnel \(CONNECT\) to that address/,
    );
  });

  it("names the variable to set if the certificate has no known issuer", async () => {
    const { NODE_EXTRA_CA_CERTS: _, ...unknown } = await settings(proxy.url);
    const { code, stderr } = await run("start", [], unknown);
    expect(code).toBe(1);
    expect(stderr).toMatch(/self-signed certificate.*\nFix: .*NODE_EXTRA_CA_CERTS/);
  });
});

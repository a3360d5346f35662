import { chmod, readFile, writeFile } from "node:fs/promises";
import { createServer } from "node:net";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { readConfig } from "../src/config.ts";
import { hasSecrets } from "../src/env-file.ts";
import { newDirectory, run } from "./terminal/program.ts";

const tokens = { SLACK_BOT_TOKEN: "xoxb-1", SLACK_APP_TOKEN: "xapp-1" };

describe("the configuration", () => {
  it("takes an empty value for the default, for any variable", async () => {
    const example = await readFile(join(import.meta.dirname, "../.env.example"), "utf8");
    const names = [...example.matchAll(/^([A-Z_]+)=/gm)].map(([, name = ""]) => name);
    expect(names).toContain("LOG_LEVEL");
    const empty = Object.fromEntries(names.map((name) => [name, ""]));
    expect(readConfig(empty)).toEqual(readConfig({}));
    expect(readConfig(Object.fromEntries(names.map((name) => [name, "  "])))).toEqual(readConfig({}));
    const filled = { ...tokens, SSH_PRIVATE_KEY_FILE: "key" };
    expect(readConfig({ ...empty, ...filled })).toEqual(readConfig(filled));
  });

  it("opens no port and sends nothing unless that is set, and listens on loopback", () => {
    expect(readConfig({}).monitoring).toBeUndefined();
    expect(readConfig({ METRICS_PORT: "9464" }).monitoring).toEqual({
      listen: { host: "127.0.0.1", port: 9464 },
      alertsSecret: null,
      alertmanagers: [],
    });
    expect(readConfig({ ALERTMANAGER_URL: "http://a:9093, https://b/prefix" }).monitoring).toEqual({
      listen: null,
      alertsSecret: null,
      alertmanagers: ["http://a:9093", "https://b/prefix"],
    });
  });

  it("sends the audit log to nobody unless that is set, by a proxy also without Slack", () => {
    expect(readConfig({}).forward).toBeUndefined();
    const tls = { host: "log.example.org", port: 6514, isTls: true, caFile: null };
    const forwardTo = (env: NodeJS.ProcessEnv) => readConfig(env).forward;
    expect(forwardTo({ AUDIT_SYSLOG: "syslog+tls://LOG.example.org" })).toEqual({ syslog: tls, webhook: null });
    expect(
      forwardTo({ AUDIT_SYSLOG: "syslog+tls://log.example.org:1514/", AUDIT_SYSLOG_CA: "ca.pem" })?.syslog,
    ).toEqual({ ...tls, port: 1514, caFile: "ca.pem" });
    expect(forwardTo({ AUDIT_SYSLOG: "syslog+tcp://[::1]" })?.syslog).toEqual({
      ...{ host: "::1", port: 601, isTls: false, caFile: null },
    });
    const webhook = { AUDIT_WEBHOOK: "https://log/audit?key=1", AUDIT_WEBHOOK_SECRET: "0123456789abcdef" };
    const target = { url: "https://log/audit?key=1", secret: "0123456789abcdef" };
    expect(forwardTo(webhook)).toEqual({ syslog: null, webhook: target });
    expect(forwardTo({ ...webhook, HTTPS_PROXY: "proxy:3128" })?.webhook).toEqual({
      ...target,
      proxy: { https: "http://proxy:3128", http: "", except: "" },
    });
  });

  it("watches the hosts of the local workspace and real ones, unless WATCH is off", () => {
    const real = { ...tokens, SSH_PRIVATE_KEY_FILE: "key", CHANNELS: "C1" };
    for (const env of [{}, real]) {
      expect(readConfig(env).watch).toMatchObject({ channel: null, settings: { everyMs: 30_000 } });
      expect(readConfig({ ...env, WATCH: "on" })).toEqual(readConfig(env));
      expect(readConfig({ ...env, WATCH: "off" }).watch).toBeNull();
    }
    expect(readConfig({ ...real, WATCH_CHANNEL: "C1" }).watch?.channel).toBe("C1");
  });

  it("ends incidents of simulated hosts after 10 s of quiet, and of real ones after 60 s", () => {
    const quietMs = (env: object) => readConfig({ ...env }).watch?.settings.damping.quietMs;
    expect(quietMs({})).toBe(10_000);
    expect(readConfig({}).watch?.settings.groupsEveryMs).toBe(20_000);
    expect(quietMs({ ...tokens, SSH_PRIVATE_KEY_FILE: "key" })).toBe(60_000);
  });

  it.each([
    [{ PORT: "70000" }, "PORT must be a port number"],
    [{ AUDIT_SYSLOG: "log:601" }, "AUDIT_SYSLOG must be an address such as syslog+tls://log.example.org:6514"],
    [{ AUDIT_SYSLOG: "syslog+udp://log" }, "AUDIT_SYSLOG must be an address"],
    [{ AUDIT_SYSLOG: "syslog+tls://user:password@log" }, "AUDIT_SYSLOG must be an address"],
    [{ AUDIT_SYSLOG: "syslog+tls://log/path" }, "AUDIT_SYSLOG must be an address"],
    [{ AUDIT_SYSLOG: "syslog+tcp://log", AUDIT_SYSLOG_CA: "ca.pem" }, "AUDIT_SYSLOG_CA needs AUDIT_SYSLOG with TLS"],
    [{ AUDIT_SYSLOG_CA: "ca.pem" }, "AUDIT_SYSLOG_CA needs AUDIT_SYSLOG with TLS"],
    [{ AUDIT_WEBHOOK: "https://log/audit" }, "AUDIT_WEBHOOK needs AUDIT_WEBHOOK_SECRET"],
    [{ AUDIT_WEBHOOK_SECRET: "0123456789abcdef" }, "AUDIT_WEBHOOK_SECRET needs AUDIT_WEBHOOK"],
    [
      { AUDIT_WEBHOOK: "https://log", AUDIT_WEBHOOK_SECRET: "0123456789abcde" },
      "AUDIT_WEBHOOK_SECRET must have at least 16 ASCII letters",
    ],
    [{ AUDIT_WEBHOOK: "https://bot:password@log" }, "AUDIT_WEBHOOK must be an address"],
    [{ AUDIT_WEBHOOK: "ftp://log" }, "AUDIT_WEBHOOK must be an address"],
    [{ PORT: "http" }, "PORT must be a port number"],
    [{ LOG_LEVEL: "loud" }, "LOG_LEVEL must be debug, info or error"],
    [{ SLACK_API_URL: "slack" }, "SLACK_API_URL must be a URL"],
    [{ HOSTS: "real" }, "HOSTS must be simulated or ssh"],
    [{ ADMINS: "alice" }, "ADMINS must be ids of Slack users or user groups"],
    [{ OPERATORS: "alice" }, "OPERATORS must be Slack user ids"],
    [{ SLACK_BOT_TOKEN: "xoxb-1" }, "SLACK_APP_TOKEN is empty"],
    [tokens, "HOSTS=ssh needs SSH_PRIVATE_KEY_FILE"],
    [{ HOSTS: "ssh", SSH_PRIVATE_KEY_FILE: "key" }, "HOSTS=ssh needs SLACK_BOT_TOKEN and SLACK_APP_TOKEN"],
    [{ METRICS_PORT: "70000" }, "METRICS_PORT must be a port number"],
    [{ METRICS_PORT: "9464", METRICS_HOST: "a b" }, "METRICS_HOST must be an address"],
    [{ ALERTMANAGER_URL: "alertmanager:9093" }, "ALERTMANAGER_URL must be addresses"],
    [{ ALERTMANAGER_URL: "http://a:9093,file:///etc" }, "ALERTMANAGER_URL must be addresses"],
    [{ METRICS_PORT: "9464", ALERTS_SECRET: "short" }, "ALERTS_SECRET must have at least 16"],
    [{ ALERTS_SECRET: "a-secret-of-16-characters" }, "ALERTS_SECRET needs METRICS_PORT"],
    [{ ALERTMANAGER_URL: "http://bot:100%@a:9093" }, "ALERTMANAGER_URL must be addresses"],
    [
      { METRICS_PORT: "9464", ALERTS_SECRET: "a-secret-of-16-characters", WATCH: "off" },
      "ALERTS_SECRET needs WATCH=on",
    ],
    [{ METRICS_HOST: "0.0.0.0" }, "METRICS_HOST needs METRICS_PORT"],
    [
      { ...tokens, SSH_PRIVATE_KEY_FILE: "key", CHANNELS: "C1", WATCH_CHANNEL: "C2" },
      "WATCH_CHANNEL C2 is not one of CHANNELS",
    ],
    [{ WORKSPACE: "slack" }, "WORKSPACE must be local, or empty"],
    [
      { ...tokens, WORKSPACE: "local", HOSTS: "simulated" },
      "WORKSPACE=local can't be used together with Slack's tokens",
    ],
  ])("names the variable of %j", (env, problem) => {
    expect(() => readConfig(env)).toThrow(problem);
  });
});

describe("npm start", () => {
  const start = (env: Record<string, string>) => run("start", [], env);

  it("names the variable of a port, a folder or a key file that can't be used, in one message", {
    timeout: 480_000,
  }, async () => {
    const server = createServer();
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    const address = server.address();
    const port = typeof address === "object" ? String(address?.port) : "";
    const folder = await newDirectory();
    const file = join(folder, "file");
    await writeFile(file, "");
    await chmod(file, 0o644);
    const open = await newDirectory();
    await writeFile(join(open, "audit.jsonl"), "");
    await chmod(open, 0o755);

    const cases: [Record<string, string>, string][] = [
      [{ PORT: port, DATA_DIR: folder }, `PORT ${port} can't be used: `],
      [{ PORT: "0", DATA_DIR: open }, `${open}: other users may read it`],
      [{ PORT: "0", DATA_DIR: file }, `DATA_DIR ${file} must be a folder`],
      [{ PORT: "0", DATA_DIR: join(file, "data") }, `DATA_DIR ${join(file, "data")} must be a folder`],
      [
        { PORT: "0", HOSTS: "ssh", WORKSPACE: "local", DATA_DIR: folder, SSH_PRIVATE_KEY_FILE: file },
        `SSH_PRIVATE_KEY_FILE ${file}: other users may read it (mode 644)\nFix: chmod 600 ${file}`,
      ],
    ];
    for (const [env, message] of cases) {
      const { code, stdout, stderr } = await start(env);
      expect(code).toBe(1);
      expect(stdout).toBe("");
      // On a slow computer the log reports first that it waits for Slack.
      expect(stderr).toMatch(/^[A-Z_]+ {2}The bot can't start\n• .*\nFix: /ms);
      expect(stderr).toContain(message);
    }
    server.close();
  });

  it("names the folder and the fix if the disk is full", { timeout: 480_000 }, async () => {
    const folder = await newDirectory();
    const full = join(folder, "full");
    await writeFile(full, "");
    const disk = new URL("faults/full-disk.ts", import.meta.url).href;
    const options = { NODE_OPTIONS: `--import ${import.meta.resolve("tsx")} --import ${disk}`, FULL_DISK: full };
    const { code, stderr } = await run("start", [], { ...options, PORT: "0", DATA_DIR: folder });
    expect(stderr).toContain(
      [
        "DATA_NOT_WRITTEN  The bot can't start",
        `• the folder ${folder} can't be written: ENOSPC: no space left on device, write`,
        "Fix: make room on the disk of the bot, or repair it, then start the bot again",
      ].join("\n"),
    );
    expect(code).toBe(1);
  });

  it.each([
    ["SLACK_BOT_TOKEN=xoxb-1", true],
    [' export SLACK_APP_TOKEN = "xapp-1"', true],
    ["PORT=1\nALERTS_SECRET=a-secret-of-16-characters", true],
    ["AUDIT_WEBHOOK_SECRET=a-secret-of-16-characters", true],
    ["AUDIT_WEBHOOK_SECRET=\nAUDIT_WEBHOOK=https://log", false],
    ["ALERTMANAGER_URL=http://a:9093,https://bot:password@b", true],
    ["SSH_PRIVATE_KEY_PASSPHRASE='a b'", true],
    ["SSH_PRIVATE_KEY_PASSPHRASE=\nSSH_PRIVATE_KEY_PASSPHRASE_FILE=/etc/x", false],
    ["https_proxy=http://user:password@proxy:3128", true],
    ["ALERTS_SECRET=\nALERTMANAGER_URL=http://a:9093, http://b", false],
    ["# ALERTS_SECRET=at-least-16-characters", false],
    ["SLACK_BOT_TOKEN=\nMETRICS_PORT=9464", false],
  ])("finds the secrets in .env: %j", (text, expected) => {
    expect(hasSecrets(text)).toBe(expected);
  });

  it("takes tokens from a .env that only the bot's user may read, and says what to type", async () => {
    const folder = await newDirectory();
    const file = join(folder, ".env");
    await writeFile(file, "SLACK_BOT_TOKEN=xoxb-1\n");
    await chmod(file, 0o644);
    const refused = await run("start", [], {}, folder);
    expect(refused).toMatchObject({ code: 1, stderr: expect.stringContaining(`Fix: chmod 600 ${file}`) });
    await chmod(file, 0o600);
    const taken = await run("start", [], {}, folder);
    expect(taken).toMatchObject({ code: 1, stderr: expect.stringContaining("SLACK_APP_TOKEN is empty") });
    await writeFile(file, "SLACK_BOT_TOKEN=\nPORT=http\n");
    await chmod(file, 0o644);
    const harmless = await run("start", [], {}, folder);
    expect(harmless).toMatchObject({ code: 1, stderr: expect.stringContaining("PORT must be") });
  });
});

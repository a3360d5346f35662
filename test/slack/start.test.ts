import { spawn } from "node:child_process";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { errorText } from "../../src/core/refusal.ts";
import { openSlack } from "../../src/slack/app.ts";
import { type LocalWorkspace, startWorkspace } from "../../src/workspace/server/local-workspace.ts";
import { textIn } from "../scenario/message-text.ts";
import { until } from "../scenario/story.ts";
import { alice, botInSlack, newWorkspace, people, quiet } from "../terminal/bot-in-slack.ts";
import { ended, newDirectory, run, started } from "../terminal/program.ts";

let workspace: LocalWorkspace;
beforeAll(async () => {
  workspace = await newWorkspace();
});
afterAll(() => workspace.stop());

describe("npm start", () => {
  it("ends with everything that it started if npm gets SIGTERM", { timeout: 240_000 }, async ({ onTestFinished }) => {
    const npm = spawn("npm", ["start"], {
      cwd: fileURLToPath(new URL("../..", import.meta.url)),
      env: { PATH: process.env.PATH, HOME: process.env.HOME, DATA_DIR: await newDirectory(), PORT: "0" },
      stdio: ["ignore", "pipe", "ignore"],
      detached: true,
    });
    onTestFinished(() => {
      try {
        process.kill(-(npm.pid ?? 0), "SIGKILL");
      } catch {
        // Nothing of its group is left.
      }
    });
    const lines: string[] = [];
    npm.stdout.on("data", (chunk) => lines.push(String(chunk)));
    // The pipe is closed when the last process that holds it has ended.
    const allEnded = new Promise((resolve) => npm.stdout.once("close", resolve));
    expect(await until(() => (lines.join("").includes("Local workspace: ") ? true : undefined), 120_000)).toBe(true);
    npm.kill("SIGTERM");
    await allEnded;
  });
});

describe("the start", () => {
  const opens = (tokens: { botToken?: string; appToken?: string; apiUrl?: string }) => {
    const { botToken, appToken, apiUrl } = workspace;
    return openSlack({ botToken, appToken, apiUrl, ...tokens, channels: [], debug: false, log: quiet });
  };
  /** The text that a person reads. */
  const refusal = (opened: Promise<unknown>): Promise<string> =>
    opened.then(() => expect.fail("Slack was opened"), errorText);

  it("names the token that Slack does not take, and the fix", async () => {
    expect(await refusal(opens({ botToken: "xoxb-wrong" }))).toBe(
      [
        "SLACK_FAILED  The bot can't start",
        "• SLACK_BOT_TOKEN is not accepted by Slack (invalid_auth)",
        "Fix: copy it again from OAuth & Permissions, or reinstall the app",
      ].join("\n"),
    );
    expect(await refusal(opens({ appToken: "xapp-wrong" }))).toBe(
      [
        "SLACK_FAILED  The bot can't start",
        "• SLACK_APP_TOKEN is not accepted by Slack (invalid_auth)",
        "Fix: copy it again from Basic Information > App-Level Tokens, with the scope connections:write",
      ].join("\n"),
    );
    expect(await refusal(opens({ appToken: workspace.botToken }))).toContain("(not_allowed_token_type)\nFix: copy it");
  });

  it("says that Slack can't be reached, or that something else answers", async () => {
    const nowhere = "http://127.0.0.1:1/api/";
    expect(await refusal(opens({ apiUrl: nowhere }))).toMatch(
      /^SLACK_FAILED {2}The bot can't start\n• SLACK_API_URL http:\/\/127.0.0.1:1\/api\/ can't be reached: .*(ECONNREFUSED|bad port).*\nFix: make Slack reachable/,
    );
    const page = workspace.url;
    expect(await refusal(opens({ apiUrl: page }))).toContain(
      `\n• SLACK_API_URL ${page} answers with the HTTP status 405\nFix: `,
    );
  });

  it("tries again after a transient failure: internal_error, 429 without Retry-After, a page", async () => {
    workspace.slackFaults.calls("auth.test", { answer: { kind: "error", code: "internal_error" }, times: 1 });
    workspace.slackFaults.calls("auth.test", { answer: { kind: "ratelimited", retryAfterS: null }, times: 1 });
    workspace.slackFaults.calls("apps.connections.open", { answer: { kind: "page" }, times: 1 });
    const slack = await opens({});
    await slack.stop();
  });

  it("waits at most 15 s for Slack's hello, reports that, and ends with a sentence", { timeout: 480_000 }, async () => {
    const silent = await newWorkspace();
    silent.slackFaults.silentSockets(100);
    const slack = { SLACK_API_URL: silent.apiUrl, SLACK_APP_TOKEN: silent.appToken, SLACK_BOT_TOKEN: silent.botToken };
    const { code, stderr } = await run("start", [], {
      ...slack,
      DATA_DIR: await newDirectory(),
      HOSTS: "simulated",
    });
    await silent.stop();
    expect(stderr).toContain("waiting for Slack's hello, 15 s at most");
    // The client may notice earlier that its pings get no answer.
    expect(stderr).toMatch(/^SLACK_FAILED {2}The bot can't start\n• Slack can't be used: .*hello.*\nFix: .+$/m);
    expect(code).toBe(1);
  });

  it("takes events from one connection while the other one gets no hello, and then opens that one too", {
    timeout: 480_000,
  }, async () => {
    const half = await newWorkspace();
    half.slackFaults.silentSockets(1);
    const bot = await botInSlack(half, {});
    expect(half.connections()).toBe(1);
    await half.say({ person: alice, text: "/zstack zone list", threadTs: null });
    const answered = () => half.messagesIn("C0STORAGE").find((message) => textIn(message).includes("ZONE-1"));
    expect(await until(answered, 30_000)).toBeDefined();
    expect(await until(() => (half.connections() === 2 ? true : undefined), 60_000)).toBe(true);
    await bot.stop();
    await half.stop();
  });

  it("takes events also if both connections break once at the start", async () => {
    const troubled = await newWorkspace();
    let asked = 0;
    // The first call only checks the token.
    const when = () => ++asked > 1 && asked < 4;
    troubled.slackFaults.calls("apps.connections.open", { answer: { kind: "broken" }, when });
    const bot = await botInSlack(troubled, {});
    expect(asked).toBeGreaterThan(3);
    expect(troubled.connections()).toBeGreaterThan(0);
    await bot.stop();
    await troubled.stop();
  });

  it("stays alive during the pauses between its attempts, and ends with a sentence if none succeeds", async () => {
    const troubled = await newWorkspace();
    troubled.slackFaults.calls("auth.test", { answer: { kind: "error", code: "request_timeout" } });
    const slack = {
      SLACK_API_URL: troubled.apiUrl,
      SLACK_APP_TOKEN: troubled.appToken,
      SLACK_BOT_TOKEN: troubled.botToken,
    };
    const { code, stderr } = await run("start", [], {
      ...slack,
      DATA_DIR: await newDirectory(),
      HOSTS: "simulated",
    });
    await troubled.stop();
    expect(stderr).toMatch(/^SLACK_FAILED {2}The bot can't start\n• .*request_timeout.*\nFix: .+$/m);
    expect(code).toBe(1);
  });

  it("says why a WebSocket can't be reached, although Slack's API gave its address", async () => {
    const nowhere = await startWorkspace({
      port: 0,
      people,
      completions: [],
      notice: null,
      rates: null,
      outside: { sockets: "ws://127.0.0.1:65431" },
    });
    const { botToken, appToken, apiUrl } = nowhere;
    const slack = await opens({ botToken, appToken, apiUrl });
    const flow = {} as Parameters<typeof slack.start>[0];
    const record = { since: 0, take: async () => "new" as const };
    const homes = {} as Parameters<typeof slack.start>[2];
    await expect(slack.start(flow, record, homes)).rejects.toThrow(
      "Slack can't be used: connect ECONNREFUSED 127.0.0.1:65431",
    );
    await slack.stop();
    await nowhere.stop();
  });

  it("ends the program with 1 and one message", async () => {
    const DATA_DIR = await newDirectory();
    const env = { DATA_DIR, HOSTS: "simulated", SLACK_API_URL: workspace.apiUrl, SLACK_APP_TOKEN: workspace.appToken };
    const { code, stdout, stderr } = await run("start", [], { ...env, SLACK_BOT_TOKEN: "xoxb-wrong" });
    expect(stderr).toMatch(
      /^SLACK_FAILED {2}The bot can't start\n• SLACK_BOT_TOKEN is not accepted by Slack \(invalid_auth\)\nFix: .+\n$/,
    );
    expect({ code, stdout }).toEqual({ code: 1, stdout: "" });
  });
});

describe("while it runs", () => {
  it("the bot takes a command after its own mention, even if others are mentioned before", async () => {
    const bot = await botInSlack(workspace, {});
    await workspace.say({ person: alice, text: "@bob @zstack zone list", threadTs: null });
    const last = () => workspace.messagesIn("C0STORAGE").at(-1);
    const answer = await until(() => (last()?.author === alice ? undefined : last()), 10_000);
    expect(answer && textIn(answer)).toContain("1 zone");
    await bot.stop();
  });

  it("connections that Slack ends and refuses several times are opened again", async () => {
    const bot = await botInSlack(workspace, {});
    expect(workspace.connections()).toBe(2);
    workspace.faults.loseAnswers("apps.connections.open", 4);
    workspace.faults.dropConnection();
    workspace.faults.disconnect("refresh_requested");
    expect(await until(() => (workspace.connections() < 2 ? true : undefined), 5_000)).toBe(true);
    expect(await until(() => (workspace.connections() === 2 ? true : undefined), 20_000)).toBe(true);
    await bot.stop();
    expect(await until(() => (workspace.connections() === 0 ? true : undefined), 5_000)).toBe(true);
  });

  it("the log and the first of CHANNELS name another bot with the same tokens, if there is one", async () => {
    const said: string[] = [];
    const log = { ...quiet, info: (message: string) => void said.push(message) };
    const notice = () =>
      workspace.messagesIn("C0STORAGE").filter((each) => textIn(each).includes("Another bot is connected"));
    const first = await botInSlack(workspace, { channels: ["C0STORAGE"] }, log);
    expect(said.join()).not.toContain("more connections");
    const second = await botInSlack(workspace, { channels: ["C0STORAGE"] }, log);
    expect(said.join()).toMatch(/Slack counts more connections with these tokens than this bot has: \d more\./);
    expect(await until(() => notice()[0], 60_000)).toBeDefined();
    expect(notice().map(textIn).join()).toContain("Fix: stop the other bot, or give it a Slack app of its own.");
    expect(await until(() => (workspace.connections() === 4 ? true : undefined), 60_000)).toBe(true);
    await first.stop();
    await second.stop();
  }, 480_000);

  it("the log at the level debug shows what Slack says, without tokens, tickets and response URLs", async () => {
    const { botToken, appToken, apiUrl } = workspace;
    const slack = { SLACK_BOT_TOKEN: botToken, SLACK_APP_TOKEN: appToken, SLACK_API_URL: apiUrl, LOG_LEVEL: "debug" };
    const child = await started("start", [], {
      ...slack,
      HOSTS: "simulated",
      OPERATORS: alice,
      DATA_DIR: await newDirectory(),
    });
    const end = ended(child);
    let said = "";
    child.stdout.on("data", (chunk) => {
      said += chunk;
    });
    // A busy computer answers before it says so.
    expect(await until(() => (said.includes("Connected to Slack.") ? true : undefined), 120_000)).toBe(true);
    expect(await until(() => (workspace.connections() === 2 ? true : undefined), 20_000)).toBe(true);
    await workspace.say({ person: alice, text: "/zstack zone list", threadTs: null });
    const answered = () => workspace.messagesIn("C0STORAGE").find((message) => textIn(message).includes("ZONE-1"));
    expect(await until(answered, 10_000)).toBeDefined();
    await sleep(100);
    child.kill("SIGTERM");
    const { stdout, stderr } = await end;
    expect(stderr).toContain("/zstack");
    expect(stderr).toContain("response_url");
    expect(stdout).toBe("Connected to Slack.\n");
    const lines = stderr.split("\n");
    for (const secret of [
      botToken,
      appToken,
      botToken.slice(12),
      appToken.slice(16),
      /ticket=(?!\[secret\])/,
      /xox[a-z]-\w/,
      /hooks?[./]\w/,
      /\/(commands|actions)\/\w/,
    ]) {
      expect(lines.filter((line) => (typeof secret === "string" ? line.includes(secret) : secret.test(line)))).toEqual(
        [],
      );
    }
  });
});

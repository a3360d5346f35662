import { setTimeout as sleep } from "node:timers/promises";
import { LogLevel } from "@slack/bolt";
import { WebAPIHTTPError, WebAPIRequestError, WebClient } from "@slack/web-api";
import { z } from "zod";
import type { Log } from "../flow/ports.ts";
import { HELLO_LIMIT_MS } from "./connection.ts";
import { failureOf, fixOf, innermost, isName } from "./failure.ts";
import type { OwnWorkspace } from "./origin.ts";
import { persistently, realTime, SlackFailed } from "./persistence.ts";
import { saidToWait } from "./said-to-wait.ts";
import { slackCode } from "./slack-code.ts";
import { clientFetch, direct, type WayOut } from "./way-out.ts";

export interface Tokens {
  readonly botToken: string;
  readonly appToken: string;
  /** Slack's own, or that of the local workspace; ends in a slash. */
  readonly apiUrl: string;
  /** Straight out where nothing is said. */
  readonly wayOut?: WayOut;
}
/** Who the bot is in Slack. */
interface BotIdentity {
  readonly botId: string;
  readonly botUserId: string;
  readonly own: OwnWorkspace;
}

/** Enough for a name server that hiccups, and short enough for a person who waits at a terminal. */
const TRIES_MS = 5_000;
const ONCE = { retryConfig: { retries: 0 }, rejectRateLimitedCalls: true, timeout: 10_000 };
const identitySchema = z.object({
  bot_id: z.string(),
  user_id: z.string(),
  team_id: z.string(),
  enterprise_id: z.string().nullish(),
  url: z.string().default("https://slack.com/"),
});

/** Tries both tokens before anything else is opened. Rejects with the variable to mend, and how. */
export function checkTokens(tokens: Tokens, log: Pick<Log, "info">): Promise<BotIdentity> {
  return saidToWait("Slack's answer", log, Promise.race([checked(tokens), tooLate(tokens)]));
}

async function tooLate({ apiUrl, wayOut = direct }: Tokens): Promise<never> {
  await sleep(HELLO_LIMIT_MS, undefined, { ref: false });
  throw new Error(
    `SLACK_API_URL ${apiUrl}${wayOut.words} can't be reached: it did not answer within ${HELLO_LIMIT_MS / 1000} s`,
  );
}

async function checked({ botToken, appToken, apiUrl, wayOut = direct }: Tokens): Promise<BotIdentity> {
  const fetch = clientFetch(wayOut, apiUrl);
  const options = { slackApiUrl: apiUrl, fetch, ...ONCE, logLevel: LogLevel.ERROR };
  let variable: keyof typeof remedies = "SLACK_BOT_TOKEN";
  try {
    const { bot_id, user_id, team_id, enterprise_id, url } = identitySchema.parse(
      await tried(() => new WebClient(botToken, options).auth.test()),
    );
    variable = "SLACK_APP_TOKEN";
    await tried(() => new WebClient(appToken, options).apps.connections.open({}));
    const own = { teamId: team_id, enterpriseId: enterprise_id ?? null, url };
    return { botId: bot_id, botUserId: user_id, own };
  } catch (error) {
    throw new Error(whySlackFails(error, variable, `${apiUrl}${wayOut.words}`), { cause: error });
  }
}

/** What passes by itself is tried again; what it was in the end is told as it came. */
async function tried<T>(call: () => Promise<T>): Promise<T> {
  try {
    return await persistently(call, Date.now() + TRIES_MS, realTime);
  } catch (error) {
    throw error instanceof SlackFailed ? error.cause : error;
  }
}

const remedies = {
  SLACK_BOT_TOKEN: "copy it again from OAuth & Permissions, or reinstall the app",
  SLACK_APP_TOKEN: "copy it again from Basic Information > App-Level Tokens, with the scope connections:write",
};
/** Why a call with that token failed, in one sentence; what to mend first, where it is known. */
export function whySlackFails(error: unknown, variable: keyof typeof remedies, apiUrl: string): string {
  if (error instanceof WebAPIHTTPError)
    return `SLACK_API_URL ${apiUrl} answers with the HTTP status ${error.statusCode}`;
  if (error instanceof WebAPIRequestError) return `SLACK_API_URL ${apiUrl} can't be reached: ${innermost(error)}`;
  const code = slackCode(error);
  if (code === null) {
    const failure = failureOf(error);
    return failure.about === "moment" ? failure.what : `Slack can't be used: ${innermost(error)}`;
  }
  const failure = failureOf(error);
  if (failure.about === "token") return `${variable} is not accepted by Slack (${code}): ${remedies[variable]}`;
  if (failure.about === "access") return `Slack lets the app do nothing, it says ${code}. Fix: ${fixOf(failure)}`;
  // What isn't Slack answers with a page, which the client takes for the name of an error.
  if (!isName(code)) return `SLACK_API_URL ${apiUrl} does not answer as Slack's Web API does`;
  return `Slack can't be used now, it says ${code}. Try again later`;
}

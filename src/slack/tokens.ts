import { setTimeout as sleep } from "node:timers/promises";
import { LogLevel } from "@slack/bolt";
import { WebAPIHTTPError, WebAPIRequestError, WebClient } from "@slack/web-api";
import { z } from "zod";
import { Refusal, reason } from "../core/refusal.ts";
import type { Log } from "../flow/ports.ts";
import { HELLO_LIMIT_MS } from "./connection.ts";
import { failureOf, fixOf, innermost, isName } from "./failure.ts";
import { logWhileWaiting } from "./log-while-waiting.ts";
import type { OwnWorkspace } from "./origin.ts";
import { realTime, retryUntil, SlackFailed } from "./retry.ts";
import { slackCode } from "./slack-code.ts";
import { clientFetch, direct, type WayOut } from "./way-out.ts";

export interface Tokens {
  readonly botToken: string;
  readonly appToken: string;
  /** Slack's own address, or that of the local workspace; ends in a slash. */
  readonly apiUrl: string;
  /** Without it, connections are direct. */
  readonly wayOut?: WayOut;
}
/** Who the bot is in Slack. */
interface BotIdentity {
  readonly botId: string;
  readonly botUserId: string;
  readonly own: OwnWorkspace;
}

/** Long enough for a short failure of DNS, and short enough for a person who waits at a terminal. */
const TRIES_MS = 5_000;
const ONCE = { retryConfig: { retries: 0 }, rejectRateLimitedCalls: true, timeout: 10_000 };
const identitySchema = z.object({
  bot_id: z.string(),
  user_id: z.string(),
  team_id: z.string(),
  enterprise_id: z.string().nullish(),
  url: z.string().default("https://slack.com/"),
});

/** Checks both tokens before anything else is opened. Rejects with the wrong variable and its fix. */
export function checkTokens(tokens: Tokens, log: Pick<Log, "info">): Promise<BotIdentity> {
  return logWhileWaiting("Slack's answer", log, Promise.race([checked(tokens), tooLate(tokens)]));
}

async function tooLate({ apiUrl, wayOut = direct }: Tokens): Promise<never> {
  await sleep(HELLO_LIMIT_MS, undefined, { ref: false });
  const why = `SLACK_API_URL ${apiUrl}${wayOut.words} can't be reached: it did not answer within ${HELLO_LIMIT_MS / 1000} s`;
  throw cantStart({ why, fix: null });
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
    throw cantStart(slackProblem(error, variable, `${apiUrl}${wayOut.words}`));
  }
}

/** Tries again after a transient failure. Throws the last error unchanged. */
async function tried<T>(call: () => Promise<T>): Promise<T> {
  try {
    return await retryUntil(call, Date.now() + TRIES_MS, realTime);
  } catch (error) {
    throw error instanceof SlackFailed ? error.cause : error;
  }
}

const remedies = {
  SLACK_BOT_TOKEN: "copy it again from OAuth & Permissions, or reinstall the app",
  SLACK_APP_TOKEN: "copy it again from Basic Information > App-Level Tokens, with the scope connections:write",
};

/** Why Slack can't be used, and how a person can fix it; null if that is not known. */
export interface SlackProblem {
  readonly why: string;
  readonly fix: string | null;
}

/** The error that ends a start. */
export const cantStart = ({ why, fix }: SlackProblem): Refusal =>
  new Refusal(
    "The bot can't start",
    reason("SLACK_FAILED", why, fix ?? "make Slack reachable, then start the bot again"),
  );

/** In one sentence, for the log. */
export const problemText = ({ why, fix }: SlackProblem): string => (fix === null ? why : `${why}. Fix: ${fix}`);

/** Why a call with this token failed. */
export function slackProblem(error: unknown, variable: keyof typeof remedies, apiUrl: string): SlackProblem {
  const api = `SLACK_API_URL ${apiUrl}`;
  const failure = failureOf(error);
  if (error instanceof WebAPIHTTPError) return unfixed(`${api} answers with the HTTP status ${error.statusCode}`);
  if (error instanceof WebAPIRequestError) return unfixed(`${api} can't be reached: ${innermost(error)}`);
  const code = slackCode(error);
  if (code === null)
    return unfixed(failure.about === "moment" ? failure.what : `Slack can't be used: ${innermost(error)}`);
  if (failure.about === "token") {
    return { why: `${variable} is not accepted by Slack (${code})`, fix: remedies[variable] };
  }
  if (failure.about === "access") return { why: `Slack lets the app do nothing, it says ${code}`, fix: fixOf(failure) };
  // A server that is not Slack answers with a page. The client takes the page for the name of an error.
  if (!isName(code)) return unfixed(`${api} does not answer as Slack's Web API does`);
  return { why: `Slack can't be used now, it says ${code}`, fix: "try again later" };
}

/** A certificate error has its own advice at the end of its text. */
function unfixed(text: string): SlackProblem {
  const [why = text, fix = null] = text.split(". Fix: ");
  return { why, fix };
}

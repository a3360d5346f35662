import { setTimeout as sleep } from "node:timers/promises";
import { App, SocketModeReceiver } from "@slack/bolt";
import { WebAPIRateLimitedError, WebAPIRequestError, WebClient } from "@slack/web-api";
import type { Flow } from "../flow/flow.ts";
import type { HomeDesk, HomePort } from "../flow/home-desk.ts";
import type { Conversations, Log } from "../flow/ports.ts";
import { Admission } from "./admission.ts";
import { SlackChannels } from "./channel.ts";
import { Connection, HELLO_LIMIT_MS } from "./connection.ts";
import { hasNoCause } from "./failure.ts";
import { publishHome } from "./home.ts";
import { listen } from "./listeners.ts";
import { logWhileWaiting } from "./log-while-waiting.ts";
import { loggerFor } from "./logger.ts";
import { membershipIn } from "./membership.ts";
import { Connections } from "./others.ts";
import { SlackPeople } from "./people.ts";
import { Readers } from "./readers.ts";
import { ResponseUrls } from "./response-url.ts";
import { realTime, retryUntil } from "./retry.ts";
import { type EventRecord, Seen } from "./seen.ts";
import { cantStart, checkTokens, problemText, type SlackProblem, slackProblem, type Tokens } from "./tokens.ts";
import { clientFetch, direct } from "./way-out.ts";

interface SlackOptions extends Tokens {
  /** Channel ids in which commands are taken; empty: each channel where the bot is a member. */
  readonly channels: readonly string[];
  /** The bot's own channel, for answers to what is clicked in the Home. Absent if there is none. */
  readonly homeChannel?: string;
  /** Whether the log has the debug lines of Slack's libraries. */
  readonly debug: boolean;
  /** The time between two posts in a channel; Slack's own if it is absent. */
  readonly postIntervalMs?: number;
  readonly log: Log;
}
interface SlackApp {
  readonly conversations: Pick<Conversations, "at" | "inThread" | "withPerson">;
  /** Commands are taken from here on. */
  start(flow: Flow, record: EventRecord, homes: HomeDesk): Promise<void>;
  readonly homes: HomePort;
  /** Why Slack can't be reached, or takes no post in the channel; null: it can. Ends within 15 s. */
  whyAway(channelId: string): Promise<string | null>;
  /** Who people are, and in which user groups. */
  readonly people: SlackPeople;
  /** Other connections with the same tokens. */
  readonly connections: Pick<Connections, "others" | "othersAfterAll">;
  /** Of each of the bot's own connections. */
  connectionStates(): readonly Connection["state"][];
  stop(): Promise<void>;
}

/** How long the bot asks Slack again whether it is a member of a channel. */
const MEMBERSHIP_MS = 5_000;
/** While Slack renews one connection, the other one receives events. */
const CONNECTIONS = 2;
/** The bot itself decides what is tried again, when and for how long. So a client tries once. */
const ONCE = { retryConfig: { retries: 0 }, rejectRateLimitedCalls: true, timeout: 15_000 };

/**
 * The bot in Slack: events go to the flow, answers come back as blocks. Rejects if Slack refuses a token or is
 * unreachable.
 */
export async function openSlack(options: SlackOptions): Promise<SlackApp> {
  const { apiUrl, channels: allowed, log, wayOut = direct } = options;
  // Bolt would check the token in its constructor, where its error can't be caught.
  const { own, ...identity } = await checkTokens(options, log);
  const logger = loggerFor(log, options.debug);
  const clientOptions = { slackApiUrl: apiUrl, fetch: clientFetch(wayOut, apiUrl), ...ONCE, logger };
  const verified = { token: options.botToken, ...identity, tokenVerificationEnabled: false };
  const app = new App({
    ...verified,
    receiver: noReceiver,
    logger,
    extendedErrorHandler: true,
    clientOptions: { ...clientOptions },
  });
  const client = new WebClient(options.botToken, { ...clientOptions });
  const channels = new SlackChannels(client, log, realTime, options.postIntervalMs);
  const why = (error: unknown) => {
    const cause = hasNoCause(error) ? (wayOut.socketTrouble() ?? error) : error;
    return slackProblem(cause, "SLACK_APP_TOKEN", `${apiUrl}${wayOut.words}`);
  };
  const readers = new Readers(client, allowed);
  const counted = new Connections(CONNECTIONS);
  const newReceiver = () => {
    const receiver = receiverFor(options);
    receiver.init(app);
    counted.listen(receiver);
    return receiver;
  };
  const connections = Array.from(
    { length: CONNECTIONS },
    () => new Connection(newReceiver, (error) => problemText(why(error)), log),
  );
  return {
    conversations: channels,
    people: new SlackPeople(client, channels.names, own),
    connections: counted,
    connectionStates: () => connections.map(({ state }) => state),
    homes: {
      publish: (person, home, buttonsOf) => publishHome(client, person, home, buttonsOf, own),
      whyNoReader: (person) => readers.whyNot(person),
    },
    async whyAway(channelId) {
      try {
        await client.auth.test();
      } catch (error) {
        if (!(error instanceof WebAPIRateLimitedError))
          return slackProblem(error, "SLACK_BOT_TOKEN", `${apiUrl}${wayOut.words}`).why;
      }
      return channels.whyNoPost(channelId);
    },
    async start(flow, record, homes) {
      const info = (channel: string) => client.conversations.info({ channel });
      const admission = new Admission(allowed, async (channel) =>
        membershipIn(await retryUntil(() => info(channel), Date.now() + MEMBERSHIP_MS, realTime)),
      );
      const responseUrls = new ResponseUrls();
      listen(app, flow, homes, {
        client,
        fetch: wayOut.fetch,
        channels,
        responseUrls,
        admission,
        seen: new Seen(record),
        own,
        log,
        homeChannel: options.homeChannel ?? null,
      });
      await firstOpened(connections, why, log);
    },
    async stop() {
      await Promise.all(connections.map((connection) => connection.close()));
    },
  };
}

/** Not used: each connection brings its own receivers. */
const noReceiver = { init: () => undefined, start: async () => undefined, stop: async () => undefined };

/** How long the start waits for the second connection after the first one is open. */
const OTHER_MS = 2_000;

/** One open connection is enough to start. The other one is tried again later. Rejects with a sentence if none opens. */
async function firstOpened(
  connections: readonly Connection[],
  why: (error: unknown) => SlackProblem,
  log: Log,
): Promise<void> {
  const opening = connections.map((connection) => connection.open().catch((error) => openAgain(error, connection)));
  try {
    await logWhileWaiting("Slack's hello", log, Promise.any(opening));
  } catch (error) {
    throw cantStart(why(error instanceof AggregateError ? error.errors[0] : error));
  }
  const others = opening.map((opened, index) =>
    opened.catch((error) => {
      log.info(
        `one of ${connections.length} connections to Slack is not open, it is tried again: ${problemText(why(error))}`,
      );
      void connections[index]?.keepTrying();
    }),
  );
  await Promise.race([Promise.all(others), sleep(OTHER_MS, undefined, { ref: false })]);
}

/** A kept-open HTTP connection may break when it is used again. One such error must not end the start. */
const openAgain = (error: unknown, connection: Connection): Promise<void> =>
  error instanceof WebAPIRequestError ? connection.open() : Promise.reject(error);

/** Each receiver has its own options: the socket client writes its defaults into them. */
function receiverFor({ appToken, apiUrl, debug, log, wayOut = direct }: SlackOptions): SocketModeReceiver {
  // `Connection` reports the errors of a connection.
  const quiet = { info: () => undefined };
  const fetch = clientFetch(wayOut, apiUrl);
  const clientOptions = { slackApiUrl: apiUrl, fetch, retryConfig: { retries: 0 }, timeout: HELLO_LIMIT_MS };
  return new SocketModeReceiver({
    appToken,
    ...wayOut.socketOptions(),
    logger: loggerFor(debug ? log : quiet, debug),
    autoReconnectEnabled: false,
    installerOptions: { clientOptions },
  });
}

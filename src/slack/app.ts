import { setTimeout as sleep } from "node:timers/promises";
import { App, SocketModeReceiver } from "@slack/bolt";
import { WebAPIRequestError, WebClient } from "@slack/web-api";
import { z } from "zod";
import type { Flow } from "../flow/flow.ts";
import type { Conversations, Log } from "../flow/ports.ts";
import { Admission, type Membership } from "./admission.ts";
import { SlackChannels } from "./channel.ts";
import { Connection, HELLO_LIMIT_MS } from "./connection.ts";
import { isWordless } from "./failure.ts";
import { listen } from "./listeners.ts";
import { loggerFor } from "./logger.ts";
import { Connections } from "./others.ts";
import { persistently, realTime } from "./persistence.ts";
import { ResponseUrls } from "./response-url.ts";
import { saidToWait } from "./said-to-wait.ts";
import { type EventRecord, Seen } from "./seen.ts";
import { cantStart, checkTokens, problemText, type SlackProblem, slackProblem, type Tokens } from "./tokens.ts";
import { clientFetch, direct } from "./way-out.ts";

interface SlackOptions extends Tokens {
  /** Channel ids where commands are taken; empty: where the bot is a member. */
  readonly channels: readonly string[];
  /** Whether the log has what Slack's libraries do. */
  readonly debug: boolean;
  readonly log: Log;
}
interface SlackApp {
  readonly conversations: Pick<Conversations, "at" | "withPerson">;
  /** From here on commands come in. */
  start(flow: Flow, record: EventRecord): Promise<void>;
  /** Connections with the same tokens, of whom it is not known. */
  readonly connections: Pick<Connections, "others" | "othersAfterAll">;
  stop(): Promise<void>;
}

/** How long Slack is asked again whether the bot is a member of a channel. */
const MEMBERSHIP_MS = 5_000;
/** While one connection is being refreshed the other one hears. */
const CONNECTIONS = 2;
/** The bot itself decides what is tried again, when and for how long: a client tries once. */
const ONCE = { retryConfig: { retries: 0 }, rejectRateLimitedCalls: true, timeout: 15_000 };

/** The bot in Slack: gestures go to the flow, answers come back as blocks. Rejects where Slack takes no token or is away. */
export async function openSlack(options: SlackOptions): Promise<SlackApp> {
  const { apiUrl, channels: allowed, log, wayOut = direct } = options;
  // Bolt would try the token in its constructor, where nobody can catch what comes of it.
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
  const channels = new SlackChannels(client, log);
  const why = (error: unknown) => {
    const cause = isWordless(error) ? (wayOut.socketTrouble() ?? error) : error;
    return slackProblem(cause, "SLACK_APP_TOKEN", `${apiUrl}${wayOut.words}`);
  };
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
    connections: counted,
    async start(flow, record) {
      const info = (channel: string) => client.conversations.info({ channel });
      const admission = new Admission(allowed, async (channel) =>
        membershipIn(await persistently(() => info(channel), Date.now() + MEMBERSHIP_MS, realTime)),
      );
      const responseUrls = new ResponseUrls();
      listen(app, flow, {
        client,
        fetch: wayOut.fetch,
        channels,
        responseUrls,
        admission,
        seen: new Seen(record),
        own,
        log,
      });
      await firstOpened(connections, why, log);
    },
    async stop() {
      await Promise.all(connections.map((connection) => connection.close()));
    },
  };
}

const channelSchema = z.object({
  channel: z.object({
    is_member: z.boolean().optional(),
    is_im: z.boolean().optional(),
    is_mpim: z.boolean().optional(),
  }),
});
function membershipIn(info: unknown): Membership {
  const { is_member, is_im, is_mpim } = channelSchema.parse(info).channel;
  return is_im || is_mpim ? "direct" : is_member ? "member" : "none";
}

/** The app's own; each connection brings its receivers. */
const noReceiver = { init: () => undefined, start: async () => undefined, stop: async () => undefined };

/** How long a start that hears already waits for the other connection. */
const OTHER_MS = 2_000;

/** One that hears is enough to begin; the other is tried again meanwhile. Rejects with a sentence if none hears. */
async function firstOpened(
  connections: readonly Connection[],
  why: (error: unknown) => SlackProblem,
  log: Log,
): Promise<void> {
  const opening = connections.map((connection) => connection.open().catch((error) => onceMore(error, connection)));
  try {
    await saidToWait("Slack's hello", log, Promise.any(opening));
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

/** A connection that was kept open may break just as it is used again. That is no reason to end a start. */
const onceMore = (error: unknown, connection: Connection): Promise<void> =>
  error instanceof WebAPIRequestError ? connection.open() : Promise.reject(error);

/** Each gets options of its own: the socket client writes its defaults into what it is given. */
function receiverFor({ appToken, apiUrl, debug, log, wayOut = direct }: SlackOptions): SocketModeReceiver {
  // What goes wrong with a connection is told by `Connection`.
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

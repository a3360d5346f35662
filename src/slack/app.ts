import { App, LogLevel, SocketModeReceiver } from "@slack/bolt";
import { WebClient } from "@slack/web-api";
import type { Flow } from "../flow/flow.ts";
import type { Conversations, Log } from "../flow/ports.ts";
import { SlackChannels } from "./channel.ts";
import { listen } from "./listeners.ts";

export interface SlackOptions {
  readonly botToken: string;
  readonly appToken: string;
  /** Slack's own, or that of the local workspace; ends in a slash. */
  readonly apiUrl: string;
  /** Channel ids where commands are taken; empty: everywhere. */
  readonly channels: readonly string[];
  readonly debug: boolean;
  readonly log: Log;
}
export interface SlackApp {
  readonly conversations: Conversations;
  /** From here on commands come in. */
  start(flow: Flow): Promise<void>;
  stop(): Promise<void>;
}

/** A connection is deaf for 5 to 12 s when Slack refreshes it; with two, the other one hears. */
const RECEIVERS = 2;
const RETRIES = { retries: 5, minTimeout: 500, maxTimeout: 10_000, factor: 2 };

/** The bot in Slack: gestures go to the flow, answers come back as blocks. */
export function openSlack(options: SlackOptions): SlackApp {
  const clientOptions = { slackApiUrl: options.apiUrl, retryConfig: RETRIES, timeout: 30_000 };
  const logLevel = options.debug ? LogLevel.DEBUG : LogLevel.WARN;
  // Each receiver gets options of its own: the socket client writes its defaults into what it is given.
  const receivers = Array.from(
    { length: RECEIVERS },
    () =>
      new SocketModeReceiver({
        appToken: options.appToken,
        logLevel,
        installerOptions: { clientOptions: { ...clientOptions } },
      }),
  );
  const [first, ...others] = receivers;
  if (first === undefined) throw new Error("at least one receiver is needed");
  const app = new App({ token: options.botToken, receiver: first, logLevel, clientOptions: { ...clientOptions } });
  const hasty = new WebClient(options.botToken, {
    ...clientOptions,
    logLevel,
    retryConfig: { retries: 0 },
    rejectRateLimitedCalls: true,
  });
  const channels = new SlackChannels({ patient: app.client, hasty }, options.log);
  return {
    conversations: channels,
    async start(flow) {
      listen(app, flow, { channels, allowed: options.channels, log: options.log });
      for (const receiver of others) receiver.init(app);
      await Promise.all(receivers.map((receiver) => receiver.start()));
    },
    async stop() {
      await Promise.all(receivers.map((receiver) => receiver.stop()));
    },
  };
}

import type { Clock } from "../../flow/ports.ts";
import type {
  Choose,
  Click,
  Completion,
  OpenHome,
  PageEvent,
  PageMessage,
  PageState,
  Person,
  Say,
  Submit,
  Suggest,
  SuggestAnswer,
} from "../page-protocol.ts";
import { suggestAnswerSchema } from "../page-protocol.ts";
import { click } from "./click.ts";
import { type Account, type ChannelInfo, newDirectory, type UserGroup } from "./directory.ts";
import { EventDelivery } from "./event-delivery.ts";
import { Homes } from "./homes.ts";
import { newKey } from "./key.ts";
import { choose, suggest } from "./menu.ts";
import { Messages } from "./messages.ts";
import { openHome } from "./open-home.ts";
import { PageEvents } from "./page-events.ts";
import { PageRoutes } from "./page-routes.ts";
import type { SanToBreak } from "./page-san.ts";
import { RateLimits, type Rates, slackRates } from "./rate-limits.ts";
import { ResponseUrls } from "./response-urls.ts";
import { say } from "./say.ts";
import { listen } from "./server.ts";
import { SlackFaults } from "./slack-faults.ts";
import { type Delivery, type DisconnectReason, type Envelope, type EnvelopeSender, SocketMode } from "./socket-mode.ts";
import type { PageFiles } from "./static-page.ts";
import { close, submit } from "./submission.ts";
import { Triggers } from "./triggers.ts";
import { Uploads } from "./uploads.ts";
import { Views } from "./views.ts";
import { WebApi } from "./web-api.ts";
import type { Workspace } from "./workspace.ts";

/** How long Slack waits; tests wait less. */
interface Timings {
  readonly ackMs: number;
  readonly triggerMs: number;
  readonly responseUrlMs: number;
  /** The waits before an event without an ack is delivered again. */
  readonly redeliveryMs: readonly number[];
}
const slackTimings: Timings = {
  ackMs: 3_000,
  triggerMs: 3_000,
  responseUrlMs: 30 * 60_000,
  redeliveryMs: [1_000, 60_000, 5 * 60_000],
};

export interface WorkspaceOptions {
  /** 0 takes a free one. */
  readonly port: number;
  readonly people: readonly Person[];
  readonly completions: readonly Completion[];
  readonly notice: string | null;
  readonly slashCommand?: string;
  readonly page?: PageFiles;
  /** The addresses for apps if there is a proxy in front: the origins of its API and of its WebSockets. */
  readonly outside?: { readonly api?: string; readonly sockets?: string };
  readonly clock?: Clock;
  readonly timings?: Partial<Timings>;
  /** Slack's own by default; null for none. */
  readonly rates?: Rates | null;
}

export interface LocalWorkspace {
  /** The address of the page, with the key that all of the workspace requires. */
  readonly url: string;
  readonly apiUrl: string;
  readonly botToken: string;
  readonly appToken: string;
  /** It has Slack's limits of calls. */
  readonly isRateLimited: boolean;
  /** The first is the page's; in the second the bot is no member. */
  readonly channels: readonly ChannelInfo[];
  state(): PageState;
  messagesIn(channel: string): PageMessage[];
  /** How many Socket Mode connections the app has. */
  connections(): number;
  /** Actions of people. Each resolves when the app has acked it, or can no longer ack it. */
  say(say: Say & { readonly channel?: string }): Promise<void>;
  openHome(home: OpenHome): Promise<void>;
  click(click: Click): Promise<void>;
  submit(submit: Submit): Promise<{ errors: Record<string, string> }>;
  /** Opens a menu of a modal, or types in it; returns its options. */
  suggest(menu: Suggest): Promise<SuggestAnswer>;
  /** Chooses in an input for which the app gets events. */
  choose(chosen: Choose): Promise<void>;
  close(close: { person: string; viewId: string }): Promise<void>;
  subscribe(listener: (event: PageEvent) => void): () => void;
  /** From now on the page has a panel to break this SAN. `hint`: when the bot reports what was broken. */
  offerSan(san: SanToBreak, hint?: string): void;
  readonly faults: Faults;
  /** Slack's faulty answers, by method and count. */
  readonly slackFaults: SlackFaults;
  /** Removes or invites the bot, or archives or restores the channel. The bot gets no event about it. */
  changeChannel(id: string, patch: Partial<Omit<ChannelInfo, "id">>): void;
  /** A person becomes a guest, or is deactivated. The bot gets no event about it. */
  changeAccount(person: string, patch: Partial<Account>): void;
  readonly userGroups: readonly UserGroup[];
  changeUserGroup(id: string, users: readonly string[]): void;
  stop(): Promise<void>;
}

/** Occasional faults of Slack, on request. */
interface Faults {
  redeliverNext(): void;
  /** From now on this function receives every envelope before the app. */
  deliverBy(courier: EnvelopeSender): void;
  /** The envelopes that the app got, the latest last. Also sends other ones, or sends one again. */
  sent(): readonly Envelope[];
  deliver(envelope: Envelope): Promise<Delivery>;
  /** Envelopes go only to connections with such numbers, in the order in which they were made, from 1. */
  onlyTo(isChosen: (number: number) => boolean): void;
  dropConnection(): void;
  disconnect(reason: DisconnectReason): void;
  /** Every connection stays open and is silent from then on. */
  freeze(): void;
  throttle(method: string, retryAfterS: number, times: number): void;
  /** Uploaded files are scanned, and shared after the scan. */
  scanFiles(isEnded: boolean): void;
  /** A message is gone, as if an admin had deleted it. */
  deleteMessage(channel: string, ts: string): void;
  loseAnswers(method: string, times: number): void;
}

/** Starts a workspace on loopback that behaves like Slack for an app. */
export async function startWorkspace(options: WorkspaceOptions): Promise<LocalWorkspace> {
  const key = newKey();
  let address = "";
  const { api, sockets } = options.outside ?? {};
  const workspace = newWorkspace(options, {
    address: () => (api === undefined ? address : `${api}/${key}`),
    socketAddress: () => (sockets === undefined ? address.replace("http:", "ws:") : `${sockets}/${key}`),
  });
  const { directory, socketMode, slackFaults } = workspace;
  const limits = new RateLimits(options.rates === undefined ? slackRates : options.rates, workspace.clock);
  const webApi = new WebApi(workspace, limits);
  const pageRoutes = new PageRoutes(workspace, { completions: options.completions, notice: options.notice });
  const hangUp = async () => {
    workspace.events.stop();
    slackFaults.stop();
    pageRoutes.stop();
    await socketMode.stop();
  };
  const ends = { key, workspace, webApi, pageRoutes, page: options.page ?? null };
  const { server, port } = await listen(options.port, ends).catch(async (error: unknown) => {
    await hangUp();
    throw error;
  });
  address = `http://127.0.0.1:${port}/${key}`;
  return {
    url: `${address}/`,
    apiUrl: `${workspace.address()}/api/`,
    botToken: directory.botToken,
    appToken: directory.appToken,
    isRateLimited: options.rates !== null,
    get channels() {
      return directory.channels;
    },
    state: () => pageRoutes.state(),
    messagesIn: (channel) => workspace.messages.in(channel),
    connections: () => socketMode.connections,
    say: (words) => say(workspace, words),
    openHome: (home) => openHome(workspace, home),
    click: (button) => click(workspace, button),
    submit: (form) => submit(workspace, form),
    suggest: async (menu) => suggestAnswerSchema.parse(await suggest(workspace, menu)),
    choose: (chosen) => choose(workspace, chosen),
    close: (view) => close(workspace, view),
    subscribe: (listener) => workspace.pageEvents.subscribe(listener),
    offerSan: (san, hint) => pageRoutes.offerSan(san, hint ?? null),
    faults: {
      redeliverNext: () => socketMode.redeliverNext(),
      deliverBy: (courier) => socketMode.deliverBy(courier),
      sent: () => socketMode.sent,
      deliver: (envelope) => socketMode.deliver(envelope),
      onlyTo: (isChosen) => socketMode.onlyTo(isChosen),
      dropConnection: () => socketMode.drop(),
      disconnect: (reason) => socketMode.disconnect(reason),
      freeze: () => socketMode.freeze(),
      scanFiles: (isEnded) => workspace.uploads.scan(isEnded),
      deleteMessage: (channel, ts) => {
        const message = workspace.messages.find(channel, ts);
        if (message !== null) workspace.messages.remove(message);
      },
      throttle: (method, retryAfterS, times) => {
        slackFaults.well(method);
        slackFaults.calls(method, { answer: { kind: "ratelimited", retryAfterS }, times });
      },
      loseAnswers: (method, times) => {
        slackFaults.well(method);
        slackFaults.calls(method, { answer: { kind: "broken" }, effect: "after", times });
      },
    },
    slackFaults,
    changeChannel: (id, patch) => directory.changeChannel(id, patch),
    changeAccount: (person, patch) => directory.changeAccount(person, patch),
    get userGroups() {
      return directory.userGroups;
    },
    changeUserGroup: (id, users) => directory.changeUserGroup(id, users),
    stop: async () => {
      // First no new connections, so that no app reconnects while the others close.
      const closed = new Promise<void>((resolve) => server.close(() => resolve()));
      await hangUp();
      server.closeAllConnections();
      await closed;
    },
  };
}

function newWorkspace(options: WorkspaceOptions, addresses: Pick<Workspace, "address" | "socketAddress">): Workspace {
  const timings = { ...slackTimings, ...options.timings };
  const clock = options.clock ?? { now: () => new Date() };
  const directory = newDirectory(options.people);
  const pageEvents = new PageEvents();
  const messages = new Messages(directory, pageEvents, clock);
  const slackFaults = new SlackFaults();
  const socketMode = new SocketMode(directory.appId, timings.ackMs, slackFaults);
  return {
    directory,
    slackFaults,
    clock,
    messages,
    views: new Views(pageEvents),
    homes: new Homes(pageEvents),
    uploads: new Uploads(),
    triggers: new Triggers(clock, timings.triggerMs),
    responseUrls: new ResponseUrls(directory, messages, clock, timings.responseUrlMs),
    socketMode,
    events: new EventDelivery(directory, socketMode, clock, timings.redeliveryMs),
    pageEvents,
    slashCommand: options.slashCommand ?? "/zstack",
    ...addresses,
  };
}

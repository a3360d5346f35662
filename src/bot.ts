import packageJson from "../package.json" with { type: "json" };
import { OPERATORS_NOTICE } from "./access/role-replies.ts";
import { commands, isChange } from "./all-commands.ts";
import type { Config } from "./config.ts";
import { AuditPosts } from "./flow/audit-posts.ts";
import { DailyReport, type KeptReport } from "./flow/daily-report.ts";
import { factsFor } from "./flow/facts.ts";
import { createFlow, type Flow } from "./flow/flow.ts";
import { HomeDesk, type HomePort } from "./flow/home-desk.ts";
import type { Channel, InventoryStore, Log } from "./flow/ports.ts";
import { WatchDesk } from "./flow/watch-desk.ts";
import { watchNotice } from "./flow/watch-notice.ts";
import { type Forwarding, forwardingOf } from "./forwarding-of-bot.ts";
import { limitHeapGrowth } from "./heap-growth.ts";
import { Counters } from "./monitoring/metrics.ts";
import { countingEnds, type Monitoring } from "./monitoring/monitoring.ts";
import { monitoringOf, reporting } from "./monitoring-of-bot.ts";
import { openSlack } from "./slack/app.ts";
import { reportOtherBots } from "./slack/other-bots.ts";
import { placeOf } from "./slack/place.ts";
import { throughProxy } from "./slack/way-out.ts";
import { terminalPerson } from "./terminal/person.ts";
import { placesOf } from "./terminal/places.ts";
import type { TerminalGlass } from "./terminal/session.ts";
import { openTerminalSocket } from "./terminal/socket.ts";
import { nobodyOnCall } from "./watch/on-call.ts";
import { shiftReportReply } from "./watch/shift-report.ts";
import type { LocalWorkspace } from "./workspace/server/local-workspace.ts";
import { type OpenWorld, openWorld } from "./world.ts";

export { commands };

export interface Bot {
  readonly flow: Flow;
  readonly world: OpenWorld;
  /** null: it is not set. */
  readonly monitoring: Monitoring | null;
  stop(): Promise<void>;
}

/**
 * Connects the parts of the bot: world, flow, and Slack or the local workspace. First it reports what the last run
 * left.
 */
export async function startBot(config: Config, workspace: LocalWorkspace | null, log: Log): Promise<Bot> {
  if (config.watch) limitHeapGrowth();
  const tokens = config.slack ?? workspace;
  if (tokens === null) throw new Error("without tokens of Slack a local workspace is needed");
  const channels = config.slack === null ? [] : config.channels;
  const reportChannel = config.slack === null ? workspace?.channels[0]?.id : config.channels[0];
  const homeChannel = reportChannel ?? config.watch?.channel ?? null;
  const slack = await openSlack({
    ...tokens,
    ...(homeChannel !== null && { homeChannel }),
    ...(config.proxy && { wayOut: throughProxy(config.proxy) }),
    channels,
    ...(config.slack === null && workspace?.isRateLimited === false && { postIntervalMs: 0 }),
    debug: config.logLevel === "debug",
    log,
  });
  const channelOf = (id: string | undefined) => (id === undefined ? null : slack.conversations.at(placeOf(id)));
  const channel = channelOf(reportChannel);
  const incidentChannel = channelOf(config.watch?.channel ?? reportChannel);
  const world = await openWorld(
    config,
    placesOf(slack.conversations, log, () => channel),
    log,
    slack.people,
  );
  let monitoring: Monitoring | null = null;
  let watch: WatchDesk | null = null;
  let forwarding: Forwarding | null = null;
  try {
    const counters = config.monitoring === undefined ? null : new Counters(packageJson.version);
    const flow = createFlow(commands, {
      ...world,
      whyNoReader: slack.homes.whyNoReader,
      ...(counters && { operations: countingEnds(world.operations, counters) }),
      inventory: followed(world.inventory, () => watch?.followInventory()),
    });
    watch = watchOf(config, world, flow, incidentChannel, () => monitoring?.changed());
    world.joinedBy(watch);
    const homes = homesOf(world, flow, watch, slack.homes);
    forwarding = await forwardingOf(config, world, channel);
    const forwards = () => forwarding?.waiting() ?? [];
    if (counters !== null) monitoring = await monitoringOf(config, world, slack, watch, counters, forwards);
    if (config.operators.length > 0) log.info(OPERATORS_NOTICE);
    await flow.recover();
    await slack.start(flow, world.eventRecord, homes);
    homes.start();
    reportOtherBots(slack.connections, channel, log).catch((error) => log.error("reporting another bot", error));
    const terminalSocket = await openTerminalSocket(
      config.dataDirectory,
      { flow, san: world.san, channel, glass: glassOf(channel, slack), isChange, by: terminalPerson() },
      log,
    );
    watch?.start();
    if (watch !== null) sayNotice(world, incidentChannel && flow.conversations.at(incidentChannel.place));
    const daily = dailyOf(config, world, incidentChannel && flow.conversations.at(incidentChannel.place));
    if (watch !== null) daily?.start();
    const proofs = proofsOf(config, world, channel && flow.conversations.at(channel.place));
    proofs?.start();
    const stop = async () => {
      daily?.stop();
      proofs?.stop();
      await monitoring?.stop();
      await watch?.stop();
      await homes.stop();
      await terminalSocket.close();
      await slack.stop();
      await flow.stop();
      await forwarding?.stop();
      await world.close();
    };
    return { flow, world, monitoring, stop };
  } catch (error) {
    await monitoring?.stop();
    await slack.stop();
    await forwarding?.stop();
    await world.close();
    throw error;
  }
}

/** A terminal does without the channel only if Slack can't be reached. */
function glassOf(channel: Channel | null, slack: Awaited<ReturnType<typeof openSlack>>): TerminalGlass | null {
  const channelId = channel?.channelId;
  return channelId === undefined ? null : { channelId, whyAway: () => slack.whyAway(channelId) };
}

/** `changed` is called after each change of the inventory. */
const followed = (store: InventoryStore, changed: () => void): InventoryStore => ({
  ...store,
  async apply(changes) {
    await store.apply(changes);
    changed();
  },
});

/** After an operation its hosts need some time to settle: what shows then is its own effect. */
const SETTLE_MS = 30_000;

function watchOf(
  { watch }: Config,
  world: OpenWorld,
  flow: Flow,
  channel: Channel | null,
  changed: () => void,
): WatchDesk | null {
  if (watch === null) return null;
  const changing = (names: readonly string[]) => flow.changing(names, SETTLE_MS);
  const { conversations } = flow;
  const shown = channel && conversations.at(channel.place);
  const { settings, onCall = nobodyOnCall } = watch;
  const stores = { store: reporting(world.watchStore, changed), history: world.historyStore };
  return new WatchDesk({ world, onCall, conversations, ...stores, settings, channel: shown, changing });
}

/** Nobody reads the log of a bot that seems to work. */
function sayNotice({ watchStore: { notice }, log }: OpenWorld, channel: Channel | null): void {
  if (notice === null || channel === null) return;
  channel
    .say({ reply: watchNotice(notice) })
    .catch((error) => log.error("posting that a file of the watch was damaged", error));
}

function dailyOf({ watch }: Config, world: OpenWorld, channel: Channel | null): DailyReport | null {
  const at = watch?.shiftReportAt ?? null;
  if (at === null || channel === null) return null;
  const { watchStore: store, clock, log, buttonKey: key } = world;
  const report = () => {
    const asked = { words: "shift report since=24h", by: "bot", askedAt: clock.now().toISOString() };
    return shiftReportReply({ since: "24h" }, factsFor(asked, world));
  };
  const kept = {
    read: () => store.desk().shiftReport,
    keep: (shiftReport: KeptReport | undefined) => store.update((desk) => [{ ...desk, shiftReport }, undefined]),
  };
  return new DailyReport({ what: "shift report", at, channel, kept, clock, log, key, report });
}

/** The time at which people begin to read, if no other is set. */
const HEAD_AT = "08:00";

/** A local workspace is the bot's own: what it shows proves nothing. */
function proofsOf({ watch, slack }: Config, world: OpenWorld, channel: Channel | null): AuditPosts | null {
  const { audit, auditPosts: kept, clock, log, buttonKey: key } = world;
  return channel === null || slack === null
    ? null
    : new AuditPosts({ audit, at: watch?.shiftReportAt ?? HEAD_AT, channel, kept, clock, log, key });
}

/** The Home shows unfinished operations; finished ones are in the list of operations. */
const OPERATIONS_READ = 1_000;

function homesOf(world: OpenWorld, flow: Flow, watch: WatchDesk | null, port: HomePort): HomeDesk {
  const { inventory, operations, reviews, freezes, observations, clock, log, permission, openedHomes: kept } = world;
  const facts = () => ({
    inventory: inventory.current(),
    operations: operations.latest(OPERATIONS_READ),
    reviews: reviews.all(),
    runs: flow.runs(),
    freezes: freezes.current(),
    observations,
    watch,
    nowMs: clock.now().getTime(),
  });
  return new HomeDesk({ facts, buttonsOf: flow.buttonsOf, permission, port, kept, clock, log });
}

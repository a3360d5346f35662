import { mkdir } from "node:fs/promises";
import { setTimeout as sleep } from "node:timers/promises";
import { holdingsOf } from "./access/holdings.ts";
import { localAdmins, localGrants } from "./access/local-roles.ts";
import { People, type PeopleSource } from "./access/people.ts";
import { Permission } from "./access/permission.ts";
import { nobodyYet } from "./access/refusals.ts";
import { type Config, configError } from "./config.ts";
import { type OperatorError, operatorError, Refusal, reason } from "./core/refusal.ts";
import { noHistory } from "./core/track-history.ts";
import type { KeptPosts } from "./flow/audit-posts.ts";
import { LastObservations } from "./flow/last-observations.ts";
import type { Conversations, Log, World } from "./flow/ports.ts";
import { firstInventory } from "./simulator/first-inventory.ts";
import { type SimulatedHosts, startSimulatedHosts } from "./simulator/simulated-hosts.ts";
import { SanWords } from "./simulator/words/san-words.ts";
import { identityOf } from "./ssh/keys.ts";
import { openSshHosts } from "./ssh/sessions.ts";
import { sshLogin } from "./ssh-login.ts";
import { bytesKnownTo } from "./store/audit-chain.ts";
import { type OpenAuditLog, openAuditLog } from "./store/audit-log.ts";
import { openAuditPosts } from "./store/audit-posts-store.ts";
import { type EventRecord, openEventRecord } from "./store/event-record.ts";
import { openFolder } from "./store/folder.ts";
import { openFreezeStore } from "./store/freeze-store.ts";
import { openHistoryStore } from "./store/history-store.ts";
import { openInventoryStore } from "./store/inventory-store.ts";
import { lockDirectory } from "./store/lock.ts";
import { type OpenedHomes, openOpenedHomes } from "./store/opened-homes.ts";
import { openOperationStore } from "./store/operation-store.ts";
import { openPoliciesStore } from "./store/policies-store.ts";
import { takeDataFolder } from "./store/private-files.ts";
import { openReviewStore } from "./store/review-store.ts";
import { openRolesStore } from "./store/roles-store.ts";
import { openWatchStore, type WatchStore } from "./store/watch-store.ts";
import type { HistoryStore } from "./watch/ports.ts";

/** A file of the audit log becomes older than AUDIT_DAYS at any time. */
const ARCHIVE_EVERY_MS = 6 * 3_600_000;

/** Another process uses the data folder. */
const inUse = (directory: string, pid: number): Refusal =>
  new Refusal(
    "The bot can't start",
    reason(
      "DATA_FOLDER_UNUSABLE",
      `the folder ${directory} is in use by the bot with process id ${pid}`,
      "stop that bot, or set DATA_DIR to another folder",
    ),
  );

const copiedFolder = (directory: string): string =>
  `The folder ${directory} was copied or restored since the bot last ran. The plans that waited for a click in it are not known any more. Fix: let only one bot use it, and send their commands again`;

export interface OpenWorld extends World {
  readonly audit: OpenAuditLog;
  readonly auditPosts: KeptPosts;
  /** The watch needs the flow, so it comes after the world is open. */
  joinedBy(watch: ReturnType<World["watch"]>): void;
  readonly watchStore: WatchStore;
  /** null: hosts are not watched. */
  readonly historyStore: HistoryStore | null;
  readonly openedHomes: OpenedHomes;
  readonly eventRecord: EventRecord;
  /** Null if the hosts are real. */
  readonly simulated: SimulatedHosts | null;
  /** Breaks the simulated SAN; null if the hosts are real. */
  readonly san: SanWords | null;
  close(): Promise<void>;
}

/** Slack, as far as it says who people are and where the bot is a member. */
type Asked = PeopleSource & Pick<World["access"], "membershipOf">;

/** Opens the data folder, for this process only, and the hosts. */
export async function openWorld(
  config: Config,
  conversations: Conversations,
  log: Log,
  people: Asked = nobodyToAsk,
): Promise<OpenWorld> {
  const directory = config.dataDirectory;
  const notice = await makeDirectory(directory);
  if (notice) log.info(notice);
  const lock = await lockDirectory(directory);
  if ("heldByPid" in lock) throw inUse(directory, lock.heldByPid);
  try {
    const inventory = await openInventoryStore(directory, () => audit.position());
    const folder = await openFolder(directory);
    if (folder.isCopied) log.info(copiedFolder(directory));
    const operations = await openOperationStore(directory, folder.isCopied);
    await folder.keep();
    const failed = (doing: string, error: unknown) => log.error(doing, error);
    const archiveDays = config.auditDays ?? null;
    const known = [bytesKnownTo(operations), inventory.auditKnown()] as const;
    const audit = await openAuditLog(directory, ...known, { archiveDays, failed });
    if (audit.notice) log.info(audit.notice);
    const freezes = await openFreezeStore(directory);
    const { damaged } = freezes.current();
    if (damaged !== null) log.info(`${damaged}. All clusters count as frozen. Fix: unfreeze all`);
    const watchStore = await openWatchStore(directory);
    if (watchStore.notice) log.info(watchStore.notice);
    const historyStore =
      config.watch === null
        ? null
        : await openHistoryStore(directory, { days: config.watch.historyDays ?? 90, failed });
    const auditPosts = await openAuditPosts(directory);
    const openedHomes = await openOpenedHomes(directory, (error) => failed("keeping who opened the Home", error));
    const eventRecord = await openEventRecord(directory);
    if (eventRecord.notice) log.info(eventRecord.notice);
    const { simulated, ...login } = await sanOf(config, log);
    if (simulated) await firstInventory(inventory, audit, simulated.hosts);
    const hosts = openSshHosts({ ...login, log });
    const clock = { now: () => new Date(), sleep };
    const isLocal = config.slack === null && config.hosts.kind === "simulated" && isWithoutRoles(config);
    const roles = await openRolesStore(directory, isLocal ? localGrants(clock.now()) : []);
    const policies = await openPoliciesStore(directory, {
      configured: config.policies ?? [],
      isLocal: config.slack === null && config.hosts.kind === "simulated",
    });
    const reviews = await openReviewStore(directory);
    if (policies.damage() !== null) log.info(`The strictest policy holds: ${policies.damage()}`);
    const { operators } = config;
    const admins = isLocal ? localAdmins : (config.admins ?? []);
    const holdings = () => holdingsOf({ admins, operators, grants: roles.grants() });
    const terminal = whyNoAdminAtTerminal(config) ?? "admin";
    const permission = new Permission({ holdings, terminal }, new People(people, () => clock.now().getTime()));
    const access: World["access"] = {
      ...roles,
      holdings,
      because: (person, needed) => permission.because(person, needed),
      whoIs: (id) => permission.whoIs(id),
      membershipOf: (channel) => people.membershipOf(channel),
      nameOf: (id) => people.nameOf(id),
      learnNames: (ids) => people.learnNames(ids),
      channelsServed: config.slack === null ? [] : config.channels,
    };
    const observations = new LastObservations(clock);
    let stopping = false;
    audit.archive();
    const archiving = setInterval(() => audit.archive(), ARCHIVE_EVERY_MS).unref();
    let watch: ReturnType<World["watch"]> = null;
    const isStopping = () => stopping;
    const close = async () => {
      stopping = true;
      clearInterval(archiving);
      await hosts.close();
      await simulated?.stop();
      await Promise.all([
        inventory.close(),
        operations.close(),
        audit.close(),
        auditPosts.close(),
        eventRecord.close(),
        watchStore.close(),
        freezes.close(),
        historyStore?.close(),
        openedHomes.close(),
        roles.close(),
        policies.close(),
        reviews.close(),
      ]);
      await lock.release();
    };
    const stores = { audit, inventory, operations, freezes, eventRecord };
    const { buttonKey } = folder;
    return {
      hosts,
      buttonKey,
      watchStore,
      historyStore,
      openedHomes,
      auditPosts,
      history: historyStore ?? noHistory,
      ...stores,
      conversations,
      clock,
      observations,
      log,
      permission,
      access,
      policies,
      reviews,
      isStopping,
      watch: () => watch,
      joinedBy: (desk) => {
        watch = desk;
      },
      simulated,
      san: simulated && new SanWords(simulated, () => inventory.current().primaryStorages.map(withGroup)),
      close,
    };
  } catch (error) {
    await lock.release();
    throw error;
  }
}

const withGroup = ({ name, uuid }: { readonly name: string; readonly uuid: string }) => ({ name, volumeGroup: uuid });

async function makeDirectory(directory: string): Promise<string | null> {
  try {
    await mkdir(directory, { recursive: true, mode: 0o700 });
  } catch (error) {
    throw configError(`DATA_DIR ${directory} must be a folder that the bot may write: ${messageOf(error)}`);
  }
  return takeDataFolder(directory);
}

async function sanOf({ hosts, dataDirectory: directory }: Config, log: Log) {
  if (hosts.kind === "ssh") return { simulated: null, ...(await sshLogin(hosts, log)) };
  const simulated = await startSimulatedHosts({ directory });
  return { simulated, identity: identityOf(simulated.privateKey) };
}

const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));

/** Nobody is named: then nobody changes anything, except in the local workspace with simulated hosts. */
const isWithoutRoles = ({ admins = [], operators }: Config): boolean => admins.length === 0 && operators.length === 0;

/** Without Slack a group has no members, and who types is at a terminal. */
const nobodyToAsk: Asked = {
  standingOf: async () => "member",
  membersOf: async () => ({ exists: false, members: new Set() }),
  membershipOf: async () => "member",
  nameOf: () => null,
  learnNames: async () => undefined,
};

/** A terminal is as trusted as the data folder, but its changes must be reported in a channel. */
function whyNoAdminAtTerminal(config: Config): OperatorError | null {
  const isLocal = config.slack === null;
  if (isWithoutRoles(config)) {
    return isLocal && config.hosts.kind === "simulated" ? null : nobodyYet("terminal:");
  }
  return isLocal || config.channels.length > 0
    ? null
    : operatorError(
        "Nothing can be changed from a terminal",
        reason("NO_CHANNEL", "changes are reported in the first channel of CHANNELS, and CHANNELS is empty"),
      );
}

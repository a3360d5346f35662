import { rmSync, statSync } from "node:fs";
import { cp, mkdir, readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { startBot } from "../../src/bot.ts";
import type { Config } from "../../src/config.ts";
import { fileSystem } from "../../src/simulator/san/content.ts";
import type { SanState } from "../../src/simulator/san/san-state.ts";
import type { Turn, WatchedRun } from "../../src/simulator/san/watch.ts";
import { type SimulatedHosts, startSimulatedHosts } from "../../src/simulator/simulated-hosts.ts";
import type { PageEvent, PageMessage } from "../../src/workspace/page-protocol.ts";
import { directMessages } from "../../src/workspace/server/directory.ts";
import { type LocalWorkspace, startWorkspace } from "../../src/workspace/server/local-workspace.ts";
import { BotChild, type BotFiles } from "./bot-child.ts";
import { alice, bob, type Cast, group, people } from "./cast.ts";
import { eventText } from "./event-text.ts";
import { Timeline } from "./timeline.ts";
import { waitsFor, within } from "./waits.ts";
import { isOfWatch } from "./watch-lines.ts";

/** Longer than any act of a story takes on a busy computer. */
const LONGEST_WAIT_MS = 1_200_000;
/** How long a process or a server may take to end. */
const ENDS_MS = 120_000;
/** How long the bot may take to start before the story. */
const BEGINS_MS = 300_000;

/** What meets programs before they run. The world itself keeps the record. */
export type Interference = (run: WatchedRun) => Promise<Turn | null>;

export interface WorldKind {
  readonly isWatched: boolean;
  readonly cast: Cast;
}

/**
 * Slack, the hosts and their SAN run in this process and outlive the bot. The bot runs in its own process, on its own
 * data folder.
 */
export class World {
  #formatted = 0;
  readonly timeline = new Timeline();
  readonly directory: string;
  readonly workspace: LocalWorkspace;
  readonly hosts: SimulatedHosts;
  readonly #files: BotFiles;
  readonly #cast: Cast;
  /** What earlier processes of the bot wrote on their terminals. */
  readonly #saidBefore: string[] = [];
  #bot: BotChild | null = null;
  /** Whether the bot watches the hosts. Incidents have a channel of their own, which no story reads. */
  readonly isWatched: boolean;
  /** The state of the SAN when the story began. */
  readonly sanBefore: SanState;
  /** The folder of the bot's data; another one for a foreign bot. */
  #folder: string | null = null;
  #aheadMs = 0;
  interferes: Interference = async () => null;

  private constructor(
    directory: string,
    workspace: LocalWorkspace,
    hosts: SimulatedHosts,
    files: BotFiles,
    { isWatched, cast }: WorldKind,
  ) {
    this.isWatched = isWatched;
    this.#cast = cast;
    this.sanBefore = structuredClone(hosts.san.state);
    this.directory = directory;
    this.workspace = workspace;
    this.hosts = hosts;
    this.#files = files;
    workspace.subscribe((event) => this.#hears(event));
  }

  /** `before` makes, without any fault, what exists when the story begins. */
  static async begin(
    directory: string,
    files: BotFiles,
    kind: WorldKind,
    before: (workspace: LocalWorkspace, portOfThird: number) => Promise<void>,
  ): Promise<World> {
    const data = join(directory, "data");
    const workspace = await prepared(data, before);
    let world: World | null = null;
    const auditBytes = new WeakMap<WatchedRun["argv"], number>();
    const hosts = await startSimulatedHosts({
      directory: data,
      watch: {
        async begins(run) {
          if (world === null || isMark(run.argv) || isOfWatch(run.line)) return null;
          auditBytes.set(run.argv, sizeOf(join(data, "audit.jsonl")));
          world.timeline.stir();
          return world.interferes(run);
        },
        async ends({ host, argv, line, real, answered, changed }) {
          if (isMark(argv) || isOfWatch(line)) return;
          const happening = { kind: "program" as const, host, argv, real, answered, changed };
          world?.timeline.record({ ...happening, auditBytes: auditBytes.get(argv) ?? 0 });
        },
      },
    });
    world = new World(directory, workspace, hosts, files, kind);
    workspace.changeChannel(world.#watchChannel, { botIsMember: true });
    return world;
  }

  get data(): string {
    return join(this.directory, "data");
  }
  get channel(): string {
    const [channel] = this.workspace.channels;
    if (channel === undefined) throw new Error("a workspace without channels");
    return channel.id;
  }

  /** Where incidents are posted. */
  get #watchChannel(): string {
    const [, second] = this.workspace.channels;
    if (second === undefined) throw new Error("a workspace with one channel");
    return second.id;
  }

  /** What the bot wrote on its terminal since its first start. */
  get said(): string {
    return [...this.#saidBefore, this.#bot?.said ?? ""].join("\n");
  }

  /** Whether the bot uses another data folder now. */
  get hasForeignBot(): boolean {
    return this.#folder !== null;
  }

  get botIsAlive(): boolean {
    return this.#bot?.isAlive === true;
  }
  /** Whether actions reach the bot. */
  get botHears(): boolean {
    return this.botIsAlive && this.#bot?.isReady === true && this.workspace.connections() > 0;
  }

  /** Does nothing if it runs. One that was killed a moment ago still seems to run: its end is waited for. */
  async startBot(): Promise<void> {
    if (this.#bot?.isEnding) await within("the end of the bot", ENDS_MS, this.#bot.gone);
    if (this.botIsAlive) return;
    if (this.#bot !== null) this.#saidBefore.push(this.#bot.said);
    this.timeline.record({ kind: "bot", what: "started", text: "" });
    const env = {
      SLACK_BOT_TOKEN: this.workspace.botToken,
      SLACK_APP_TOKEN: this.workspace.appToken,
      SLACK_API_URL: this.workspace.apiUrl,
      ...(this.#cast === "operators" ? { OPERATORS: [alice, bob].join(",") } : { ADMINS: alice }),
      // A bot on another folder keeps files of its own.
      WITNESS: this.#folder === null ? this.#witness : "",
      // The channel of the watch is one of them, or its buttons would be refused.
      CHANNELS: [...new Set([this.channel, this.#watchChannel])].join(","),
      HOSTS: "ssh",
      SSH_PRIVATE_KEY_FILE: join(this.data, "simulated-keys", "client"),
      DATA_DIR: this.#folder ?? this.data,
      FULL_DISK: this.fullDisk,
      CLOCK_AHEAD_MS: String(this.#aheadMs),
      // A bot on another folder knows nothing of what this one observed.
      WATCH: this.isWatched && this.#folder === null ? "on" : "off",
      WATCH_CHANNEL: this.#watchChannel,
      WATCH_EVERY: "5",
    };
    this.#bot = BotChild.start(this.#files, env, (text) =>
      this.timeline.record({ kind: "bot", what: "ended by itself", text }),
    );
  }

  /** kill -9. */
  killBot(): void {
    if (!this.botIsAlive) return;
    this.timeline.record({ kind: "bot", what: "killed", text: "" });
    void this.#bot?.kill();
  }

  async botIsGone(): Promise<void> {
    await within("the end of the killed bot", ENDS_MS, this.#bot?.kill() ?? Promise.resolve());
  }

  async stopBot(): Promise<void> {
    if (!this.botIsAlive) return;
    this.timeline.record({ kind: "bot", what: "stopped", text: "" });
    await within("the end of the stopped bot", ENDS_MS, this.#bot?.stop() ?? Promise.resolve());
  }

  /** After its next start the bot's clock is ahead by so much more. So is everything that it knows of time. */
  isLaterBy(ms: number): void {
    this.#aheadMs += ms;
  }

  /**
   * After its next start the bot uses its own folder. The folder has the present inventory and log. It has no
   * operations, and the next one gets this number. The bot must be stopped.
   */
  async becomesForeignBot(nextNumber: number): Promise<void> {
    const folder = join(this.directory, `foreign-${nextNumber}`);
    await rm(folder, { recursive: true, force: true });
    await mkdir(folder, { mode: 0o700 });
    for (const name of ["inventory.json", "audit.jsonl"]) await cp(join(this.data, name), join(folder, name));
    const operations = { version: 1, nextNumber, operations: [] };
    await writeFile(join(folder, "operations.json"), JSON.stringify(operations), { mode: 0o600 });
    this.#folder = folder;
  }
  becomesItself(): void {
    this.#folder = null;
  }

  /**
   * A person puts an ext4 file system on a LUN that is in no volume group, on the first host. Each file system has
   * its own label and UUID, as mkfs makes them.
   */
  formats(wwid: string): void {
    if (this.hosts.array.lun(wwid).content.physicalVolume?.volumeGroupUuid != null) return;
    this.#formatted++;
    this.hosts.array.write(wwid, fileSystem("ext4", `photos-${this.#formatted}`), this.hosts.hosts[0]?.name);
    this.timeline.record({ kind: "written", wwid });
  }

  /** Who is in the user group changes. The bot gets no event about it. */
  groupHas(users: readonly string[]): void {
    this.workspace.changeUserGroup(group, users);
    this.timeline.record({ kind: "group", users, auditBytes: sizeOf(join(this.data, "audit.jsonl")) });
  }

  /** What `witness.ts` wrote in the bot's processes. */
  witnessed(): Promise<string> {
    return readFile(this.#witness, "utf8").catch(() => "");
  }
  get #witness(): string {
    return join(this.directory, "witness.jsonl");
  }

  /** While this file is there, the bot's disk is full. */
  get fullDisk(): string {
    return join(this.directory, "full");
  }
  /** Synchronous, so that a full disk never lasts into the next act. */
  makeRoom(): void {
    rmSync(this.fullDisk, { force: true });
  }

  directMessages(): PageMessage[] {
    return people.flatMap(({ id }) =>
      this.workspace.messagesIn(directMessages(id)).map((message) => ({ ...message, onlyFor: id })),
    );
  }

  /**
   * Waits until the condition holds. Returns false after `patienceMs` without any event. Rejects if events come without
   * end and it never holds.
   */
  async wait(what: string, isSo: () => boolean, patienceMs = 20_000): Promise<boolean> {
    const asked = Date.now();
    waitsFor(what);
    while (Date.now() - asked < LONGEST_WAIT_MS) {
      if (isSo()) return true;
      if (Math.min(this.timeline.quietMs, Date.now() - asked) > patienceMs) return false;
      await new Promise((resolve) => setTimeout(resolve, 15));
    }
    const latest = this.timeline.events.slice(-10).map(eventText);
    throw new Error(
      [`waited ${LONGEST_WAIT_MS / 1000} s for ${what}, and there was always something new`, ...latest].join("\n"),
    );
  }

  async file(name: string): Promise<string> {
    return readFile(join(this.data, name), "utf8").catch(() => "");
  }

  async end(): Promise<void> {
    await this.botIsGone();
    await within("the end of the simulated hosts", ENDS_MS, this.hosts.stop());
    await within("the end of the workspace", ENDS_MS, this.workspace.stop());
  }

  #hears(event: PageEvent): void {
    if (event.kind === "message") this.timeline.record({ kind: "message", message: event.message });
    if (event.kind === "view") this.timeline.record({ kind: "view", view: event.view });
    if (event.kind === "trouble") this.timeline.record({ kind: "trouble", person: event.person, text: event.text });
  }
}

/** On a computer that is too busy for Slack's limits a bot may fail to start or to connect. Then it is tried again. */
const ATTEMPTS = 4;

/** Slack and a data folder with what exists before the story. */
async function prepared(
  data: string,
  before: (workspace: LocalWorkspace, portOfThird: number) => Promise<void>,
): Promise<LocalWorkspace> {
  for (let attempt = 1; ; attempt++) {
    await mkdir(data, { recursive: true, mode: 0o700 });
    const workspace = await startWorkspace({ port: 0, people, completions: [], notice: null, rates: null });
    const quiet = { info: () => undefined, error: (message: string, error: unknown) => console.error(message, error) };
    let bot: Awaited<ReturnType<typeof startBot>> | null = null;
    try {
      bot = await within("a bot before the story", BEGINS_MS, startBot(simulated(data), workspace, quiet));
      await before(workspace, bot.world.simulated?.hosts[2]?.port ?? 0);
      await within("the end of the bot before the story", ENDS_MS, bot.stop());
      return workspace;
    } catch (error) {
      if (attempt === ATTEMPTS) throw error;
      console.error("what was there before the story is set up again", error);
      await bot?.stop();
      await workspace.stop();
      await rm(data, { recursive: true, force: true });
    }
  }
}

const simulated = (dataDirectory: string): Config => ({
  slack: null,
  hosts: { kind: "simulated" },
  dataDirectory,
  operators: [],
  channels: [],
  watch: null,
  port: 0,
  logLevel: "error",
});

function sizeOf(path: string): number {
  try {
    return statSync(path).size;
  } catch {
    return 0;
  }
}

/** What the bot prints between two commands, to find their ends. */
const isMark = ([program]: readonly string[]): boolean => program === "printf";

import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect } from "vitest";
import { type Bot, commands } from "../../src/bot.ts";
import type { Config } from "../../src/config.ts";
import { type AuditEntry, auditEntrySchema } from "../../src/core/operation.ts";
import { completionsOf } from "../../src/language/command-table.ts";
import type { SimulatedHosts } from "../../src/simulator/simulated-hosts.ts";
import type { PageEvent, PageMessage } from "../../src/workspace/page-protocol.ts";
import { type LocalWorkspace, startWorkspace } from "../../src/workspace/server/local-workspace.ts";
import { LabHosts } from "../lab/lab-hosts.ts";
import type { Leases } from "../lab/leases.ts";
import { keepsBeginning, type MovedPorts, makesBeginning, returnsToBeginning } from "./beginnings.ts";
import { startedBot } from "./bot-of-story.ts";
import type { HostsUnderTest } from "./hosts-under-test.ts";
import { buttonsIn, textIn } from "./message-text.ts";
import { SimulatedUnderTest } from "./simulated-under-test.ts";
import { luns, patient, target } from "./target.ts";

export const alice = "U0ALICE01";
export const bob = "U0BOB0001";
export const carol = "U0CAROL01";
export const dave = "U0DAVE001";
const people = [
  { id: alice, name: "alice" },
  { id: bob, name: "bob" },
  { id: carol, name: "carol" },
  { id: dave, name: "dave" },
];

/** If nothing has happened in a channel for so long, it shows nothing more. Every wait of the bot is shorter. */
const quietMs = 300_000;
/**
 * The same for simulated hosts, counted in turns of 25 ms of this process. On a busy computer the bot and the hosts get
 * as few turns.
 */
const quietTurns = 1_200;

/**
 * One story in the channel, through the real Bolt app, WebSocket and SSH. Its hosts are simulated with a SAN, or the
 * lab's.
 */
export class Story {
  readonly directory: string;
  readonly troubles: string[] = [];
  readonly #workspace: LocalWorkspace;
  readonly #lab: LabHosts | null;
  #bot: Bot | null = null;
  /** The ports of the hosts in the stored beginning, if it began with one. */
  movedPorts: MovedPorts = new Map();
  /** Simulated hosts, the channel and the bot at the beginning of a story. */
  #untouched = true;
  readonly #errors: string[] = [];
  /** When each message was last posted or changed, in order, and the position of the latest command. */
  readonly #changed = new Map<string, number>();
  #happened = 0;
  #happenedAt = 0;
  #said = 0;

  private constructor(workspace: LocalWorkspace, directory: string, lab: LabHosts | null) {
    this.#workspace = workspace;
    this.directory = directory;
    this.#lab = lab;
    workspace.subscribe((event: PageEvent) => {
      this.#happened += 1;
      this.#happenedAt = Date.now();
      if (event.kind === "trouble") this.troubles.push(event.text);
      if (event.kind === "message") this.#changed.set(event.message.ts, this.#happened);
    });
  }

  /** `leases`: the time that real hosts need for them. Simulated hosts need none. */
  static async begin(leases: Leases = "quick"): Promise<Story> {
    const story = await Story.#withoutBot(leases);
    await story.#starts({});
    return story;
  }

  /**
   * Only for simulated hosts: a story with the stored beginning of that name. `restartsBot` starts its bot. Null if
   * there is no such beginning.
   */
  static async from(beginning: string): Promise<Story | null> {
    const story = await Story.#withoutBot("quick");
    const movedPorts = await returnsToBeginning(beginning, story.directory);
    if (movedPorts !== null) {
      story.movedPorts = movedPorts;
      return story;
    }
    await story.ends();
    return null;
  }

  static async #withoutBot(leases: Leases): Promise<Story> {
    const directory = await mkdtemp(join(tmpdir(), "zstack-story-"));
    const workspace = await startWorkspace({
      port: 0,
      people,
      completions: completionsOf(commands),
      notice: null,
      rates: null,
      // A form must open however busy this computer is: tests of `src/slack` and `src/workspace` hold Slack's 3 s.
      timings: { triggerMs: patient(3_000) },
    });
    const lab = target === "lab" ? await LabHosts.of(directory, leases) : null;
    return new Story(workspace, directory, lab);
  }

  async #starts(settings: Partial<Config>): Promise<void> {
    this.#bot = await startedBot(this.#workspace, this.directory, this.#lab, this.#errors, settings);
  }

  get workspace(): LocalWorkspace {
    this.#untouched = false;
    return this.#workspace;
  }

  /** The hosts from outside. */
  get hosts(): HostsUnderTest {
    return this.#lab ?? new SimulatedUnderTest(this.san);
  }

  /** Prepares a LUN as the story needs it, if the target does not have it. Returns its WWID. */
  async arranges(kind: "mounted" | "notEverywhere" | "failedPath"): Promise<string> {
    await this.#lab?.arrange(kind);
    return luns[kind];
  }

  /** Must be called before a person changes hosts in a way that the bot's log does not show. */
  async isMeddledWith(): Promise<void> {
    await this.#lab?.leavesTraces();
  }

  /** The simulated SAN, for what the lab can't do. */
  get san(): SimulatedHosts {
    const { simulated } = this.bot.world;
    if (simulated === null) throw new Error("this story has real hosts");
    return simulated;
  }
  get bot(): Bot {
    this.#untouched = false;
    if (this.#bot === null) throw new Error("the bot is not started");
    return this.#bot;
  }

  /** Stops the bot and starts it again on the same data, as after an update, with other settings. The channel stays. */
  async restartsBot(
    meanwhile: () => Promise<void> = async () => undefined,
    settings: Partial<Config> = {},
  ): Promise<void> {
    this.#untouched = false;
    await this.#bot?.stop();
    this.#bot = null;
    await meanwhile();
    await this.#starts(settings);
  }

  /** Makes a common beginning. The first story makes it; later ones restore hosts, LUNs and the bot's data. */
  async beginsWith(
    name: string,
    happens: () => Promise<void>,
    kept: "everywhere" | "simulated" = "everywhere",
  ): Promise<void> {
    const lab = this.#lab;
    // If it takes the lab only seconds, a snapshot of its guests costs more.
    if (lab !== null && kept === "simulated") return happens();
    const untouched = lab === null ? this.#untouched : lab.untouched;
    if (!untouched || this.messages.length > 0) return happens();
    if (lab !== null) return this.#beginsInLab(lab, name, happens);
    const made = await makesBeginning(name);
    if (made === null) return this.restartsBot(async () => void (await returnsToBeginning(name, this.directory)));
    try {
      await happens();
      await this.restartsBot(() => keepsBeginning(name, this.directory));
    } finally {
      made();
    }
  }

  async #beginsInLab(lab: LabHosts, name: string, happens: () => Promise<void>): Promise<void> {
    let returned = false;
    await this.restartsBot(async () => {
      returned = await lab.returnsTo(name, this.directory);
    });
    if (returned) return;
    await happens();
    await this.restartsBot(() => lab.keeps(name, this.directory));
  }

  async says(text: string, person = alice, threadTs: string | null = null): Promise<void> {
    await this.#lab?.ready();
    this.#untouched = false;
    this.#said = this.#happened;
    await this.#workspace.say({ person, text, threadTs });
  }

  /** The bot's log. */
  get logged(): readonly string[] {
    return this.#errors;
  }

  get messages(): PageMessage[] {
    return this.#workspace.state().messages;
  }

  /**
   * Waits until a message that was posted or changed since the latest command matches all patterns. Returns the latest
   * one. Stops when nothing more happens in the channel.
   */
  async shows(...patterns: (RegExp | string)[]): Promise<PageMessage> {
    const asked = Date.now();
    const matches = () =>
      this.messages.filter((message) => {
        if ((this.#changed.get(message.ts) ?? 0) <= this.#said) return false;
        const text = textIn(message);
        return patterns.every((pattern) => (typeof pattern === "string" ? text.includes(pattern) : pattern.test(text)));
      });
    let turns = 0;
    const waits = () =>
      target === "lab" ? Date.now() - Math.max(this.#happenedAt, asked) < quietMs : turns++ < quietTurns;
    let seen = -1;
    const latest = () => {
      // A message that did not change still does not match.
      if (seen === this.#happened) return undefined;
      seen = this.#happened;
      turns = 0;
      return matches().at(-1);
    };
    const found = await until(() => latest() ?? (waits() ? undefined : null), patient(30_000));
    if (!found) expect.fail(`no message shows ${patterns.join(" and ")}; ${this.#latest()}`);
    return found;
  }

  #latest(): string {
    return `the last are:\n\n${this.messages.slice(-3).map(textIn).join("\n----\n")}\n${this.#errors.join("\n")}`;
  }

  /** Clicks a button of the latest message that has it: by its label, or Confirm or Cancel for a plan's own. */
  async clicks(label: string, person = alice): Promise<void> {
    const button = await until(
      () =>
        this.messages
          .flatMap(buttonsIn)
          .findLast((each) => each.label === label || each.actionId === label.toLowerCase()),
      patient(20_000),
    );
    if (!button) expect.fail(`no message has a button ${label}; ${this.#latest()}`);
    await this.#workspace.click({ person, messageTs: button.ts, blockId: button.blockId, actionId: button.actionId });
  }

  /** Fills in and sends the form that a person sees. Returns its errors. */
  async sends(typed: string | null, person = alice): Promise<Record<string, string>> {
    return this.#submits(typed === null ? {} : { typed: { typed } }, person);
  }

  /** Sends the form with a secret. Returns its errors. */
  async sendsSecret(name: string, secret: string, person = alice): Promise<Record<string, string>> {
    return this.#submits({ [`secret-${name}`]: { secret } }, person);
  }

  async #submits(values: Record<string, Record<string, string>>, person: string): Promise<Record<string, string>> {
    const view = await until(
      () => this.#workspace.state().views.find((each) => each.person === person),
      patient(5_000),
    );
    if (!view) expect.fail("no form is open");
    const { errors } = await this.#workspace.submit({ person, viewId: view.id, values });
    return errors;
  }

  /** Clicks Confirm, and fills in its form with `ending` if there is one. */
  async confirms(ending: string, person = alice): Promise<void> {
    await this.clicks("Confirm", person);
    const view = await until(
      () => this.#workspace.state().views.find((each) => each.person === person),
      patient(5_000),
    );
    const asks = view?.blocks.some((block) => block.type === "input") === true;
    expect(await this.sends(asks ? ending : null, person)).toEqual({});
  }

  /** Waits until the audit log has a step with a command that begins like this. */
  async begins(command: string): Promise<void> {
    for (const end = Date.now() + patient(30_000); Date.now() < end; ) {
      const begun = (await this.audit()).some(
        ({ event }) => event.kind === "began" && event.argv.join(" ").startsWith(command),
      );
      if (begun) return;
      await new Promise((resolve) => setTimeout(resolve, 25));
    }
    expect.fail(`no step began with ${command}`);
  }

  async audit(): Promise<AuditEntry[]> {
    const text = await readFile(join(this.directory, "audit.jsonl"), "utf8");
    return (
      text
        .split("\n")
        // Without its newline, a line is still being written.
        .slice(0, -1)
        .map((line) => auditEntrySchema.parse(JSON.parse(line)))
    );
  }

  async ends(): Promise<void> {
    try {
      await this.#lab?.leave((await this.audit()).some(({ event }) => event.kind === "began"));
    } finally {
      await this.#bot?.stop();
      await this.#workspace.stop();
      await rm(this.directory, { recursive: true, force: true });
    }
  }
}

/** Before a test of simulated hosts ends at its own limit, what it waits for must be named. */
const LONGEST_WAIT_MS = 420_000;

/** Checks repeatedly. On a busy computer it waits up to eight times the limit, but at most 7 minutes. */
export async function until<T>(look: () => T | undefined, limitMs: number): Promise<T | undefined> {
  const end = Date.now() + Math.max(limitMs, Math.min(8 * limitMs, LONGEST_WAIT_MS));
  for (;;) {
    const found = look();
    if (found !== undefined) return found;
    if (Date.now() > end) return undefined;
    await new Promise((resolve) => setTimeout(resolve, 25));
  }
}

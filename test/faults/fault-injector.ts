import { writeFileSync } from "node:fs";
import { tutorialLuns } from "../../src/simulator/san/tutorial-san.ts";
import type { Turn, WatchedRun } from "../../src/simulator/san/watch.ts";
import type { PageMessage } from "../../src/workspace/page-protocol.ts";
import type { FaultyAnswer } from "../../src/workspace/server/slack-faults.ts";
import { type Fault, faultText, isBackup, isChanging, type Scheduled, type SlackSays, takes } from "./faults.ts";
import { destroys } from "./oracle/destruction.ts";
import { END, isBots, isUnasked, titleOf } from "./oracle/seen.ts";
import { People } from "./people.ts";
import { type Act, wwidsIn } from "./story.ts";
import type { Said } from "./trust-story.ts";
import { within } from "./waits.ts";
import type { World } from "./world.ts";

/** Longer than Slack waits for an ack. By then the person sees that the command failed. */
const LATE_MS = 3_500;
/** How long the ends of all faults may take. */
const HEALS_MS = 300_000;

/** Begins faults at their moments, and ends them. */
export class FaultInjector {
  readonly #world: World;
  readonly #people: People;
  #schedule: Scheduled[];
  #act = -1;
  /** The LUN that the act will use; null: it uses none. */
  #lun: string | null = null;
  #programs = 0;
  #changes = 0;
  #backups = 0;
  #messages = 0;
  #envelopes = 0;
  /** What ends with the act or with the story. */
  readonly #ends: { readonly until: "act" | "story"; end(): void }[] = [];
  /** The number of programs and messages until the disk has space again. */
  #roomIn = Number.POSITIVE_INFINITY;
  /** Whether the bot is killed at the next new message with an end. */
  #killsAtNextEnd = false;
  readonly #heldBack: (() => void)[] = [];
  readonly #restarts = new Set<Promise<void>>();
  #isOver = false;
  #hosts: Promise<void> = Promise.resolve();

  constructor(world: World, schedule: readonly Scheduled[]) {
    this.#world = world;
    this.#people = new People(world.workspace, world.timeline);
    this.#schedule = [...schedule];
    world.interferes = (run) => this.#program(run);
    world.timeline.onEvent((event) => {
      if (event.kind !== "message" || !isBots(event.message) || isUnasked(event.message)) return;
      this.#message();
      this.#killsIfTold(event.message);
    });
    world.workspace.faults.deliverBy((_, send) => this.#envelope(send));
  }

  begins(act: number, { words }: Act): void {
    this.#act = act;
    this.#lun = takes.test(words) ? (wwidsIn(words)[0] ?? null) : null;
    this.#programs = 0;
    this.#changes = 0;
    this.#backups = 0;
    this.#messages = 0;
    this.#envelopes = 0;
    for (const scheduled of this.#due("start", 1)) this.#lets(scheduled, null);
  }

  async endsAct(): Promise<void> {
    this.#heal("act");
    for (const send of this.#heldBack.splice(0)) send();
    await this.#world.wait("the bot that a fault starts again", () => !this.#restarts.size);
    await this.#world.startBot();
  }

  /** From here on no more faults come. */
  async endsStory(): Promise<void> {
    this.#isOver = true;
    this.#heal("act");
    this.#heal("story");
    this.#world.workspace.slackFaults.well();
    for (const { name } of this.#world.hosts.hosts) this.#heals(name);
    await within("the hosts that answer again", HEALS_MS, this.#hosts);
    await within("the bots that faults start again", HEALS_MS, Promise.all(this.#restarts));
    this.#world.makeRoom();
    this.#world.timeline.record({ kind: "well again" });
    await this.#world.startBot();
    for (const send of this.#heldBack.splice(0)) send();
  }

  /** Whether the bot is being started again, so that waiting makes sense. */
  get isRestarting(): boolean {
    return this.#restarts.size > 0;
  }

  /** Changes of hosts, one after another: each closes or opens their ports. */
  #inTurn(happens: () => Promise<void>): void {
    this.#hosts = this.#hosts.then(happens);
  }

  #heals(host: string): void {
    this.#inTurn(async () => {
      await this.#world.hosts.heal(host);
      this.#world.timeline.record({ kind: "healed", host });
    });
  }

  #heal(until: "act" | "story"): void {
    for (const each of this.#ends.filter((one) => one.until === until)) {
      this.#ends.splice(this.#ends.indexOf(each), 1);
      each.end();
    }
  }

  async #program(run: WatchedRun): Promise<Turn | null> {
    this.#programs += 1;
    this.#countsDown();
    const due = this.#due("program", this.#programs);
    if (isChanging(run.argv)) {
      this.#changes += 1;
      due.push(...this.#due("change", this.#changes));
    }
    if (isBackup(run.argv)) {
      this.#backups += 1;
      due.push(...this.#due("backup", this.#backups));
    }
    let turn: Turn | null = null;
    for (const scheduled of due) {
      const { fault } = scheduled;
      this.#lets(scheduled, run);
      if (fault.kind === "slow") await new Promise((resolve) => setTimeout(resolve, fault.ms));
      turn = this.#turnOf(fault) ?? turn;
    }
    return turn;
  }

  #killsIfTold(message: PageMessage): void {
    if (!this.#killsAtNextEnd || message.edited || !END.test(titleOf(message))) return;
    this.#killsAtNextEnd = false;
    this.#world.killBot();
    this.#restart(this.#world.botIsGone());
  }

  #message(): void {
    this.#messages += 1;
    this.#countsDown();
    for (const scheduled of this.#due("message", this.#messages)) this.#lets(scheduled, null);
  }

  #envelope(send: () => void): void {
    this.#envelopes += 1;
    const [fault] = this.#taken(({ fault, moment }) => fault.kind === "envelopes" && moment.n === this.#envelopes).map(
      (scheduled) => {
        this.#records(scheduled, null);
        return scheduled.fault;
      },
    );
    if (fault?.kind !== "envelopes") {
      send();
      // Events that were delayed to change the order come now.
      for (const held of this.#heldBack.splice(0)) held();
      return;
    }
    if (fault.come === "late") setTimeout(send, LATE_MS);
    else if (fault.come === "reordered") this.#heldBack.push(send);
    else {
      send();
      if (fault.come === "twice") send();
      if (fault.come === "twice, late") this.#ends.push({ until: "act", end: send });
      if (fault.come === "after restart") this.#ends.push({ until: "story", end: () => this.#sendsOnceHeard(send) });
    }
  }

  #sendsOnceHeard(send: () => void): void {
    void this.#world.wait("a bot that takes what came late", () => this.#world.botHears).then(send);
  }

  #due(on: Scheduled["moment"]["on"], n: number): Scheduled[] {
    return this.#taken(({ moment, fault }) => fault.kind !== "envelopes" && moment.on === on && moment.n === n);
  }

  #taken(isDue: (scheduled: Scheduled) => boolean): Scheduled[] {
    if (this.#isOver) return [];
    const due = this.#schedule.filter((scheduled) => scheduled.act === this.#act && isDue(scheduled));
    this.#schedule = this.#schedule.filter((scheduled) => !due.includes(scheduled));
    return due;
  }

  #records(scheduled: Scheduled, run: WatchedRun | null): void {
    const where = run === null ? "" : `, on ${run.host}: ${run.argv.join(" ")}`;
    const text = `${faultText(scheduled)}${where}`;
    this.#world.timeline.record({
      kind: "fault",
      text,
      does: scheduled.fault.kind,
      host: this.#hostOf(scheduled, run),
    });
  }

  #says({ person, words }: Said): void {
    const seq = this.#people.says(person, words);
    if (!this.#world.hasForeignBot) return;
    // With the operation's id in place of its position.
    const said = this.#world.timeline.events.find((event) => event.seq === seq);
    if (said?.kind === "action") this.#world.timeline.record({ kind: "foreign words", words: said.words });
  }

  #hostOf({ moment }: Scheduled, run: WatchedRun | null): string {
    const { hosts } = this.#world.hosts;
    return run?.host ?? hosts[moment.n % hosts.length]?.name ?? "";
  }

  #lets(scheduled: Scheduled, run: WatchedRun | null): void {
    this.#records(scheduled, run);
    const world = this.#world;
    const { fault } = scheduled;
    const { faults } = world.workspace;
    const host = this.#hostOf(scheduled, run);
    switch (fault.kind) {
      case "kill":
        world.killBot();
        if (fault.restarts === "at once") this.#restart(world.botIsGone());
        return;
      case "stop":
        this.#restart(world.stopBot());
        return;
      case "a person says": {
        const { person, words, after } = fault;
        this.#says({ person, words });
        if (after !== null) this.#ends.push({ until: "act", end: () => this.#says(after) });
        return;
      }
      case "host down":
      case "host silent":
        this.#inTurn(() => world.hosts.fault(host, { kind: fault.kind === "host down" ? "down" : "silent" }));
        this.#ends.push({ until: fault.until, end: () => this.#heals(host) });
        return;
      case "a person writes":
        // Between the guard and the program that destroys, the bot can't read. So nothing is written then.
        if (run !== null && this.#lun !== null && !destroys(run.argv)) world.formats(this.#lun);
        return;
      case "connection drops":
        if (world.workspace.connections() > 0) faults.dropConnection();
        return;
      case "connection refreshed":
        if (world.workspace.connections() > 0) faults.disconnect("refresh_requested");
        return;
      case "connections silent":
        world.workspace.slackFaults.silentSockets(fault.next);
        faults.freeze();
        return;
      case "slack says":
        world.workspace.slackFaults.calls(fault.method, {
          answer: answerOf(fault.says),
          effect: fault.effect,
          times: fault.times,
        });
        this.#ends.push({ until: "act", end: () => world.workspace.slackFaults.well(fault.method) });
        return;
      case "kicked":
        world.workspace.changeChannel(world.channel, { botIsMember: false });
        this.#ends.push({
          until: fault.until,
          end: () => world.workspace.changeChannel(world.channel, { botIsMember: true }),
        });
        return;
      case "archived":
        world.workspace.changeChannel(world.channel, { isArchived: true });
        this.#ends.push({
          until: fault.until,
          end: () => world.workspace.changeChannel(world.channel, { isArchived: false }),
        });
        return;
      case "killed while posting an end": {
        const { slackFaults } = world.workspace;
        const code = fault.channel === "archived" ? "is_inactive" : "message_not_found";
        const when = ({ text }: Readonly<Record<string, unknown>>) => END.test(String(text).replaceAll(/\s+/g, " "));
        const ofUpdate = (args: Readonly<Record<string, unknown>>) => {
          const isEnd = when(args);
          if (isEnd && code === "message_not_found") faults.deleteMessage(world.channel, String(args.ts));
          return isEnd;
        };
        slackFaults.calls("chat.update", { answer: { kind: "error", code }, when: ofUpdate });
        slackFaults.calls("response_url", { answer: { kind: "http", status: 404 }, when });
        this.#killsAtNextEnd = true;
        this.#ends.push({
          until: "act",
          end: () => {
            slackFaults.well("chat.update");
            slackFaults.well("response_url");
            this.#killsAtNextEnd = false;
          },
        });
        return;
      }
      case "killed before the end is posted":
        world.workspace.slackFaults.calls("*", {
          ...{ answer: { kind: "broken" }, effect: "none", times: 1 },
          when: ({ text }) => {
            if (!END.test(String(text))) return false;
            world.killBot();
            this.#restart(world.botIsGone());
            return true;
          },
        });
        this.#ends.push({ until: "act", end: () => world.workspace.slackFaults.well("*") });
        return;
      case "token revoked":
        world.workspace.slackFaults.revoke(fault.token);
        this.#ends.push({ until: fault.until, end: () => world.workspace.slackFaults.restore(fault.token) });
        return;
      case "full disk":
        writeFileSync(world.fullDisk, "");
        if (fault.until === "a while") this.#roomIn = 20;
        else this.#ends.push({ until: fault.until, end: () => world.makeRoom() });
        return;
    }
  }

  #turnOf(fault: Fault): Turn | null {
    switch (fault.kind) {
      case "kill":
      case "cut":
        return { kind: "cut", after: fault.after };
      case "stop":
      case "host down":
      case "host silent":
        return { kind: "cut", after: "before" };
      case "wrong output":
        return { kind: "says", after: fault.after, says: wrongOutputs[fault.says] };
      default:
        return null;
    }
  }

  #restart(gone: Promise<void>): void {
    const restart = gone.then(() => this.#world.startBot()).finally(() => this.#restarts.delete(restart));
    this.#restarts.add(restart);
  }

  #countsDown(): void {
    this.#roomIn -= 1;
    if (this.#roomIn === 0) this.#world.makeRoom();
  }
}

function answerOf(says: SlackSays): FaultyAnswer {
  switch (says) {
    case "429":
      return { kind: "ratelimited", retryAfterS: 1 };
    case "429 without a time":
      return { kind: "ratelimited", retryAfterS: null };
    case "503":
      return { kind: "http", status: 503 };
    case "a page":
      return { kind: "page" };
    case "nothing, broken":
      return { kind: "broken" };
    case "nothing, silent":
      return { kind: "silent" };
    case "late":
      return { kind: "late", ms: 2_000 };
    default:
      return { kind: "error", code: says };
  }
}

/** Exchanges the names of two LUNs of the SAN. */
const swapped = (text: string): string => {
  const { orphan: one, blank: other } = tutorialLuns;
  return text.replaceAll(new RegExp(`${one}|${other}`, "g"), (wwid) => (wwid === one ? other : one));
};

type WrongOutput = Extract<Turn, { kind: "says" }>["says"];
const wrongOutputs: Readonly<Record<Extract<Fault, { kind: "wrong output" }>["says"], WrongOutput>> = {
  invalid: () => ({ stdout: "\u001b[31m�segfault at 0 ip\n{]\n", stderr: "", exitCode: 0 }),
  half: ({ stdout, ...rest }) => ({ ...rest, stdout: stdout.slice(0, Math.floor(stdout.length / 2)) }),
  nothing: () => ({ stdout: "", stderr: "", exitCode: 0 }),
  "another LUN": ({ stdout, ...rest }) => ({ ...rest, stdout: swapped(stdout) }),
  "wrong exit": ({ stdout }) => ({ stdout, stderr: "Input/output error\n", exitCode: 5 }),
};

import { z } from "zod";
import { operationSchema } from "../../src/core/operation.ts";
import type { PageMessage } from "../../src/workspace/page-protocol.ts";
import { buttonsIn, decisionsIn } from "../scenario/message-text.ts";
import { alice, bob, carol, dave } from "./cast.ts";
import type { FaultInjector } from "./fault-injector.ts";
import { LATER_MS } from "./oracle/alarms.ts";
import {
  botEndedBetween,
  END,
  isAbout,
  isBots,
  isInterim,
  isOfBotsThread,
  isUnasked,
  isUnfinishedPlan,
  planKey,
  titleOf,
} from "./oracle/seen.ts";
import { People } from "./people.ts";
import { type Act, type Again, answerTo, type Outside, type Story } from "./story.ts";
import { Terminal } from "./terminal.ts";
import { type Deciding, LATE_MS } from "./trust-story.ts";
import { within } from "./waits.ts";
import type { World } from "./world.ts";

const MEBIBYTE = 1024 ** 2;
const GIBIBYTE = 1024 ** 3;
/** How long nothing must happen before people continue. */
const PATIENCE_MS = 7_000;
/** How long a start may take, and longer if the first one, without faults, took long: the computer is busy. */
const STARTS_MS = 40_000;
/** Longer than the bot's longest pause between two attempts. */
const SETTLES_MS = 150_000;
/** How long the bot may take until a terminal is connected. */
const TERMINAL_MS = 60_000;
/** Longer than an operation covers what it caused, and the longest time that a finding must last before it is posted. */
const UNCOVERED_MS = 75_000;
/** Several observations of each host. */
const OBSERVED_MS = 25_000;

const inventorySchema = z.looseObject({
  inventory: z.looseObject({ primaryStorages: z.array(z.looseObject({ uuid: z.string() })) }),
});
const operationsSchema = z.looseObject({ operations: z.array(operationSchema) });

/** Runs a story: people type and click, faults come, and all of them end. */
export class StoryRun {
  readonly #world: World;
  readonly #injector: FaultInjector;
  readonly #people: People;
  #startsMs = STARTS_MS;
  readonly #isWatched: boolean;

  constructor(world: World, injector: FaultInjector, isWatched: boolean) {
    this.#isWatched = isWatched;
    this.#world = world;
    this.#injector = injector;
    this.#people = new People(world.workspace, world.timeline);
  }

  async run({ beginning, acts, again }: Story, restartsAtTheEnd: boolean): Promise<void> {
    const world = this.#world;
    if (beginning === "ps-1 with volumes") await this.#makesVolumes();
    await world.startBot();
    await this.#hearsFirst();
    for (const [index, act] of acts.entries()) {
      this.#injector.begins(index, act);
      await this.#act(act);
      await this.#injector.endsAct();
      await world.wait("a bot that hears", () => world.botHears, this.#startsMs);
    }
    await this.#injector.endsStory();
    if (restartsAtTheEnd) {
      await world.wait("a bot that hears", () => world.botHears, this.#startsMs);
      await world.stopBot();
      await world.startBot();
    }
    await this.#settles();
    if (again !== null) {
      await this.#allComesAgain(again);
      await this.#settles();
    }
    if (this.#isWatched) await this.#isWatchedOn();
    await this.#asksOnceMore();
  }

  async #hearsFirst(): Promise<void> {
    const world = this.#world;
    const from = Date.now();
    if (!(await world.wait("a bot that hears", () => world.botHears, SETTLES_MS)))
      throw new Error(`the bot did not start within ${SETTLES_MS / 1000} s: ${world.said}`);
    this.#startsMs = Math.max(STARTS_MS, 4 * (Date.now() - from));
  }

  /**
   * What the operations left on the hosts is observed once no operation covers it any more, and again by a bot that
   * starts: what it observes first is compared with what the last one knew.
   */
  async #isWatchedOn(): Promise<void> {
    const world = this.#world;
    await new Promise((resolve) => setTimeout(resolve, UNCOVERED_MS));
    await world.stopBot();
    await world.startBot();
    await world.wait("a bot that hears", () => world.botHears, SETTLES_MS);
    await new Promise((resolve) => setTimeout(resolve, OBSERVED_MS));
  }

  /** Slack delivers all events once more, also after a restart, as it may after a gap. */
  async #allComesAgain(when: Again): Promise<void> {
    const world = this.#world;
    const { faults } = world.workspace;
    const sent = faults.sent();
    await world.stopBot();
    if (when === "hours later") world.isLaterBy(LATER_MS);
    await world.startBot();
    await world.wait("a bot that hears", () => world.botHears, SETTLES_MS);
    world.timeline.record({ kind: "again", when });
    for (const envelope of sent) {
      await Promise.race([faults.deliver(envelope), new Promise((resolve) => setTimeout(resolve, 200))]);
      world.timeline.stir();
    }
  }

  async #act(act: Act): Promise<void> {
    if (act.outside) this.#outside(act.outside);
    const { words, person, how } = act;
    if (how === "terminal") return this.#actsInTerminal(act);
    const from = this.#people.says(person, words, how);
    await this.#waits(`the answer to ${words}`, () => this.#isAnswered(from, act));
    await this.#secondPeople(act);
    const plan = this.#people.planOf(words);
    if (plan === null && !act.hasty) await this.#runsAtOnce(from);
    if (plan === null || act.decision === "leave") return;
    if (act.foreignBot !== null) await this.#meetsForeignBot(act, plan, act.foreignBot);
    if (act.formats !== null) this.#world.formats(act.formats);
    await this.#decides(act, plan);
    if (!act.hasty) await this.#waits(`the end of ${words}`, () => this.#hasEnded(plan));
  }

  /** A fault may be starting the bot again at this moment. That bot is stopped too. */
  async #startsAgainOn(otherFolder: () => Promise<void>): Promise<void> {
    const world = this.#world;
    await world.stopBot();
    await world.wait("the bot that a fault starts again", () => !this.#injector.isRestarting);
    await world.stopBot();
    await otherFolder();
    await world.startBot();
    await world.wait("a bot that hears", () => world.botHears, this.#startsMs);
  }

  async #actsInTerminal(act: Act): Promise<void> {
    const { words, person } = act;
    const world = this.#world;
    const terminal = new Terminal();
    this.#people.doesInTerminal(person, "say", words, null);
    await within("the terminal", TERMINAL_MS, terminal.asks(world.data, words, person, world.timeline));
    const isAsked = () => terminal.question !== null || terminal.isOver;
    await this.#waits(
      `the answer of ${words} in a terminal`,
      () => isAsked() || this.#people.waitingPlanOf(words) !== null,
    );
    await this.#secondPeople(act);
    // It asks once the plan is approved.
    await this.#waits(`the question of ${words} in a terminal`, isAsked);
    const { question } = terminal;
    if (question !== null) {
      this.#people.doesInTerminal(person, "submit", words, this.#people.latestAbout(words));
      terminal.confirms(question, (label) => answerTo(label, words));
      await this.#waits(`the end of ${words} in a terminal`, () => terminal.isOver);
    }
    terminal.leaves();
  }

  /** What people do about a plan that waits for its second person. People click what they see. */
  async #secondPeople({ words, second }: Act): Promise<void> {
    const plan = this.#people.waitingPlanOf(words);
    const id = plan === null ? null : this.#people.operationOf(plan);
    if (plan === null || id === null) return;
    for (const { who, does } of second) {
      if (does === "waits too long") await this.#isLate();
      else if (does === "leaves the group") this.#world.groupHas([bob]);
      else if (does === "clicks Approve") {
        const from = this.#world.timeline.seq;
        if (!this.#people.presses(who, plan, "Approve", `approve ${id}`)) continue;
        await this.#waits(`what ${who} sees of approve ${id}`, () => this.#sees(who, from));
      } else {
        const typed = decidingWords(does, id);
        const from = this.#people.says(who, typed);
        await this.#waits(`the answer to ${typed}`, () => this.#isAnswered(from, { words: typed, person: who }));
      }
    }
    await this.#waits(`the plan of ${words} to show what was decided`, () => {
      const now = this.#now(plan);
      return now === undefined || !buttonsIn(now).some(({ label }) => label === "Approve");
    });
  }

  /** Plans that wait for a click expire. A bot that watches is not moved: its incidents would be too. */
  async #isLate(): Promise<void> {
    if (this.#isWatched) return;
    await this.#startsAgainOn(async () => {
      this.#world.timeline.record({ kind: "later", ms: LATE_MS });
      this.#world.isLaterBy(LATE_MS);
    });
  }

  /** Each bot gets a click under the other one's plan. The numbers of the plans are the same, the plans are not. */
  async #meetsForeignBot({ person, words }: Act, plan: PageMessage, foreignWords: string): Promise<void> {
    const world = this.#world;
    const [, number] = /\bop-(\d+) /.exec(planKey(plan.ts, world.timeline.events)) ?? [];
    if (number === undefined) return;
    await this.#startsAgainOn(() => world.becomesForeignBot(Number(number)));
    world.timeline.record({ kind: "foreign words", words: foreignWords });
    const from = this.#people.says(person, foreignWords);
    await this.#waits(`the answer to ${foreignWords}`, () => this.#isAnswered(from, { words: foreignWords, person }));
    const foreign = this.#people.planOf(foreignWords);
    if (foreign !== null) world.timeline.record({ kind: "foreign plan", ts: foreign.ts });
    await this.#confirms(person, plan, words);
    await this.#startsAgainOn(async () => world.becomesItself());
    // Another person clicks, so that the confirmation names its author.
    if (foreign !== null) await this.#confirms(person === alice ? bob : alice, foreign, foreignWords);
  }

  /** An operation without a confirmation runs already, in its own message. */
  async #runsAtOnce(from: number): Promise<void> {
    const { timeline, workspace } = this.#world;
    const running = workspace
      .state()
      .messages.find((message) => timeline.firstOf(message.ts) > from && / \(op-[\w-]+\)$/.test(titleOf(message)));
    if (running !== undefined) await this.#waits(titleOf(running), () => this.#hasEnded(running));
  }

  async #decides(act: Act, plan: PageMessage): Promise<void> {
    const { person, words } = act;
    const other = person === alice ? bob : alice;
    switch (act.decision) {
      case "confirm":
        return this.#confirms(person, plan, words);
      case "twice":
        this.#people.clicks(person, plan, "Confirm", words);
        return this.#confirms(person, plan, words, 2);
      case "both":
        await Promise.all([this.#confirms(person, plan, words), this.#confirms(other, plan, words)]);
        return;
      case "cancel":
        this.#people.clicks(person, plan, "Cancel", words);
        return;
      case "confirm and cancel": {
        const confirming = this.#confirms(person, plan, words);
        if (this.#people.formOf(person) !== null) await confirming;
        this.#people.clicks(other, plan, "Cancel", words);
        return confirming;
      }
      case "outsider first": {
        const from = this.#world.timeline.seq;
        const outsider = person === carol ? dave : carol;
        this.#people.clicks(outsider, plan, "Confirm", words);
        await this.#waits(`what ${outsider} sees`, () => this.#sees(outsider, from));
        return this.#confirms(person, plan, words);
      }
      case "wrong first": {
        this.#people.clicks(person, plan, "Confirm", words);
        await this.#waits(`the form of ${words}`, () => this.#people.formOf(person) !== null || this.#isTaken(plan));
        const form = this.#people.formOf(person);
        if (form === null) return;
        const from = this.#world.timeline.seq;
        this.#people.submits(person, form, plan, words, () => "no");
        await this.#waits(`the errors in the form of ${words}`, () => this.#sees(person, from));
        return this.#confirms(person, plan, words);
      }
      case "late form": {
        this.#people.clicks(person, plan, "Confirm", words);
        await this.#waits(`the form of ${words}`, () => this.#people.formOf(person) !== null || this.#isTaken(plan));
        if (this.#people.formOf(person) === null) return;
        await this.#isLate();
        return this.#confirms(person, plan, words);
      }
      case "leave":
    }
  }

  /** Clicks, and sends the form if one opens. */
  async #confirms(person: string, plan: PageMessage, words: string, times = 1): Promise<void> {
    const open = this.#people.formOf(person);
    const from = this.#world.timeline.seq;
    if (open === null && !this.#people.clicks(person, plan, "Confirm", words)) return;
    await this.#waits(
      `the form or the end of ${words}`,
      () => this.#people.formOf(person) !== null || this.#isTaken(plan) || this.#sees(person, from, "ephemeral"),
    );
    const form = this.#people.formOf(person);
    if (form === null) return;
    for (let time = 0; time < times; time++)
      this.#people.submits(person, form, plan, words, (label) => answerTo(label, words));
    await this.#waits(`the bot to take ${words}`, () => this.#isTaken(plan) || this.#sees(person, from, "ephemeral"));
  }

  /** Waits until the condition holds. Ends earlier if nothing happens any more, or no bot can make it hold. */
  #waits(what: string, isSo: () => boolean): Promise<boolean> {
    const world = this.#world;
    const from = world.timeline.seq;
    const died = () => botEndedBetween(world.timeline.events, from);
    // A dead process never answers, unless the next one does soon.
    const isInVain = () =>
      this.#injector.isRestarting
        ? false
        : !world.botIsAlive || (died() && world.botHears && world.timeline.quietMs > 1_500);
    return world.wait(what, () => isSo() || isInVain(), PATIENCE_MS);
  }

  #isAnswered(from: number, { words, person }: Pick<Act, "words" | "person">): boolean {
    const { timeline } = this.#world;
    return timeline.after(from).some((event) => {
      if (event.kind === "trouble") return event.person === person;
      if (event.kind !== "message" || !isBots(event.message) || isUnasked(event.message)) return false;
      const { onlyFor, ts } = event.message;
      if (onlyFor !== null) return onlyFor === person;
      if (isInterim(event.message) || isUnfinishedPlan(event.message)) return false;
      const isNew = timeline.firstOf(ts) > from && !isOfBotsThread(event.message, timeline.events);
      return isNew || isAbout(event.message, words);
    });
  }

  /** Whether this person sees something new. */
  #sees(person: string, from: number, what: "anything" | "ephemeral" = "anything"): boolean {
    return this.#world.timeline.after(from).some((event) => {
      if (event.kind === "trouble" || event.kind === "form errors") return event.person === person;
      if (event.kind === "view") return what === "anything" && event.view.person === person;
      if (event.kind !== "message" || !isBots(event.message)) return false;
      return what === "ephemeral" ? event.message.onlyFor === person : [null, person].includes(event.message.onlyFor);
    });
  }

  #now(plan: PageMessage): PageMessage | undefined {
    return this.#world.workspace.state().messages.find(({ ts }) => ts === plan.ts);
  }
  #isTaken(plan: PageMessage): boolean {
    const now = this.#now(plan);
    return now === undefined || decisionsIn(now).length === 0;
  }
  #hasEnded(plan: PageMessage): boolean {
    const now = this.#now(plan);
    return now === undefined || END.test(titleOf(now));
  }

  /** Waits until only plans that wait for a click are open. */
  async #settles(): Promise<void> {
    let isSettled = false;
    let reading = false;
    const { timeline } = this.#world;
    await this.#world.wait("a bot that hears", () => this.#world.botHears, SETTLES_MS);
    await this.#world.wait(
      "the ends of all operations",
      () => {
        if (!reading) {
          reading = true;
          void this.#openEnds().then((open) => {
            isSettled = open === 0;
            reading = false;
          });
        }
        return isSettled && timeline.quietMs > 1_500;
      },
      SETTLES_MS,
    );
  }

  async #openEnds(): Promise<number> {
    const text = await this.#world.file("operations.json");
    if (text === "") return 0;
    const { operations } = operationsSchema.parse(JSON.parse(text));
    // An end that the disk did not take yet is in the channel only.
    const titles = this.#world.workspace.state().messages.map(titleOf);
    const ended = new Set(titles.flatMap((title) => END.exec(title)?.[2] ?? []));
    return operations.filter(({ id, state, notified }) => (state === "planned" ? ended.has(id) : !notified)).length;
  }

  /** A person asks for the result: the bot answers. */
  async #asksOnceMore(): Promise<void> {
    const words = "operation list";
    const from = this.#people.says(alice, words);
    await this.#world.wait(
      `the answer to ${words}`,
      () => this.#isAnswered(from, { words, person: alice }),
      SETTLES_MS,
    );
    await this.#world.wait("a moment without events", () => this.#world.timeline.quietMs > 300);
  }

  #outside(outside: Outside): void {
    const { array, hosts } = this.#world.hosts;
    if (outside.kind === "group") this.#world.groupHas(outside.users);
    else if (outside.kind !== "volumes")
      this.#world.timeline.record({ kind: "outside", does: outside.kind, wwid: outside.wwid });
    if (outside.kind === "grows") array.grow(outside.wwid, array.lun(outside.wwid).sizeBytes + 2 * GIBIBYTE, []);
    if (outside.kind === "unmaps") for (const { name } of hosts) array.unmap(outside.wwid, name, "dead paths");
  }

  async #makesVolumes(): Promise<void> {
    const { volumes, vms } = this.#world.hosts;
    const { inventory } = inventorySchema.parse(JSON.parse(await this.#world.file("inventory.json")));
    const group = inventory.primaryStorages[0]?.uuid ?? "";
    for (const name of ["vol-1", "vol-2"]) volumes.create(group, { name, sizeBytes: 64 * MEBIBYTE });
    const machine = { name: "web-1", volumeGroup: group, volumes: ["vol-1"], heedsShutdown: false };
    vms.start("sharedblock-host2", machine);
  }
}

function decidingWords(does: Deciding["does"], id: string): string {
  switch (does) {
    case "rejects":
      return `reject ${id} reason="this LUN is still needed"`;
    case "breaks the glass":
      return `break-glass ${id} reason="nobody answers"`;
    case "revokes":
      return `role revoke @${carol} approver`;
    case "grants":
      return `role grant @${carol} approver`;
    default:
      return `approve ${id}`;
  }
}

import { namedClusters, touchedClusters } from "../access/touched-clusters.ts";
import type { Action, Change, Command } from "../core/command.ts";
import { ConfirmedPlan } from "../core/confirmed-plan.ts";
import { errorNote, errorReply } from "../core/error-reply.ts";
import type { FreezeNotes } from "../core/freeze.ts";
import { resultNotLoggedPart } from "../core/not-logged.ts";
import { NotWritten } from "../core/not-written.ts";
import { refuseMorePlans } from "../core/open-plans.ts";
import { type AuditEvent, type Operation, planKeyOf } from "../core/operation.ts";
import { digestOf, type Plan, planLines, undoText } from "../core/plan.ts";
import { type OperatorError, operatorError, Refusal, reason, refusalOf } from "../core/refusal.ts";
import type { Part, Reply } from "../core/reply.ts";
import { limitRows } from "../core/reply-reach.ts";
import type { Review } from "../core/review.ts";
import { Undelivered } from "../core/undelivered.ts";
import type { Acting, IncidentPlace, WatchNotes } from "../core/watch-facts.ts";
import { shortened } from "../language/bind.ts";
import { copied } from "../language/copied.ts";
import { helpReply } from "../language/help.ts";
import type { Understood } from "../language/understand.ts";
import { Answer } from "./answer.ts";
import type { Approvals } from "./approval.ts";
import { waitingParts } from "./approval-replies.ts";
import { anyChange, anyQuery, whyNotAsk, whyNotPlan } from "./authority.ts";
import type { AwayGlass, BreakGlass } from "./break-glass.ts";
import { linkOf } from "./confirm.ts";
import { progressReply } from "./end-reply.ts";
import { endLeft, endWithoutRun } from "./end-without-run.ts";
import type { Endings } from "./endings.ts";
import type { Expiry } from "./expiry.ts";
import { type Asked, factsFor } from "./facts.ts";
import { refuseFrozen } from "./freezing.ts";
import type { FrozenPlans } from "./frozen-plans.ts";
import { keptPlan } from "./kept-plan.ts";
import { menuReply } from "./menu.ts";
import { Observation } from "./observation.ts";
import type { OpenQuestions } from "./open-questions.ts";
import { askedPart, planReply } from "./plan-reply.ts";
import type { Conversation, Message, World } from "./ports.ts";
import { Progress } from "./progress.ts";
import { whyNotReached } from "./reach.ts";
import { NOTHING_CHANGED, refusalReply, refusalShown } from "./refusal-reply.ts";
import { LeftQueue, type Runner } from "./runner.ts";
import { type Asked as AskedFor, askedFor, confirmedAs } from "./second-person.ts";
import type { ShownPlans } from "./shown-plans.ts";
import { understoodBy, withNearNames } from "./suggestions.ts";

/** How long a shown plan can be confirmed. */
const PLAN_LIFE_MS = 10 * 60_000;
/** The most lines of what can't be undone that the form shows and the operation keeps. */
const SUMMARY_LINES = 29;

/** A command that is being answered. */
interface Question extends Asked {
  readonly conversation: Conversation;
  readonly answer: Answer;
  readonly observation: Observation;
  /** Removes the command from the open ones. */
  readonly close: () => void;
  readonly auditFrom: number;
  /** Why the audit log has no entry for it. A query is answered without one. */
  readonly notLogged: NotWritten | null;
  /** It is done at a terminal, without the channel. */
  readonly glass: (AwayGlass & { readonly review: Review }) | null;
}

/** How a command came: typed, or by a click on its button. */
type How = "typed" | "button";

/** A change, its plan, and the names of the clusters that it touches. */
interface Planned {
  readonly command: Change;
  readonly args: Readonly<Record<string, unknown>>;
  readonly plan: Plan;
  readonly clusters: string[];
  /** What its policy asks. */
  readonly asked: AskedFor;
}

/** What a plan needs after it is made. */
interface After {
  readonly runner: Runner;
  readonly expiry: Expiry;
  readonly endings: Endings;
  readonly open: OpenQuestions;
  readonly frozen: FrozenPlans;
  readonly approvals: Approvals;
  readonly shown: ShownPlans;
  readonly glass: BreakGlass;
}

type FormUnderstood = Extract<Understood, { readonly kind: "form" }>;

/** Leads a command to its answer, to a shown plan, or to a reversible change that runs at once. */
export class Dispatch {
  readonly #commands: readonly Command[];
  readonly #world: World;
  readonly #runner: Runner;
  readonly #expiry: Expiry;
  readonly #open: OpenQuestions;
  readonly #endings: Endings;
  readonly #frozen: FrozenPlans;
  readonly #approvals: Approvals;
  readonly #shown: ShownPlans;
  readonly #glass: BreakGlass;
  readonly #posting = new Set<Promise<unknown>>();

  constructor(commands: readonly Command[], world: World, after: After) {
    this.#commands = commands;
    this.#world = world;
    this.#runner = after.runner;
    this.#expiry = after.expiry;
    this.#endings = after.endings;
    this.#open = after.open;
    this.#frozen = after.frozen;
    this.#approvals = after.approvals;
    this.#shown = after.shown;
    this.#glass = after.glass;
  }

  /** Resolves when each plan that is being posted has its message on record. */
  async posted(): Promise<void> {
    await Promise.allSettled(this.#posting);
  }

  /** `away`: a person at a terminal does the change without the channel, because Slack is away. */
  async ask(
    words: string,
    by: string,
    conversation: Conversation,
    { how = "typed", away = null }: { readonly how?: How; readonly away?: AwayGlass | null } = {},
  ): Promise<void> {
    const typed = {
      ...{ words, by, askedAt: this.#world.clock.now().toISOString() },
      mayNotChangeHere: conversation.mayNotChangeHere,
    };
    const understood = await understoodBy(typed, this.#commands, this.#world);
    // These answers may name what is in the inventory.
    if (understood.kind !== "command" && understood.kind !== "help") {
      const forbidden = await this.#world.permission.whyNot(by, anyQuery);
      if (forbidden !== null) return this.#notify(by, errorReply(forbidden), conversation);
    }
    if (understood.kind === "misunderstood") return this.#notify(by, understood.reply, conversation);
    if (understood.kind === "form") return this.#notify(by, usageReply(understood, conversation), conversation);
    if (understood.kind === "menu") return this.#notify(by, menuReply(this.#world.inventory.current()), conversation);
    if (understood.kind === "help") return this.#notify(by, helpReply(this.#commands, understood.topic), conversation);
    if (away !== null && understood.command.kind !== "change") {
      return this.#notify(by, errorReply(noChange(words)), conversation);
    }
    const close = this.#open.take(by, words, this.#world.permission.known(by, anyChange) === null);
    if (typeof close !== "function") return this.#notify(by, close, conversation);
    const { kind } = understood.command;
    const observation = new Observation(this.#world.hosts, this.#world.clock, kind === "query" ? "query" : "plan");
    const waiting = understood.command.kind === "query" ? understood.command.waiting : undefined;
    const answer = new Answer(conversation, { words, by, ...(waiting && { waiting }) }, observation, this.#world);
    const askedAt = this.#world.clock.now().toISOString();
    const auditFrom = this.#world.audit.position();
    const asked = { words, by, askedAt, conversation, answer, observation, close, auditFrom };
    let review: Review | null = null;
    let nothingRan = "its plan was refused";
    try {
      // On disk before any host is asked. The review comes first: what it keeps is reported after a kill, too.
      if (away !== null) review = await this.#glass.openedAway(words, away, by);
      const notLogged = await this.#notLogged(by, words, how, away);
      if (notLogged !== null && kind !== "query") throw notLogged;
      const glass = away === null || review === null ? null : { ...away, review };
      await this.#answer(understood.command, understood.args, { ...asked, notLogged, glass });
    } catch (error) {
      if (error instanceof Refusal) nothingRan = `it was refused: ${error.error.headline}`;
      const named = await withNearNames(error, typed, this.#commands, this.#world);
      const reply = refusalReply(named, words, by, this.#world, kind === "query" ? "query" : "change");
      // If the place does not take the message, only the asker sees it.
      await (error instanceof Undelivered ? answer.sendEphemeral(reply) : answer.giveOrSendEphemeral({ reply }));
    } finally {
      close();
      if (review !== null) await this.#notifies(review, nothingRan);
    }
  }

  /** The words of a break-glass have a plan now, or were refused. */
  async #notifies(review: Review, nothingRan: string): Promise<void> {
    try {
      await this.#glass.nothingRan(review.id, nothingRan);
    } catch (error) {
      this.#world.log.error(`${review.id}: writing that nothing ran`, error);
    }
    this.#glass.notifies(review);
  }

  /** For answers that need no host. Their number is limited, so that nobody can make the bot call Slack without end. */
  async #notify(by: string, reply: Reply, conversation: Conversation): Promise<void> {
    const notified = this.#open.answering(by);
    if (notified === null)
      return this.#world.log.info(`${by} has too many answers that are being sent; one more is not sent`);
    try {
      await conversation.sendEphemeral({ reply });
    } finally {
      notified();
    }
  }

  /** Writes the command into the audit log. Returns why that failed, or null. */
  #notLogged(by: string, words: string, how: How, away: AwayGlass | null): Promise<NotWritten | null> {
    const breakGlass = away === null ? {} : { breakGlass: { ...away } };
    return this.#logged(by, { kind: "asked", words, ...(how === "button" && { by: how }), ...breakGlass });
  }

  async #logged(by: string, event: AuditEvent): Promise<NotWritten | null> {
    try {
      await this.#world.audit.append(by, null, event);
      return null;
    } catch (error) {
      if (error instanceof NotWritten) return error;
      throw error;
    }
  }

  async #answer(command: Command, args: Readonly<Record<string, unknown>>, question: Question): Promise<void> {
    const attempt = { command, args, by: question.by };
    const { conversation } = question;
    const forbidden = await whyNotAsk(attempt, conversation, this.#world);
    if (forbidden !== null) return this.#forbid(forbidden, command, question);
    if (command.kind === "query") {
      const answer = limitRows(
        await command.answer(args, factsFor(question, this.#world, question.observation.gather)),
        command.narrower ?? null,
      );
      const { notLogged } = question;
      const notes = notLogged === null ? [] : [notLoggedPart(notLogged)];
      const reply = { ...answer, parts: [...answer.parts, ...notes], asked: copied(question.words) };
      if (command.onlyForAsker) return question.answer.sendEphemeral(reply);
      if (reply.thread !== undefined) return this.#answerInThread(reply, reply.thread, question);
      await question.answer.giveOrSendEphemeral({ reply });
      return;
    }
    if (command.kind === "action") return this.#act(command, args, question);
    // Before any host is asked: what the words name. A plan may touch more.
    const what = JSON.stringify(shortened(question.words));
    refuseFrozen(what, namedClusters(command, args, this.#world.inventory.current()), this.#world);
    // The store also refuses a plan if others came since then.
    refuseMorePlans(this.#world.operations.latest(Number.MAX_SAFE_INTEGER), question.by);
    const made = await command.plan(args, factsFor(question, this.#world, question.observation.gather));
    question.close();
    const notThis = await whyNotPlan(made, attempt, conversation, this.#world);
    if (notThis !== null) return this.#forbid(notThis, command, question);
    const clusters = touchedClusters(made, command, args, this.#world.inventory.current());
    refuseFrozen(what, clusters, this.#world);
    const asked = await askedFor(made, command, args, question.by, this.#world);
    const plan = confirmedAs(made, asked, command);
    const planned = { command, args, plan, clusters, asked };
    if (asked.demand.asksNothing && !plan.secrets?.length) await this.#runAtOnce(planned, question);
    else await this.#show(planned, question);
  }

  #forbid(why: OperatorError, { kind }: Command, { answer, words, by }: Question): Promise<void> {
    const foot = kind === "query" ? {} : { foot: NOTHING_CHANGED };
    return answer.sendEphemeral(errorReply(why, { parts: [askedPart(words, by)], ...foot }));
  }

  /** The asker reads where the answer is. */
  async #answerInThread(reply: Reply, thread: NonNullable<Reply["thread"]>, { answer }: Question): Promise<void> {
    const { place, messageId } = thread;
    try {
      await this.#world.conversations.inThread(place, messageId).say({ reply });
    } catch (error) {
      if (!(error instanceof Undelivered || error instanceof Refusal)) throw error;
      await answer.giveOrSendEphemeral({ reply });
      return;
    }
    await answer.sendEphemeral({ title: `${reply.title}: it is in the thread`, tone: "good", parts: [], next: [] });
  }

  /** Its words are on disk already. Its result is logged as well, also if it is refused. */
  async #act(command: Action, args: Readonly<Record<string, unknown>>, question: Question): Promise<void> {
    const { words, by, answer } = question;
    const acted = (result: string) => this.#logged(by, { kind: "acted", words, result });
    const { watch, access, policies } = this.#world;
    const approvals = this.#approvals.of(by);
    const oncePosted: Parameters<Acting["oncePosted"]>[0][] = [];
    const replaced: (IncidentPlace & { readonly reply: Reply })[] = [];
    const acting: Acting = {
      get notes(): WatchNotes {
        const notes = watch();
        if (notes === null) throw watchIsOff(words);
        return notes;
      },
      freezes: this.#freezes(),
      runs: { running: () => this.#runner.running(), stop: (id) => this.#runner.stop(id, by) },
      ...{ access, policies, approvals, by, whyNotReached: (person) => whyNotReached(person, this.#world) },
      replaces: (message, reply) => void replaced.push({ ...message, reply }),
      oncePosted: (then) => void oncePosted.push(then),
    };
    const facts = factsFor(question, this.#world, question.observation.gather);
    const work = async () => command.act(args, facts, acting);
    const reply = await work().catch(async (error: unknown) => {
      await acted(error instanceof Refusal ? `refused: ${error.error.headline}` : "unknown: a bug of the bot");
      throw error;
    });
    const notLogged = await acted(reply.title);
    const parts = notLogged === null ? reply.parts : [...reply.parts, resultNotLoggedPart(notLogged)];
    const shown = { ...reply, parts };
    for (const message of replaced) this.#replace(message);
    if (command.onlyForAsker) return answer.sendEphemeral(shown);
    const messageId = await answer.giveOrSendEphemeral({ reply: shown });
    if (messageId === null) return;
    for (const then of oncePosted) await then({ place: question.conversation.place, messageId });
  }

  /** Best effort: the answer of the action says the same. */
  #replace({ place, messageId, reply }: IncidentPlace & { readonly reply: Reply }): void {
    const { conversations, log } = this.#world;
    conversations
      .at(place)
      .revise(messageId, { reply }, false)
      .catch((error) => log.error("showing that a role was granted", error));
  }

  /** After each change the plans that wait say whether they are frozen. */
  #freezes(): FreezeNotes {
    const { freezes } = this.#world;
    return {
      change: async (change) => {
        await freezes.change(change);
        this.#frozen.refresh();
      },
      beginAgain: async () => {
        const kept = await freezes.beginAgain();
        this.#frozen.refresh();
        return kept;
      },
    };
  }

  async #show(planned: Planned, question: Question): Promise<void> {
    const { plan, asked } = planned;
    const operation = await this.#create(planned, question);
    const { id } = operation;
    const asks = waitingParts(operation, asked, this.#world);
    const warning = plan.irreversible[0] ?? null;
    this.#shown.keep(operation, { reply: planReply(plan, operation), asks, warning, at: question.conversation });
    const posting = this.#post(operation, question, this.#shown.messageOf(operation));
    this.#shown.isPosted(id, posting);
    this.#posting.add(posting);
    const posted = await posting.finally(() => this.#posting.delete(posting));
    this.#expiry.expireLater(posted);
  }

  /**
   * A change that can be undone needs no click: its command confirms it. It is locked and logged like any other
   * change.
   */
  async #runAtOnce(planned: Planned, question: Question): Promise<void> {
    const { plan, clusters } = planned;
    const first = ConfirmedPlan.withoutClick(plan, question.by);
    const operation = await this.#create(planned, question);
    const now = this.#world.clock.now();
    const progress = new Progress(plan, () => now);
    const { messageId } = await this.#post(operation, question, { reply: progressReply(operation, progress, now) });
    const { conversation, by } = question;
    const patch = { state: "confirmed" as const, confirmedBy: by, confirmedAt: now.toISOString() };
    try {
      await this.#world.operations.change(operation.id, ["planned"], patch);
      const event = { kind: "confirmed" as const, digest: operation.digest };
      await this.#world.audit.append(by, operation.id, { ...event, ...linkOf(messageId, conversation) });
      const confirmed = async (waited: boolean) =>
        waited ? this.#planAgain(planned, operation, conversation) : { plan: first, clusters };
      await this.#runner.run({ operation, messageId, conversation, locks: plan.locks, confirmed });
    } catch (error) {
      if (error instanceof LeftQueue) return endLeft({ ...operation, messageId }, error, this.#endings, conversation);
      const shown = refusalShown(error, question.words, this.#world);
      const end = { state: "refused", result: "it could not begin", by, ...shown } as const;
      await endWithoutRun({ ...operation, messageId }, end, this.#endings, conversation);
    }
  }

  /** The hosts, the roles and the policy may have changed while the operation waited for others. */
  async #planAgain({ command, args }: Planned, { words, digest, askedBy: by, askedAt }: Operation, here: Conversation) {
    const plan = await command.plan(args, factsFor({ words, by, askedAt }, this.#world));
    const forbidden = await whyNotPlan(plan, { command, args, by }, here, this.#world);
    if (forbidden !== null) throw refusalOf(forbidden);
    if (digestOf(plan) !== digest) {
      const why = "the operations before it changed what its plan was made for";
      throw new Refusal("The plan did not run", reason("PLAN_CHANGED", why, { run: words }));
    }
    const { demand } = await askedFor(plan, command, args, by, this.#world);
    if (!demand.asksNothing) {
      const why = "its policy asks for a confirmation since it was sent";
      throw new Refusal("The plan did not run", reason("PLAN_CHANGED", why, { run: words }));
    }
    const clusters = touchedClusters(plan, command, args, this.#world.inventory.current());
    return { plan: ConfirmedPlan.withoutClick(plan, by), clusters };
  }

  async #create(planned: Planned, question: Question): Promise<Operation> {
    const operation = await this.#kept(planned, question);
    try {
      const { words, digest } = operation;
      const event = { kind: "planned" as const, words, digest, risk: planned.command.risk };
      await this.#world.audit.append(question.by, operation.id, { ...event, ...keptPlan(operation.shown) });
      if (question.glass !== null) await this.#breaks(operation, question.glass, question.by);
      return operation;
    } catch (error) {
      const finishedAt = this.#world.clock.now().toISOString();
      const result = "its plan could not be written to the audit log";
      await this.#patch(operation, { state: "cancelled", result, finishedAt, notified: true });
      throw error;
    }
  }

  /** The plan is the one of the break-glass. Before anything of it can be confirmed. */
  async #breaks(operation: Operation, { review, reason: why }: NonNullable<Question["glass"]>, by: string) {
    const { digest, id } = operation;
    await this.#world.audit.append(by, id, { kind: "break-glass", digest, reason: why });
    await this.#glass.planned(review, operation);
  }

  #kept({ command, plan, clusters, asked: { demand, ...asked } }: Planned, question: Question): Promise<Operation> {
    const now = this.#world.clock.now().getTime();
    const secrets = (plan.secrets ?? []).map(({ name, label }) => ({ name, label }));
    const form = { summary: summaryOf(plan), typed: plan.typedConfirmation, secrets };
    const { glass, by, askedAt: at } = question;
    const secondOn = asked.clusters === "all" ? ("all" as const) : [...asked.clusters];
    const given =
      glass === null ? null : { kind: "break-glass" as const, by, at, digest: digestOf(plan), reason: glass.reason };
    return this.#world.operations.create({
      words: question.words,
      title: plan.title,
      verb: plan.verb,
      askedBy: question.by,
      askedAt: question.askedAt,
      place: question.conversation.place,
      messageId: null,
      digest: digestOf(plan),
      form: command.risk === "destructive" || plan.typedConfirmation !== null || secrets.length > 0 ? form : null,
      second: demand.approver || question.glass !== null ? { clusters: secondOn, given } : null,
      clusters,
      locks: [...plan.locks],
      shown: planLines(plan),
      expiresAt: new Date(now + PLAN_LIFE_MS).toISOString(),
      state: "planned",
      confirmedBy: null,
      confirmedAt: null,
      finishedAt: null,
      result: null,
      notified: false,
      notifiedElsewhere: null,
      posting: [],
      auditFrom: question.auditFrom,
      auditTo: null,
    });
  }

  /** A change is cancelled if its plan can't be posted: the channel is the record. */
  async #post(operation: Operation, question: Question, message: Message): Promise<Operation & { messageId: string }> {
    try {
      const key = planKeyOf(operation);
      const messageId = await question.answer.give({ ...message, key });
      // Slack's answer may be late. A click on the message may then have brought its id already.
      await this.#patch(operation, { messageId });
      return { ...operation, messageId };
    } catch (error) {
      const result = "its plan could not be posted";
      const finishedAt = this.#world.clock.now().toISOString();
      await this.#patch(operation, { state: "cancelled", result, finishedAt, notified: true });
      throw error;
    }
  }

  /** A failure changes nothing: the plan is shown. A click brings its message's id, and the plan expires. */
  async #patch({ id }: Operation, patch: Partial<Omit<Operation, "id">>): Promise<void> {
    await this.#world.operations.change(id, ["planned"], patch).catch((error: unknown) => {
      if (this.#world.isStopping()) throw error;
      this.#world.log.error(`${id}: writing what became of its plan`, error);
    });
  }
}

/** For a command that no form can be opened for directly. Its button opens the form, if the conversation has forms. */
function usageReply({ command, form, reply }: FormUnderstood, { opensForms }: Conversation): Reply {
  const opener = { label: `${form.title}…`, words: command.name };
  return opensForms === true ? { ...reply, next: [opener, ...reply.next] } : reply;
}

function summaryOf({ irreversible, undo }: Plan): string[] {
  if (irreversible.length === 0) return [undoText(undo)];
  const left = irreversible.length - SUMMARY_LINES;
  return left <= 0 ? [...irreversible] : [...irreversible.slice(0, SUMMARY_LINES), `…and ${left} more in the message`];
}

const notLoggedPart = ({ path, why }: NotWritten): Part =>
  errorNote(
    operatorError("This query is not logged", [
      reason("DATA_NOT_WRITTEN", `${path} can't be written: ${why}`, "make room on the disk of the bot"),
      reason("DATA_NOT_WRITTEN", "until then nothing can be changed"),
    ]),
  );

/** Queries and actions need no channel, so nothing is broken for them. */
const noChange = (words: string): OperatorError =>
  operatorError(
    `${JSON.stringify(shortened(words))} is not done with break-glass`,
    reason(
      "TERMINAL_REFUSED",
      "only a change needs it; this works while Slack is away",
      "type it without --break-glass",
    ),
  );

const watchIsOff = (words: string): Refusal =>
  new Refusal(
    `${shortened(words)} was not done`,
    reason("WATCH_OFF", "the bot is not running, or it runs with WATCH=off"),
  );

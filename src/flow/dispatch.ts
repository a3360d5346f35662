import type { Command } from "../core/command.ts";
import { errorNote, errorReply } from "../core/error-reply.ts";
import type { NotWritten } from "../core/not-written.ts";
import { type OperatorError, operatorError, Refusal, reason } from "../core/refusal.ts";
import type { Part, Reply } from "../core/reply.ts";
import { limitRows } from "../core/reply-reach.ts";
import type { Review } from "../core/review.ts";
import { Undelivered } from "../core/undelivered.ts";
import { shortened } from "../language/bind.ts";
import { copied } from "../language/copied.ts";
import { helpReply } from "../language/help.ts";
import type { Understood } from "../language/understand.ts";
import type { Actions } from "./actions.ts";
import { Answer } from "./answer.ts";
import { anyChange, anyQuery, whyNotAsk } from "./authority.ts";
import type { AwayGlass, BreakGlass } from "./break-glass.ts";
import { factsFor } from "./facts.ts";
import { menuReply } from "./menu.ts";
import { Observation } from "./observation.ts";
import type { OpenQuestions } from "./open-questions.ts";
import type { Plans } from "./plans.ts";
import type { Conversation, World } from "./ports.ts";
import { forbid, logged, type Question } from "./question.ts";
import { refusalReply } from "./refusal-reply.ts";
import type { Runner } from "./runner.ts";
import { understoodBy, withNearNames } from "./suggestions.ts";

/** How a command came: typed, or by a click on its button. */
type How = "typed" | "button";

/** What commands lead to. */
interface After {
  readonly actions: Actions;
  readonly plans: Plans;
  readonly open: OpenQuestions;
  readonly glass: BreakGlass;
  readonly runner: Runner;
}

type FormUnderstood = Extract<Understood, { readonly kind: "form" }>;

/** Leads a command to its answer, to a shown plan, or to a reversible change that runs at once. */
export class Dispatch {
  readonly #commands: readonly Command[];
  readonly #world: World;
  readonly #actions: Actions;
  readonly #plans: Plans;
  readonly #open: OpenQuestions;
  readonly #glass: BreakGlass;
  readonly #runner: Runner;

  constructor(commands: readonly Command[], world: World, after: After) {
    this.#commands = commands;
    this.#world = world;
    this.#actions = after.actions;
    this.#plans = after.plans;
    this.#open = after.open;
    this.#glass = after.glass;
    this.#runner = after.runner;
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
    return logged(by, { kind: "asked", words, ...(how === "button" && { by: how }), ...breakGlass }, this.#world);
  }

  async #answer(command: Command, args: Readonly<Record<string, unknown>>, question: Question): Promise<void> {
    const attempt = { command, args, by: question.by };
    const { conversation } = question;
    const forbidden = await whyNotAsk(attempt, conversation, this.#world);
    if (forbidden !== null) return forbid(forbidden, command.kind, question);
    if (command.kind === "query") {
      const ahead = (id: string) => this.#runner.ahead(id);
      const facts = factsFor(question, this.#world, question.observation.gather, ahead);
      const answer = limitRows(await command.answer(args, facts), command.narrower ?? null);
      const { notLogged } = question;
      const notes = notLogged === null ? [] : [notLoggedPart(notLogged)];
      const reply = { ...answer, parts: [...answer.parts, ...notes], asked: copied(question.words) };
      if (command.onlyForAsker) return question.answer.sendEphemeral(reply);
      if (reply.thread !== undefined) return this.#answerInThread(reply, reply.thread, question);
      await question.answer.giveOrSendEphemeral({ reply });
      return;
    }
    if (command.kind === "action") return this.#actions.act(command, args, question);
    await this.#plans.plan(command, args, question);
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
}

/** For a command that no form can be opened for directly. Its button opens the form, if the conversation has forms. */
function usageReply({ command, form, reply }: FormUnderstood, { opensForms }: Conversation): Reply {
  const opener = { label: `${form.title}…`, words: command.name };
  return opensForms === true ? { ...reply, next: [opener, ...reply.next] } : reply;
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

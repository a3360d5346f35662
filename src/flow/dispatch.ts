import type { Change, Command } from "../core/command.ts";
import { ConfirmedPlan } from "../core/confirmed-plan.ts";
import { type Operation, sealOf } from "../core/operation.ts";
import { digestOf, type Plan, planLines } from "../core/plan.ts";
import type { Reply } from "../core/reply.ts";
import { helpReply } from "../language/help.ts";
import { understand } from "../language/understand.ts";
import { Answer } from "./answer.ts";
import type { Expiry } from "./expiry.ts";
import { type Asked, factsFor } from "./facts.ts";
import { namesAreKnown } from "./known-names.ts";
import { Observation } from "./observation.ts";
import { OpenQuestions } from "./open-questions.ts";
import { planReply } from "./plan-reply.ts";
import type { Conversation, World } from "./ports.ts";
import { Progress } from "./progress.ts";
import { progressReply } from "./progress-reply.ts";
import { refusalReply } from "./refusal-reply.ts";
import type { Runner } from "./runner.ts";
import { endUnrun } from "./unrun.ts";

/** How long a shown plan may be confirmed. */
const PLAN_LIFE_MS = 10 * 60_000;

/** Words on their way to an answer. */
interface Question extends Asked {
  readonly conversation: Conversation;
  readonly answer: Answer;
  readonly observation: Observation;
  /** From here on the question is no longer among the open ones. */
  readonly close: () => void;
  readonly auditFrom: number;
}

/** From words to an answer, a shown plan, or a reversible change that runs at once. */
export class Dispatch {
  readonly #commands: readonly Command[];
  readonly #world: World;
  readonly #runner: Runner;
  readonly #expiry: Expiry;
  readonly #open = new OpenQuestions();
  readonly #posting = new Set<Promise<unknown>>();

  constructor(commands: readonly Command[], world: World, runner: Runner, expiry: Expiry) {
    this.#commands = commands;
    this.#world = world;
    this.#runner = runner;
    this.#expiry = expiry;
  }

  /** Resolves once each plan that is being posted is recorded with its message. */
  async posted(): Promise<void> {
    await Promise.allSettled(this.#posting);
  }

  async ask(words: string, by: string, conversation: Conversation): Promise<void> {
    const understood = understand(words, this.#commands, (command, args) => namesAreKnown(command, args, this.#world));
    if (understood.kind === "misunderstood") return conversation.whisper({ reply: understood.reply });
    if (understood.kind === "help") return conversation.whisper({ reply: helpReply(this.#commands, understood.topic) });
    const close = this.#open.take(by, words, this.#world.mayNotChange(by) === null);
    if (typeof close !== "function") return conversation.whisper({ reply: close });
    const { kind } = understood.command;
    const observation = new Observation(this.#world.hosts, this.#world.clock, kind === "query" ? "query" : "plan");
    const answer = new Answer(conversation, { words, by }, observation, this.#world);
    const askedAt = this.#world.clock.now().toISOString();
    const auditFrom = this.#world.audit.position();
    const question = { words, by, askedAt, conversation, answer, observation, close, auditFrom };
    try {
      await this.#world.audit.append(by, null, { kind: "asked", words });
      await this.#answer(understood.command, understood.args, question);
    } catch (error) {
      const reply = refusalReply(error, words, by, this.#world, kind);
      await answer.giveOrWhisper({ reply });
    } finally {
      close();
    }
  }

  async #answer(command: Command, args: unknown, question: Question): Promise<void> {
    if (command.kind === "query") {
      const reply = await command.answer(args, factsFor(question, this.#world, question.observation.gather));
      await (command.onlyForAsker ? question.answer.whisper(reply) : question.answer.giveOrWhisper({ reply }));
      return;
    }
    const forbidden = question.conversation.mayNotChangeHere ?? this.#world.mayNotChange(question.by);
    if (forbidden !== null) return question.answer.whisper(forbiddenReply(forbidden));
    const plan = await command.plan(args, factsFor(question, this.#world, question.observation.gather));
    question.close();
    const asksNothing = command.risk === "reversible" && !plan.secrets?.length;
    if (asksNothing) await this.#runAtOnce(command, plan, question);
    else await this.#show(command, plan, question);
  }

  async #show(command: Change, plan: Plan, question: Question): Promise<void> {
    const operation = await this.#create(command, plan, question);
    const reply = planReply(plan, operation);
    const posting = this.#post(operation, question, reply, true);
    this.#posting.add(posting);
    const shown = await posting.finally(() => this.#posting.delete(posting));
    this.#expiry.expireLater(shown);
  }

  /** What can be undone needs no click: asking is confirming. It is locked and logged like any other change. */
  async #runAtOnce(command: Change, plan: Plan, question: Question): Promise<void> {
    const confirmed = ConfirmedPlan.withoutAsking(plan, question.by);
    const operation = await this.#create(command, plan, question);
    const now = this.#world.clock.now();
    const progress = new Progress(plan, () => now);
    const { messageId } = await this.#post(operation, question, progressReply(operation, progress, now), false);
    const { conversation } = question;
    const patch = { state: "confirmed" as const, confirmedBy: question.by, confirmedAt: now.toISOString() };
    await this.#world.operations.change(operation.id, ["planned"], patch);
    await this.#world.audit.append(question.by, operation.id, { kind: "confirmed", digest: operation.digest });
    try {
      await this.#runner.run({ confirmed, operation, messageId, conversation });
    } catch (error) {
      const parts = refusalReply(error, question.words, question.by, this.#world).parts.slice(1);
      const end = {
        from: "confirmed",
        state: "refused",
        result: "it could not begin",
        by: question.by,
        parts,
      } as const;
      await endUnrun(operation.id, end, this.#world, conversation);
    }
  }

  #create(command: Change, plan: Plan, question: Question): Promise<Operation> {
    const now = this.#world.clock.now().getTime();
    const secrets = (plan.secrets ?? []).map(({ name, label }) => ({ name, label }));
    const form = { summary: [...plan.irreversible], typed: plan.typedConfirmation, secrets };
    return this.#world.operations.create({
      words: question.words,
      title: plan.title,
      askedBy: question.by,
      askedAt: question.askedAt,
      place: question.conversation.place,
      messageId: null,
      digest: digestOf(plan),
      form: command.risk === "destructive" || secrets.length > 0 ? form : null,
      shown: planLines(plan),
      expiresAt: new Date(now + PLAN_LIFE_MS).toISOString(),
      state: "planned",
      confirmedBy: null,
      confirmedAt: null,
      finishedAt: null,
      result: null,
      told: false,
      auditFrom: question.auditFrom,
      auditTo: null,
    });
  }

  /** A change whose plan can't be posted is not made: the channel is the audit trail. */
  async #post(
    operation: Operation,
    question: Question,
    reply: Reply,
    withButtons: boolean,
  ): Promise<Operation & { messageId: string }> {
    const buttons = { operationId: operation.id, seal: sealOf(operation) ?? "", form: operation.form };
    try {
      const messageId = await question.answer.give(withButtons ? { reply, buttons } : { reply });
      // Where Slack's answer was late, a click on the message may have come first and has told its id.
      await this.#world.operations.change(operation.id, ["planned"], { messageId });
      return { ...operation, messageId };
    } catch (error) {
      const result = "its plan could not be posted";
      const finishedAt = this.#world.clock.now().toISOString();
      await this.#world.operations.change(operation.id, ["planned"], {
        state: "cancelled",
        result,
        finishedAt,
        told: true,
      });
      throw error;
    }
  }
}

const forbiddenReply = (why: string): Reply => ({
  title: "Refused: nothing was changed",
  tone: "bad",
  parts: [{ kind: "text", text: why }],
  next: ["help"],
});

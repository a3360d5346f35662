import { namedClusters, touchedClusters } from "../access/touched-clusters.ts";
import type { Change } from "../core/command.ts";
import { ConfirmedPlan } from "../core/confirmed-plan.ts";
import { refuseMorePlans } from "../core/open-plans.ts";
import { type Operation, planKeyOf } from "../core/operation.ts";
import { digestOf, type Plan, planLines, undoText } from "../core/plan.ts";
import { Refusal, reason, refusalOf } from "../core/refusal.ts";
import type { Part, Reply } from "../core/reply.ts";
import { shortened } from "../language/bind.ts";
import { turnOnParts, waitingParts } from "./approval-replies.ts";
import { whyNotPlan } from "./authority.ts";
import type { BreakGlass } from "./break-glass.ts";
import { linkOf } from "./confirm.ts";
import { progressReply } from "./end-reply.ts";
import { endLeft, endWithoutRun } from "./end-without-run.ts";
import type { Endings } from "./endings.ts";
import type { Expiry } from "./expiry.ts";
import { factsFor } from "./facts.ts";
import { refuseFrozen } from "./freezing.ts";
import { keptPlan } from "./kept-plan.ts";
import { planReply } from "./plan-reply.ts";
import type { Conversation, Message, World } from "./ports.ts";
import { Progress } from "./progress.ts";
import { forbid, type Question } from "./question.ts";
import { refusalShown } from "./refusal-reply.ts";
import { LeftQueue, type Runner } from "./runner.ts";
import { type Asked as AskedFor, askedFor, confirmedAs } from "./second-person.ts";
import type { ShownPlans } from "./shown-plans.ts";

/** How long a shown plan can be confirmed. */
const PLAN_LIFE_MS = 10 * 60_000;
/** The most lines of what can't be undone that the form shows and the operation keeps. */
const SUMMARY_LINES = 29;

/** A change, its plan, and the names of the clusters that it touches. */
interface Planned {
  readonly command: Change;
  readonly args: Readonly<Record<string, unknown>>;
  readonly plan: Plan;
  readonly clusters: string[];
  /** What its policy asks. */
  readonly asked: AskedFor;
}

/** The state with which an operation is first on disk. `planned`: it waits for a click. */
type FirstState = "planned" | "confirmed";

/** What a plan needs after it is made. */
interface AfterPlan {
  readonly runner: Runner;
  readonly expiry: Expiry;
  readonly endings: Endings;
  readonly shown: ShownPlans;
  readonly glass: BreakGlass;
}

/** Makes the plan of a change. It is shown and waits for a click, or runs at once if nothing is asked before it. */
export class Plans {
  readonly #world: World;
  readonly #runner: Runner;
  readonly #expiry: Expiry;
  readonly #endings: Endings;
  readonly #shown: ShownPlans;
  readonly #glass: BreakGlass;
  readonly #posting = new Set<Promise<unknown>>();

  constructor(world: World, { runner, expiry, endings, shown, glass }: AfterPlan) {
    this.#world = world;
    this.#runner = runner;
    this.#expiry = expiry;
    this.#endings = endings;
    this.#shown = shown;
    this.#glass = glass;
  }

  /** Resolves when each plan that is being posted has its message on record. */
  async posted(): Promise<void> {
    await Promise.allSettled(this.#posting);
  }

  /** The person may ask for it, as far as its words say. Its words are on disk. */
  async plan(command: Change, args: Readonly<Record<string, unknown>>, question: Question): Promise<void> {
    const { by, conversation } = question;
    // Before any host is asked: what the words name. A plan may touch more.
    const what = JSON.stringify(shortened(question.words));
    refuseFrozen(what, namedClusters(command, args, this.#world.inventory.current()), this.#world);
    // The store also refuses a plan if others came since then.
    refuseMorePlans(this.#world.operations.latest(Number.MAX_SAFE_INTEGER), question.by);
    const made = await command.plan(args, factsFor(question, this.#world, question.observation.gather));
    question.close();
    const notThis = await whyNotPlan(made, { command, args, by }, conversation, this.#world);
    if (notThis !== null) return forbid(notThis, "change", question);
    const clusters = touchedClusters(made, command, args, this.#world.inventory.current());
    refuseFrozen(what, clusters, this.#world);
    const asked = await askedFor(made, command, args, question.by, this.#world);
    const plan = confirmedAs(made, asked, command);
    const planned = { command, args, plan, clusters, asked };
    if (asked.demand.asksNothing && !plan.secrets?.length) await this.#runAtOnce(planned, question);
    else await this.#show(planned, question);
  }

  async #show(planned: Planned, question: Question): Promise<void> {
    const { plan, asked } = planned;
    const operation = await this.#create(planned, question, "planned");
    const { id } = operation;
    const asks = waitingParts(operation, asked, this.#world);
    const warning = plan.irreversible[0] ?? null;
    const reply = withDetails(planReply(plan, operation), turnOnParts(operation, asked));
    this.#shown.keep(operation, { reply, asks, warning, at: question.conversation });
    const posting = this.#post(operation, question, this.#shown.messageOf(operation));
    this.#shown.isPosted(id, posting);
    this.#posting.add(posting);
    const posted = await posting.finally(() => this.#posting.delete(posting));
    this.#expiry.expireLater(posted);
  }

  /**
   * A change that can be undone needs no click: its command confirms it. It is locked and logged like any other
   * change. On disk it is confirmed from its first write on: after a kill nothing waits for a click.
   */
  async #runAtOnce(planned: Planned, question: Question): Promise<void> {
    const { plan, clusters } = planned;
    const first = ConfirmedPlan.withoutClick(plan, question.by);
    const operation = await this.#create(planned, question, "confirmed");
    const now = this.#world.clock.now();
    const progress = new Progress(plan, () => now);
    const { messageId } = await this.#post(operation, question, { reply: progressReply(operation, progress, now) });
    const { conversation, by } = question;
    const patch = { confirmedBy: by, confirmedAt: now.toISOString() };
    try {
      await this.#world.operations.change(operation.id, ["confirmed"], patch);
      const event = { kind: "confirmed" as const, digest: operation.digest };
      await this.#world.audit.append(by, operation.id, { ...event, ...linkOf(messageId, conversation) });
      const confirmed = async (waited: boolean) => {
        if (waited) return this.#planAgain(planned, operation, conversation);
        // A post may take minutes.
        await this.#mayStillRun(plan, planned, operation, conversation);
        return { plan: first, clusters };
      };
      await this.#runner.run({ operation, messageId, conversation, locks: plan.locks, confirmed });
    } catch (error) {
      if (error instanceof LeftQueue) return endLeft({ ...operation, messageId }, error, this.#endings, conversation);
      const shown = refusalShown(error, question.words, this.#world);
      const end = { state: "refused", result: "it could not begin", by, ...shown } as const;
      await endWithoutRun({ ...operation, messageId }, end, this.#endings, conversation);
    }
  }

  /** The hosts, the roles and the policy may have changed while the operation waited for others. */
  async #planAgain(planned: Planned, operation: Operation, here: Conversation) {
    const { command, args } = planned;
    const { words, digest, askedBy: by, askedAt } = operation;
    const plan = await command.plan(args, factsFor({ words, by, askedAt }, this.#world));
    if (digestOf(plan) !== digest) {
      const why = "the operations before it changed what its plan was made for";
      throw new Refusal("The plan did not run", reason("PLAN_CHANGED", why, { run: words }));
    }
    await this.#mayStillRun(plan, planned, operation, here);
    const clusters = touchedClusters(plan, command, args, this.#world.inventory.current());
    return { plan: ConfirmedPlan.withoutClick(plan, by), clusters };
  }

  /** Throws if the role, the channel or the policy has changed since the command was sent. */
  async #mayStillRun(plan: Plan, planned: Planned, { words, askedBy: by }: Operation, here: Conversation) {
    const { command, args } = planned;
    const forbidden = await whyNotPlan(plan, { command, args, by }, here, this.#world);
    if (forbidden !== null) throw refusalOf(forbidden);
    const { demand } = await askedFor(plan, command, args, by, this.#world);
    if (demand.asksNothing) return;
    const why = "its policy asks for a confirmation since it was sent";
    throw new Refusal("The plan did not run", reason("PLAN_CHANGED", why, { run: words }));
  }

  async #create(planned: Planned, question: Question, state: FirstState): Promise<Operation> {
    const operation = await this.#kept(planned, question, state);
    try {
      const { words, digest } = operation;
      const event = { kind: "planned" as const, words, digest, risk: planned.command.risk };
      await this.#world.audit.append(question.by, operation.id, { ...event, ...keptPlan(operation.shown) });
      if (question.glass !== null) await this.#breaks(operation, question.glass, question.by);
      return operation;
    } catch (error) {
      await this.#endings.cancelAnswered(operation, "its plan could not be written to the audit log");
      throw error;
    }
  }

  /** The plan is the one of the break-glass. Before anything of it can be confirmed. */
  async #breaks(operation: Operation, { review, reason: why }: NonNullable<Question["glass"]>, by: string) {
    const { digest, id } = operation;
    await this.#world.audit.append(by, id, { kind: "break-glass", digest, reason: why });
    await this.#glass.planned(review, operation);
  }

  #kept(
    { command, plan, clusters, asked: { demand, ...asked } }: Planned,
    question: Question,
    state: FirstState,
  ): Promise<Operation> {
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
      state,
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
      await this.#isShownBy(operation, messageId);
      return { ...operation, messageId };
    } catch (error) {
      await this.#endings.cancelAnswered(operation, "its plan could not be posted");
      throw error;
    }
  }

  /** A failure changes nothing: the plan is shown. A click brings its message's id, and the plan expires. */
  async #isShownBy({ id, state }: Operation, messageId: string): Promise<void> {
    await this.#world.operations.change(id, [state], { messageId }).catch((error: unknown) => {
      if (this.#world.isStopping()) throw error;
      this.#world.log.error(`${id}: writing which message shows it`, error);
    });
  }
}

const withDetails = (reply: Reply, parts: readonly Part[]): Reply =>
  reply.details === undefined
    ? reply
    : { ...reply, details: { ...reply.details, parts: [...parts, ...reply.details.parts] } };

function summaryOf({ irreversible, undo }: Plan): string[] {
  if (irreversible.length === 0) return [undoText(undo)];
  const left = irreversible.length - SUMMARY_LINES;
  return left <= 0 ? [...irreversible] : [...irreversible.slice(0, SUMMARY_LINES), `…and ${left} more in the message`];
}

import { type Frozen, FrozenRefusal } from "../access/frozen.ts";
import { touchedClusters } from "../access/touched-clusters.ts";
import type { Command } from "../core/command.ts";
import { type Click, ConfirmedPlan, PlanChanged, PlanExpired, WrongConfirmation } from "../core/confirmed-plan.ts";
import { errorReply } from "../core/error-reply.ts";
import { NotWritten } from "../core/not-written.ts";
import { type Operation, type OperationState, sealOf } from "../core/operation.ts";
import { type Plan, planLines } from "../core/plan.ts";
import { type OperatorError, operatorError, Refusal, reason } from "../core/refusal.ts";
import { detailsOf, type Part, type Reply } from "../core/reply.ts";
import { SecondPerson } from "../core/second-person.ts";
import { type Secrets, secretProblem } from "../core/secret.ts";
import { understand } from "../language/understand.ts";
import { anyChange, whyNotAsk, whyNotPlan } from "./authority.ts";
import { endedReply } from "./end-reply.ts";
import { endLeft, endPlanned, endWithoutRun } from "./end-without-run.ts";
import type { Endings } from "./endings.ts";
import { factsFor } from "./facts.ts";
import { frozenNow } from "./freezing.ts";
import { recordOf } from "./plan-reply.ts";
import type { Conversation, FormAsked, World } from "./ports.ts";
import { notWrittenError, type RefusalShown, refusalShown, shownError } from "./refusal-reply.ts";
import { LeftQueue, type Runner } from "./runner.ts";
import { askedFor, confirmedAs, secondPersonOf, whyNotSecond } from "./second-person.ts";

/** What a person entered in the form. */
export interface FilledIn {
  /** null: the form asks for no line. */
  readonly typed: string | null;
  readonly secrets: Secrets;
}
/** A field with a wrong input, and why. */
export interface WrongField {
  readonly field: "typed" | { readonly secret: string };
  readonly why: string;
}

/** The plan of a click, as its button or its form names it. */
export interface PlanClicked {
  readonly operationId: string;
  /** null: a button of an older version, which had no seals. */
  readonly seal: string | null;
  /** The clicked message. It becomes the operation's message if Slack has not yet answered the post. */
  readonly messageId: string;
}
export interface ConfirmClick extends PlanClicked, FilledIn {
  readonly by: string;
}

/** Why a clicked plan does not run. The message is the operation's result. */
class NotRun extends Error {
  override name = "NotRun";
  readonly shown: RefusalShown;
  constructor(result: string, shown: RefusalShown) {
    super(result);
    this.shown = shown;
  }
}

/** Clicks on shown plans. A click makes the plan again; only a plan equal to the shown one runs. */
export class Confirmation {
  readonly #commands: readonly Command[];
  readonly #world: World;
  readonly #runner: Runner;
  readonly #endings: Endings;
  constructor(commands: readonly Command[], world: World, runner: Runner, endings: Endings) {
    this.#commands = commands;
    this.#world = world;
    this.#runner = runner;
    this.#endings = endings;
  }

  /** Answers at once, from memory: Slack opens a form only within 3 s of the click. */
  formFor(clicked: PlanClicked, by: string, conversation: Conversation): FormAsked | null {
    const { operationId, seal } = clicked;
    const operation = this.#world.operations.get(operationId);
    if (operation?.state !== "planned" || operation.form === null || seal === null) return null;
    if (whyNotThis(operation, clicked, conversation) !== null || whyNotSecond(operation, by) !== null) return null;
    // The submitted form is checked with the clusters of the plan.
    const forbidden = conversation.mayNotChangeHere ?? this.#world.permission.known(by, anyChange);
    const { verb, form } = operation;
    // Without a form the click itself is answered: it says what is frozen.
    if (frozenNow(this.#world, operation.clusters).length > 0) return null;
    return forbidden === null ? { operationId, seal, verb, form } : null;
  }

  wrongInForm(clicked: PlanClicked, { typed, secrets }: FilledIn): WrongField[] {
    const operation = this.#world.operations.get(clicked.operationId);
    // An unknown operation has no fields that can be wrong.
    const form = operation !== null && isOf(operation, clicked) ? operation.form : null;
    const wrong: WrongField[] = [];
    if (form?.typed && typed?.trim() !== form.typed.expected) {
      const why = `These are not the requested characters. ${form.typed.label}, as in the plan.`;
      wrong.push({ field: "typed", why });
    }
    for (const { name } of form?.secrets ?? []) {
      const why = secretProblem(secrets.get(name));
      if (why !== null) wrong.push({ field: { secret: name }, why });
    }
    return wrong;
  }

  /** The asker may cancel a plan. So may each person who may confirm it. */
  async cancel(clicked: PlanClicked, by: string, conversation: Conversation): Promise<void> {
    const { operationId: id, messageId } = clicked;
    const operation = this.#world.operations.get(id);
    const wrong =
      whyNotThis(operation, clicked, conversation) ??
      conversation.mayNotChangeHere ??
      (operation === null || operation.askedBy === by ? null : await this.#whyNot(operation, by, conversation));
    if (wrong !== null) return this.#refuseClick(wrong, operation, clicked, conversation);
    const only = (before: Operation) => whyNotThis(before, clicked, conversation) === null;
    const end = { state: "cancelled", result: "it was cancelled", by, messageId, only } as const;
    try {
      const isEnded = await endPlanned(id, end, this.#world, this.#endings, conversation);
      if (!isEnded) await this.#tooLate(clicked, conversation);
    } catch (error) {
      if (!(error instanceof NotWritten)) throw error;
      await conversation.sendEphemeral({ reply: clickReply(notWrittenError(error)) });
    }
  }

  async confirm(click: ConfirmClick, conversation: Conversation): Promise<void> {
    const { operationId: id, by, messageId } = click;
    const shown = this.#world.operations.get(id);
    const forbidden =
      whyNotThis(shown, click, conversation) ??
      conversation.mayNotChangeHere ??
      (shown === null ? null : whyNotSecond(shown, by)) ??
      (shown === null ? null : await this.#whyNot(shown, by, conversation, true));
    if (forbidden !== null) return this.#refuseClick(forbidden, shown, click, conversation);
    const frozen = shown?.state === "planned" ? frozenNow(this.#world, shown.clusters) : [];
    if (shown !== null && frozen.length > 0) return this.#refuseFrozen(shown, frozen, conversation);
    const wrong = wrongForm(id, this.wrongInForm(click, click));
    if (wrong !== null) return this.#refuseClick(wrong, shown, click, conversation);
    const now = this.#world.clock.now();
    const patch = { state: "confirmed" as const, confirmedBy: by, confirmedAt: now.toISOString(), messageId };
    // Decided before anything is awaited: of two clicks only one succeeds.
    const only = (before: Operation) => whyNotThis(before, click, conversation) === null;
    const operation = await this.#world.operations.change(id, ["planned"], patch, only).catch((error: unknown) => {
      if (error instanceof NotWritten) return error;
      throw error;
    });
    if (operation instanceof NotWritten) {
      return conversation.sendEphemeral({ reply: clickReply(notWrittenError(operation)) });
    }
    if (operation === null) return this.#tooLate(click, conversation);
    try {
      const confirmedEvent = { kind: "confirmed" as const, digest: operation.digest };
      await this.#world.audit.append(by, id, { ...confirmedEvent, ...linkOf(messageId, conversation) });
      const { locks } = operation;
      const confirmed = () => this.#planAgain(operation, click, now, conversation);
      await this.#runner.run({ operation, messageId, conversation, locks, confirmed });
    } catch (error) {
      if (error instanceof NotRun) return this.#refuse(operation, error.message, error.shown, conversation);
      if (error instanceof LeftQueue) return endLeft(operation, error, this.#endings, conversation);
      const shown = refusalShown(error, operation.words, this.#world);
      await this.#refuse(operation, "it was refused at the click", shown, conversation);
    }
  }

  /**
   * Why this person may not confirm or cancel the plan, as far as its words say. `confirms`: for a plan that destroys,
   * Slack is asked again who is in a user group.
   */
  async #whyNot(
    operation: Operation,
    by: string,
    conversation: Conversation,
    confirms = false,
  ): Promise<OperatorError | null> {
    const understood = understand(operation.words, this.#commands);
    // Words that mean something else in this version are refused before anything is run.
    if (understood.kind !== "command") return this.#world.permission.whyNot(by, anyChange);
    const fresh = confirms && asksSlackAgain(operation);
    return whyNotAsk({ ...understood, by }, conversation, this.#world, { fresh });
  }

  async #planAgain(operation: Operation, click: ConfirmClick, now: Date, conversation: Conversation) {
    const { by, typed, secrets, messageId } = click;
    // Not awaited: a confirmed plan must not run later because Slack is slow.
    conversation
      .revise(messageId, { reply: checkingAgain(operation, by) }, false)
      .catch((error) => this.#world.log.error(`${operation.id}: showing the click`, error));
    const understood = understand(operation.words, this.#commands);
    if (understood.kind !== "command" || understood.command.kind !== "change")
      throw new NotRun("the words mean something else in this version of the bot", { parts: [] });
    const { command, args } = understood;
    const made = await command.plan(args, factsFor({ ...operation, by: operation.askedBy }, this.#world));
    const fresh = asksSlackAgain(operation);
    const asked = await askedFor(made, command, args, operation.askedBy, this.#world, fresh);
    const plan = confirmedAs(made, asked, command);
    // A role may have been revoked while the hosts were asked, or while it waited for other operations.
    const forbidden = await whyNotPlan(plan, { command, args, by }, conversation, this.#world, { fresh });
    if (forbidden !== null) {
      const { parts, error } = shownError(forbidden);
      throw new NotRun("the role of the person who confirmed it is missing", { parts, error });
    }
    const second = await secondPersonOf({ operation, asked, by }, this.#world);
    if (!(second instanceof SecondPerson)) {
      const isUnknown = second.code === "ROLE_UNKNOWN";
      const why = isUnknown ? "nobody knows whether its approver has the role" : "its second person is missing";
      throw new NotRun(why, shownError(second));
    }
    const confirmed = confirmedOr(operation, plan, { by, at: now.getTime(), typed, secrets }, second);
    if (!(confirmed instanceof ConfirmedPlan)) {
      const { parts, ...shown } = refusalShown(notRun(confirmed), operation.words, this.#world);
      const changed = differences(operation.shown, planLines(plan));
      throw new NotRun(confirmed.message, { ...shown, parts: [...parts, ...changed] });
    }
    return { plan: confirmed, clusters: touchedClusters(plan, command, args, this.#world.inventory.current()) };
  }

  async #refuse(operation: Operation, why: string, shown: RefusalShown, conversation: Conversation): Promise<void> {
    const by = operation.confirmedBy ?? operation.askedBy;
    const end = { state: "refused", result: why, by, ...shown } as const;
    await endWithoutRun(operation, end, this.#endings, conversation);
  }

  /** The plan stays: it can be confirmed once the freeze ends, if it has not expired. */
  async #refuseFrozen({ id }: Operation, frozen: readonly Frozen[], conversation: Conversation): Promise<void> {
    const { error, parts } = new FrozenRefusal(id, frozen);
    await conversation.sendEphemeral({ reply: clickReply(error, parts) });
  }

  /** A copy of the plan loses its buttons, so that only one message in the channel has them. */
  async #refuseClick(
    why: OperatorError,
    operation: Operation | null,
    clicked: PlanClicked,
    conversation: Conversation,
  ): Promise<void> {
    if (operation !== null && isCopy(operation, clicked, conversation.place)) {
      conversation
        .revise(clicked.messageId, { reply: copyReply(operation, conversation) }, false)
        .catch((error) => this.#world.log.error(`${operation.id}: marking a copy of its plan`, error));
    }
    await conversation.sendEphemeral({ reply: clickReply(why) });
  }

  async #tooLate(clicked: PlanClicked, conversation: Conversation): Promise<void> {
    const operation = this.#world.operations.get(clicked.operationId);
    const other = whyNotThis(operation, clicked, conversation);
    const why = other ?? notPlannedNow(clicked.operationId, operation?.state ?? "forgotten");
    if (other === null && operation !== null && operation.finishedAt !== null && operation.messageId === null) {
      this.#endShown(operation, clicked.messageId, conversation);
    }
    await conversation.sendEphemeral({ reply: clickReply(why) });
  }

  /** The plan ended before its message's id was known, so its buttons are still there. This click brings the id. */
  #endShown(operation: Operation, messageId: string, conversation: Conversation): void {
    const { id, state } = operation;
    Promise.all([
      conversation.revise(messageId, { reply: endedReply(operation) }, false),
      this.#world.operations.change(id, [state], { messageId }),
    ]).catch((error) => this.#world.log.error(`${id}: taking the buttons off its plan`, error));
  }
}

/** Whether Slack must say at the confirmation who is in a user group: the plan destroys, or two people decide. */
const asksSlackAgain = ({ form, second }: Operation): boolean => form !== null || second !== null;

/** For the audit log. */
export function linkOf(messageId: string, { linkTo }: Pick<Conversation, "linkTo">): { readonly link?: string } {
  const link = linkTo(messageId);
  return link === null ? {} : { link };
}

const isOf = (operation: Operation, { seal }: PlanClicked): boolean => seal !== null && sealOf(operation) === seal;

/** Why a click does not count: another plan, another place, or another message. null: it counts. */
function whyNotThis(
  operation: Operation | null,
  clicked: PlanClicked,
  { place, linkTo }: Conversation,
): OperatorError | null {
  const { operationId: id } = clicked;
  const headline = `${id} can't be confirmed or cancelled by this click`;
  if (operation === null || !isOf(operation, clicked)) {
    const why = "the plan in this message is not known here: it is from another bot, data folder or version";
    return operatorError(headline, reason("PLAN_NOT_KNOWN", why));
  }
  if (operation.place !== place) {
    const why = "its plan is in another channel or thread, and only a click there counts";
    return operatorError(headline, reason("PLAN_NOT_KNOWN", why, "confirm it there, or send the command here"));
  }
  if (operation.messageId !== null && isCopy(operation, clicked, place)) {
    const fix = `click in the other message with this plan${linked(linkTo(operation.messageId))}`;
    return operatorError(
      headline,
      reason("PLAN_NOT_KNOWN", "this message is a copy: Slack posted the plan twice", fix),
    );
  }
  return null;
}

const notPlannedNow = (id: string, state: OperationState | "forgotten"): OperatorError =>
  operatorError(
    `${id} can't be confirmed or cancelled any more`,
    state === "expired"
      ? reason("PLAN_EXPIRED", "nobody confirmed the plan in time")
      : reason("PLAN_ENDED", `${id} is ${state} already`),
    { next: [`operation show ${id}`] },
  );

function wrongForm(id: string, [wrong]: readonly WrongField[]): OperatorError | null {
  return wrong === undefined ? null : operatorError(`${id} is not confirmed`, reason("WRONG_CONFIRMATION", wrong.why));
}

const linked = (link: string | null): string => (link === null ? "" : `, ${link}`);

const isCopy = (operation: Operation, clicked: PlanClicked, place: string): boolean =>
  isOf(operation, clicked) &&
  operation.place === place &&
  operation.messageId !== null &&
  operation.messageId !== clicked.messageId;

const copyReply = (operation: Operation, { linkTo }: Conversation): Reply => ({
  title: `${operation.title}: a copy of the plan (${operation.id})`,
  tone: "plain",
  parts: [
    {
      kind: "text",
      text: `Slack posted this plan twice. ${operation.id} continues in the other message${linked(operation.messageId === null ? null : linkTo(operation.messageId))}.`,
    },
  ],
  next: [detailsOf(operation.id)],
});

const notRun = (error: Error): Refusal =>
  new Refusal(
    "The plan did not run",
    error instanceof PlanChanged
      ? reason("PLAN_CHANGED", "the hosts or the inventory differ from what the plan showed")
      : error instanceof PlanExpired
        ? reason("PLAN_EXPIRED", "the click came after its time limit")
        : reason("WRONG_CONFIRMATION", error.message),
  );

function confirmedOr(operation: Operation, plan: Plan, click: Click, second: SecondPerson): ConfirmedPlan | Error {
  try {
    const shown = { digest: operation.digest, expiresAt: Date.parse(operation.expiresAt) };
    return ConfirmedPlan.confirm(shown, plan, click, second);
  } catch (error) {
    if (error instanceof PlanChanged || error instanceof PlanExpired || error instanceof WrongConfirmation)
      return error;
    throw error;
  }
}

/** Lines that only the shown plan has, and lines that only the new one has. */
function differences(shown: readonly string[], now: readonly string[]): Part[] {
  if (shown.length === 0) {
    const text = "The plan was too long to keep its text. Send the command again, and compare the two plans.";
    return [{ kind: "text", text }];
  }
  const [before, after] = [new Set(shown), new Set(now)];
  const removed = shown.filter((line) => !after.has(line)).map((line) => `- ${line}`);
  const added = now.filter((line) => !before.has(line)).map((line) => `+ ${line}`);
  const lines = [...removed, ...added];
  return lines.length === 0 ? [] : [{ kind: "code", caption: "What changed since the plan was shown", lines }];
}

const clickReply = (why: OperatorError, parts: readonly Part[] = []): Reply =>
  errorReply(why, { tone: "warning", parts, foot: "No step was run." });

const checkingAgain = (operation: Operation, by: string): Reply => ({
  title: `${operation.title}: confirmed, checking the hosts again (${operation.id})`,
  tone: "plain",
  parts: [{ kind: "text", text: "The bot checks the hosts again before the first step." }],
  next: [],
  record: recordOf({ ...operation, confirmedBy: by }),
});

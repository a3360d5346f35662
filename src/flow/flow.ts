import type { Command } from "../core/command.ts";
import type { NextStep } from "../core/reply.ts";
import { understand } from "../language/understand.ts";
import { Actions } from "./actions.ts";
import { Approvals } from "./approval.ts";
import { type AwayGlass, BreakGlass } from "./break-glass.ts";
import { Confirmation, type ConfirmClick, type FilledIn, type PlanClicked, type WrongField } from "./confirm.ts";
import { Dispatch } from "./dispatch.ts";
import { Endings } from "./endings.ts";
import { Expiry } from "./expiry.ts";
import { Forms } from "./forms.ts";
import { FrozenPlans } from "./frozen-plans.ts";
import { NextButtons } from "./next-buttons.ts";
import { OpenQuestions } from "./open-questions.ts";
import { Plans } from "./plans.ts";
import type { Conversation, Conversations, FormAsked, NextButton, World } from "./ports.ts";
import { type Pressed, Presses } from "./presses.ts";
import { recover } from "./recover.ts";
import { Runner } from "./runner.ts";
import { ShortForms } from "./short-forms.ts";
import { ShownPlans } from "./shown-plans.ts";
import type { RunNow } from "./stop-reply.ts";

/** The story of one command, from its words to its result. */
export interface Flow {
  /** A command in a conversation. Never throws: every end is a message. */
  ask(words: string, by: string, conversation: Conversation): Promise<void>;
  /**
   * A change at a terminal while Slack is away: without the channel and without a second person, on record. The channel
   * and every admin are notified when Slack is back, also after a restart.
   */
  askAway(words: string, by: string, away: AwayGlass, conversation: Conversation): Promise<void>;
  /** A click on the button of a next step. The person who clicks asks its command. */
  press(pressed: Pressed, by: string, conversation: Conversation): Promise<void>;
  /** Conversations in which next steps have buttons. */
  readonly conversations: Conversations;
  /** The buttons of these next steps, as many as a menu has. */
  buttonsOf(steps: readonly NextStep[]): NextButton[];
  /** Whether these words change something, or open the form of a change. */
  changes(words: string): boolean;
  /** Forms that build the words of changes. */
  readonly forms: Forms;
  /** Forms for what an action lacks. */
  readonly shortForms: ShortForms;
  /** Whether this is the bot's own button, and it opens a form. */
  opensForm(pressed: Pressed): boolean;
  /** Whether this message shows an incident: answers to its buttons belong in its thread. */
  isIncidentMessage(place: string, messageId: string): boolean;
  /** A click on Confirm, or its submitted form. */
  confirm(click: ConfirmClick, conversation: Conversation): Promise<void>;
  cancel(clicked: PlanClicked, by: string, conversation: Conversation): Promise<void>;
  /** The form that Confirm opens for this person. null: there is none, and the click itself confirms. */
  formFor(clicked: PlanClicked, by: string, conversation: Conversation): FormAsked | null;
  /** What is wrong in a submitted form; empty: nothing. Answers at once, without a host. */
  wrongInForm(clicked: PlanClicked, filledIn: FilledIn): readonly WrongField[];
  /** The operations between their confirmation and their end. */
  runs(): readonly RunNow[];
  /** The operations that change one of these names now, or did so within this time, in milliseconds. */
  changing(names: readonly string[], withinMs: number): readonly string[];
  /** After a start: reports in the channel what the last run left, and lets pending plans expire in time. */
  recover(): Promise<void>;
  /** Before the world is closed. From then on no plan expires. Resolves when the messages being posted are on record. */
  stop(): Promise<void>;
}

/** Slack may be unreachable. */
const STOP_LIMIT_MS = 2_000;

export function createFlow(commands: readonly Command[], given: World): Flow {
  const nextButtons = new NextButtons(commands, given.buttonKey);
  const world = { ...given, conversations: nextButtons.in(given.conversations) };
  const endings = new Endings(world);
  const runner = new Runner(world, endings);
  const expiry = new Expiry(world, endings);
  const asKnown = { ...world, operations: endings.known(world.operations) };
  const open = new OpenQuestions();
  const shown = new ShownPlans(world);
  const frozen = new FrozenPlans(asKnown, shown);
  const glass = new BreakGlass(asKnown, (id) => runner.ahead(id));
  const approvals = new Approvals(asKnown, endings, glass, shown);
  const actions = new Actions(asKnown, { runner, frozen, approvals });
  const plans = new Plans(asKnown, { runner, expiry, endings, shown, glass });
  const dispatch = new Dispatch(commands, asKnown, { actions, plans, open, glass, runner });
  const presses = new Presses(dispatch, nextButtons, world.log);
  const forms = new Forms(commands, world, open);
  const shortForms = new ShortForms(commands, world);
  const confirmation = new Confirmation(commands, world, runner, endings);
  /** An error after the bot began to stop is reported at its next start. */
  const unlessStopping = (work: Promise<void>) =>
    work.catch((error) => {
      if (!world.isStopping()) throw error;
    });
  const decided = ({ operationId }: PlanClicked) => glass.changed(operationId);
  return {
    conversations: world.conversations,
    forms,
    buttonsOf: (steps) => nextButtons.of({ next: steps, isMenu: true }),
    changes: (words) => {
      const understood = understand(words, commands);
      return understood.kind === "form" || (understood.kind === "command" && understood.command.kind !== "query");
    },
    shortForms,
    opensForm: (pressed) =>
      nextButtons.areOwn(pressed) &&
      (forms.commandOfForm(pressed.words) !== null || shortForms.of(pressed.words) !== null),
    ask: (words, by, conversation) => unlessStopping(dispatch.ask(words, by, nextButtons.with(conversation))),
    askAway: (words, by, away, conversation) =>
      unlessStopping(dispatch.ask(words, by, nextButtons.with(conversation), { away })),
    press: (pressed, by, conversation) => unlessStopping(presses.take(pressed, by, nextButtons.with(conversation))),
    isIncidentMessage: (place, messageId) => world.watch()?.isIncidentMessage(place, messageId) ?? false,
    confirm: (click, conversation) =>
      unlessStopping(confirmation.confirm(click, nextButtons.with(conversation)).finally(() => decided(click))),
    cancel: (clicked, by, conversation) =>
      unlessStopping(confirmation.cancel(clicked, by, nextButtons.with(conversation)).finally(() => decided(clicked))),
    formFor: (clicked, by, conversation) => confirmation.formFor(clicked, by, conversation),
    wrongInForm: (clicked, filledIn) => confirmation.wrongInForm(clicked, filledIn),
    runs: () => runner.now(),
    changing: (names, withinMs) => runner.changing(names, withinMs),
    recover: async () => {
      await recover(world, expiry, endings);
      await glass.recover();
      frozen.refresh();
      frozen.start();
    },
    stop: async () => {
      runner.close();
      const limit = new Promise((resolve) => setTimeout(resolve, STOP_LIMIT_MS).unref());
      await Promise.race([plans.posted(), limit]);
      frozen.stop();
      expiry.stop();
      glass.stop();
      endings.stop();
    },
  };
}

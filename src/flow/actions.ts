import type { Action } from "../core/command.ts";
import type { FreezeNotes } from "../core/freeze.ts";
import { resultNotLoggedPart } from "../core/not-logged.ts";
import { Refusal, reason } from "../core/refusal.ts";
import type { Reply } from "../core/reply.ts";
import type { Acting, IncidentPlace, WatchNotes } from "../core/watch-facts.ts";
import { shortened } from "../language/bind.ts";
import type { Approvals } from "./approval.ts";
import { factsFor } from "./facts.ts";
import type { FrozenPlans } from "./frozen-plans.ts";
import type { World } from "./ports.ts";
import { logged, type Question } from "./question.ts";
import { whyNotReached } from "./reach.ts";
import type { Runner } from "./runner.ts";

/** Commands that change only what the bot itself keeps. */
export class Actions {
  readonly #world: World;
  readonly #runner: Runner;
  readonly #frozen: FrozenPlans;
  readonly #approvals: Approvals;

  constructor(
    world: World,
    {
      runner,
      frozen,
      approvals,
    }: { readonly runner: Runner; readonly frozen: FrozenPlans; readonly approvals: Approvals },
  ) {
    this.#world = world;
    this.#runner = runner;
    this.#frozen = frozen;
    this.#approvals = approvals;
  }

  /** Its words are on disk already. Its result is logged as well, also if it is refused. */
  async act(command: Action, args: Readonly<Record<string, unknown>>, question: Question): Promise<void> {
    const { words, by, answer } = question;
    const acted = (result: string) => logged(by, { kind: "acted", words, result }, this.#world);
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
}

const watchIsOff = (words: string): Refusal =>
  new Refusal(
    `${shortened(words)} was not done`,
    reason("WATCH_OFF", "the bot is not running, or it runs with WATCH=off"),
  );

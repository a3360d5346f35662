import { ConfirmedPlan } from "../core/confirmed-plan.ts";
import type { Operation } from "../core/operation.ts";
import type { PlanResult } from "../core/plan.ts";
import { Refusal, reason } from "../core/refusal.ts";
import type { Gather } from "../core/step.ts";
import type { RunningOperation } from "../core/watch-facts.ts";
import { endedReply, endReply, progressReply, resultOf } from "./end-reply.ts";
import { type Ended, type Endings, notWrittenParts } from "./endings.ts";
import { execute } from "./execute.ts";
import { factsFor } from "./facts.ts";
import { refuseFrozen } from "./freezing.ts";
import { Locks } from "./locks.ts";
import { longest } from "./observation.ts";
import type { Conversation, World } from "./ports.ts";
import type { Progress } from "./progress.ts";
import { bugPart, bugReply } from "./refusal-reply.ts";

/** The message is updated this often, so that it shows how long a step has been running. */
const TICK_MS = 5_000;

/** A confirmed operation, with all that it needs to run. */
interface Runnable {
  readonly confirmed: ConfirmedPlan;
  readonly operation: Operation;
  readonly messageId: string;
  readonly conversation: Conversation;
}

/** Runs confirmed plans and reports on them: one message per operation, from the first step to the result. */
export class Runner {
  readonly #world: World;
  readonly #endings: Endings;
  readonly #locks = new Locks();
  readonly #running = new Map<string, RunningOperation>();
  constructor(world: World, endings: Endings) {
    this.#world = world;
    this.#endings = endings;
  }

  /**
   * Throws only before the first step: a Refusal if another operation changes the same objects. Before that step,
   * `running` is on disk.
   */
  async run(runnable: Runnable): Promise<void> {
    const { operation } = runnable;
    const plan = ConfirmedPlan.planOf(runnable.confirmed);
    const holder = this.#locks.take(plan.locks, operation.id);
    if (holder !== null) {
      const why = reason("BUSY", `${holder} changes the same objects now`, `wait until ${holder} ends`);
      throw new Refusal(`"${plan.title}" can't begin`, why, { next: [`operation show ${holder}`] });
    }
    this.#running.set(operation.id, operation);
    try {
      // The last moment before the first step. What passes here is in the answer to a freeze that begins now.
      refuseFrozen(operation.id, operation.clusters, this.#world);
      const running = await this.#world.operations.change(operation.id, ["confirmed"], { state: "running" });
      if (running === null) return;
      await this.#toTheEnd(runnable, { ...running, messageId: runnable.messageId });
    } finally {
      this.#running.delete(operation.id);
      this.#locks.release(operation.id);
    }
  }

  running(): readonly RunningOperation[] {
    return [...this.#running.values()].map(({ id, title, clusters }) => ({ id, title, clusters }));
  }

  /** The operations that change one of these names now, or did so within this time, in milliseconds. */
  changing(names: readonly string[], withinMs: number): readonly string[] {
    return this.#locks.changing(names, withinMs);
  }

  async #execute({ confirmed, operation, conversation, messageId }: Runnable, running: Operation): Promise<Progress> {
    const { clock, log } = this.#world;
    let latest: Progress | null = null;
    const notify = (progress: Progress) => {
      latest = progress;
      const reply = progressReply(running, progress, clock.now());
      conversation
        .revise(messageId, { reply }, false)
        .catch((error) => log.error(`${operation.id}: showing progress`, error));
    };
    const timer = setInterval(() => latest && notify(latest), TICK_MS);
    try {
      return await execute(confirmed, operation.id, this.#world, notify);
    } finally {
      clearInterval(timer);
    }
  }

  /**
   * From here on the operation has begun. After every error it has one end, and no message says that nothing was
   * changed.
   */
  async #toTheEnd(runnable: Runnable, running: Operation): Promise<void> {
    const by = runnable.confirmed.confirmedBy;
    let ended: Ended | null = null;
    try {
      const progress = await this.#execute(runnable, running);
      ended = await this.#write(running, progress, by);
      this.#locks.release(running.id);
      this.#running.delete(running.id);
      const result = await this.#observe(runnable);
      const shown = [...notWrittenParts(ended.notWritten), ...result.shown];
      const reply = endReply(running, progress, { ...result, shown }, this.#world.clock.now());
      await this.#endings.notify(ended, reply, runnable.conversation);
    } catch (error) {
      if (this.#world.isStopping()) throw error;
      if (ended !== null) {
        const parts = [...notWrittenParts(ended.notWritten), bugPart(error, running.words, this.#world)];
        return this.#endings.notify(ended, endedReply(ended.operation, parts), runnable.conversation);
      }
      const bug = bugReply(error, running.words, running.askedBy, this.#world);
      const result = "a bug of the bot stopped it; what it did shows in the audit log";
      const unknown = await this.#endings.write(running, { from: ["running"], state: "unknown", result, by });
      await this.#endings.notify(unknown, bug, runnable.conversation);
    }
  }

  #write(running: Operation, progress: Progress, by: string): Promise<Ended> {
    const { state, unwritten } = progress;
    const result = resultOf(progress, this.#world.clock.now());
    return this.#endings.write(running, { from: ["running"], state, result, unwritten, by });
  }

  /** Observes the hosts after the last step. A failure here does not change the result of the operation. */
  async #observe({ operation, confirmed }: Runnable): Promise<PlanResult> {
    const { result } = ConfirmedPlan.planOf(confirmed);
    if (result === null) return { shown: [] };
    try {
      // A host that does not answer must not delay the end's message.
      const gather: Gather = (host, reads) =>
        this.#world.hosts.gather(host, reads, { urgency: "operation", mayShare: false, withinMs: longest(reads) });
      return await result(factsFor({ ...operation, by: operation.askedBy }, this.#world, gather));
    } catch (error) {
      this.#world.log.error(`${operation.id}: observing the result`, error);
      return { shown: [{ kind: "text", text: "What the hosts show now could not be read.", tone: "warning" }] };
    }
  }
}

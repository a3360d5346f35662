import { ConfirmedPlan } from "../core/confirmed-plan.ts";
import type { Operation, OperationState } from "../core/operation.ts";
import type { PlanResult } from "../core/plan.ts";
import { type Reason, Refusal, reason } from "../core/refusal.ts";
import type { Gather } from "../core/step.ts";
import type { RunningOperation } from "../core/watch-facts.ts";
import { endedReply, endReply, progressReply, resultOf } from "./end-reply.ts";
import { type Ended, type Endings, notWrittenParts } from "./endings.ts";
import { execute } from "./execute.ts";
import { factsFor } from "./facts.ts";
import { refuseFrozen } from "./freezing.ts";
import { LockQueue } from "./lock-queue.ts";
import { longest } from "./observation.ts";
import type { Conversation, World } from "./ports.ts";
import type { Progress, StopAsked } from "./progress.ts";
import { bugPart, bugReply } from "./refusal-reply.ts";
import { leaveButton, type RunNow, stopButtons, waitingReply } from "./stop-reply.ts";

/** The message is updated this often, so that it shows how long a step has been running. */
const TICK_MS = 5_000;

/** An operation that waits longer for others is refused. */
const WAIT_MS = 600_000;
/** With so many operations ahead, another one does not wait. */
const MOST_AHEAD = 10;

/** A confirmed operation, with all that it needs to run. */
interface Runnable {
  readonly operation: Operation;
  readonly messageId: string;
  readonly conversation: Conversation;
  /** The names that it locks, as far as they are known before its plan is made again. */
  readonly locks: readonly string[];
  /**
   * Its plan, made while the names are locked. `waited`: others changed the same objects until now. Throws if it is not
   * the plan that was confirmed.
   */
  confirmed(waited: boolean): Promise<Confirmed>;
}
interface Confirmed {
  readonly plan: ConfirmedPlan;
  /** The names of the clusters that it touches. */
  readonly clusters: readonly string[];
}
type Begun = Runnable & { readonly confirmedPlan: ConfirmedPlan };

/** An operation between its confirmation and its end. */
interface Run {
  readonly operation: Operation;
  clusters: readonly string[];
  state: "waiting" | "planning" | "running" | "ended";
  stopAsked: StopAsked | null;
  /** null: its first step has not begun. */
  progress: Progress | null;
  /** While it waits: the operations ahead of it, and until when it waits, ISO 8601. */
  waits: { ahead(): readonly string[]; readonly until: string } | null;
  /** Shows that a stop was asked. */
  show: () => void;
}

/** A person took an operation out of the queue, or stopped it before its first step. */
export class LeftQueue extends Error {
  override name = "LeftQueue";
  readonly by: string;
  constructor(by: string) {
    super("it was stopped before its first step");
    this.by = by;
  }
}

/** Runs confirmed plans and reports on them: one message per operation, from the first step to the result. */
export class Runner {
  readonly #world: World;
  readonly #endings: Endings;
  readonly #queue = new LockQueue();
  readonly #runs = new Map<string, Run>();
  constructor(world: World, endings: Endings) {
    this.#world = world;
    this.#endings = endings;
  }

  /**
   * Waits while other operations change the same objects. Throws only before the first step: a Refusal if it can't
   * begin, or LeftQueue. Before that step, `running` is on disk.
   */
  async run(runnable: Runnable): Promise<void> {
    const { operation } = runnable;
    const { id } = operation;
    const { clusters } = operation;
    const run: Run = {
      ...{ operation, clusters, state: "waiting", stopAsked: null, progress: null, waits: null },
      show: () => undefined,
    };
    this.#runs.set(id, run);
    try {
      const waited = await this.#turn(runnable, run);
      run.state = "planning";
      const confirmed = await runnable.confirmed(waited);
      this.#lockRest(operation, ConfirmedPlan.planOf(confirmed.plan).locks);
      if (run.stopAsked !== null) throw new LeftQueue(run.stopAsked.by);
      run.clusters = confirmed.clusters;
      run.state = "running";
      // The last moment before the first step. What passes here is in the answer to a freeze that begins now.
      refuseFrozen(id, run.clusters, this.#world);
      const running = await this.#world.operations.change(id, ["confirmed"], { state: "running" });
      if (running === null) return;
      const begun = { ...runnable, confirmedPlan: confirmed.plan };
      await this.#toTheEnd(begun, { ...running, messageId: runnable.messageId }, run);
    } finally {
      this.#ended(run);
    }
  }

  running(): readonly RunningOperation[] {
    return [...this.#runs.values()]
      .filter(({ state }) => state === "running")
      .map(({ operation: { id, title }, clusters }) => ({ id, title, clusters }));
  }

  /** The operations that this one waits for in the queue, the first one first. Empty: it does not wait. */
  ahead(id: string): readonly string[] {
    return this.#runs.get(id)?.waits?.ahead() ?? [];
  }

  /** All between their confirmation and their end, as people see them. */
  now(): readonly RunNow[] {
    return [...this.#runs.values()].map(({ operation, stopAsked, progress, waits }) => {
      const [first, ...others] = waits?.ahead() ?? [];
      const shown = { id: operation.id, stopAsked, waits: null };
      if (waits === null || first === undefined)
        return { ...shown, stops: progress === null ? [] : stopButtons(operation, progress) };
      return { ...shown, waits: { ahead: [first, ...others], until: waits.until }, stops: [leaveButton(operation)] };
    });
  }

  /** See `OperationNotes.stop`. */
  async stop(id: string, by: string): Promise<"stopping" | "left the queue"> {
    const run = this.#runs.get(id);
    if (run === undefined) throw this.#notRunning(id);
    await this.#world.audit.append(by, id, { kind: "stopping" });
    // It may have ended until then.
    if (this.#runs.get(id) !== run) throw this.#notRunning(id);
    run.stopAsked ??= { by, at: this.#world.clock.now().toISOString() };
    run.show();
    return run.state === "waiting" ? "left the queue" : "stopping";
  }

  #notRunning(id: string): Refusal {
    const why = whyNotRunning(id, this.#world.operations.get(id)?.state ?? "forgotten");
    return new Refusal(`${id} can't be stopped`, why, { next: [`operation show ${id}`] });
  }

  /** Nothing that waits begins any more: the next start ends it. */
  close(): void {
    this.#queue.close();
  }

  /** Resolves to whether it waited. */
  async #turn({ operation, locks, messageId, conversation }: Runnable, run: Run): Promise<boolean> {
    const { id } = operation;
    if (this.#queue.take(locks, id)) return false;
    const ahead = () => this.#queue.ahead(locks, id);
    if (ahead().length > MOST_AHEAD)
      throw this.#busy(operation, ahead(), `${ahead().length} operations wait for the same objects`);
    const until = new Date(this.#world.clock.now().getTime() + WAIT_MS).toISOString();
    run.waits = { ahead, until };
    let shown = "";
    const show = () => {
      const reply = waitingReply(operation, ahead(), until);
      const text = ahead().join(" ");
      if (text === shown || text === "") return;
      shown = text;
      conversation
        .revise(messageId, { reply }, false)
        .catch((error) => this.#world.log.error(`${id}: showing its place in the queue`, error));
    };
    const how = await new Promise<"granted" | "late" | "left">((resolve) => {
      const timer = setTimeout(() => resolve("late"), WAIT_MS).unref();
      const end = (what: "granted" | "left") => {
        clearTimeout(timer);
        resolve(what);
      };
      run.show = () => end("left");
      this.#queue.wait({ operationId: id, names: locks, granted: () => end("granted"), moved: show });
      show();
    });
    run.show = () => undefined;
    run.waits = null;
    const blocking = ahead();
    this.#queue.leave(id);
    if (run.stopAsked !== null) throw new LeftQueue(run.stopAsked.by);
    if (how === "late") throw this.#busy(operation, blocking, `${blocking[0]} changed the same objects for 10 min`);
    return true;
  }

  /** The plan may lock more than the shown one did. It does not wait for that: it has locked names already. */
  #lockRest(operation: Operation, names: readonly string[]): void {
    const held = this.#queue.heldBy(operation.id);
    const rest = names.filter((name) => !held.has(name));
    if (this.#queue.take(rest, operation.id)) return;
    const ahead = this.#queue.ahead(rest, operation.id);
    throw this.#busy(operation, ahead, `${ahead[0]} changes the same objects now`);
  }

  #busy({ title }: Operation, [holder = ""]: readonly string[], why: string): Refusal {
    return new Refusal(`"${title}" can't begin`, reason("BUSY", why, `wait until ${holder} ends`), {
      next: [`operation show ${holder}`],
    });
  }

  /** Its names are free for others, and it can't be stopped any more. */
  #ended(run: Run): void {
    const { id } = run.operation;
    if (run.state === "ended") return;
    run.state = "ended";
    this.#runs.delete(id);
    this.#queue.release(id);
  }

  /** The operations that change one of these names now, or did so within this time, in milliseconds. */
  changing(names: readonly string[], withinMs: number): readonly string[] {
    return this.#queue.changing(names, withinMs);
  }

  async #execute(
    { confirmedPlan, operation, conversation, messageId }: Begun,
    running: Operation,
    run: Run,
  ): Promise<Progress> {
    const { clock, log } = this.#world;
    let latest: Progress | null = null;
    const notify = (progress: Progress) => {
      latest = progress;
      run.progress = progress;
      const reply = progressReply(running, progress, clock.now());
      conversation
        .revise(messageId, { reply }, false)
        .catch((error) => log.error(`${operation.id}: showing progress`, error));
    };
    run.show = () => latest && notify(latest);
    const timer = setInterval(() => run.show(), TICK_MS);
    try {
      return await execute(confirmedPlan, operation.id, this.#world, notify, () => run.stopAsked);
    } finally {
      clearInterval(timer);
      run.show = () => undefined;
    }
  }

  /**
   * From here on the operation has begun. After every error it has one end, and no message says that nothing was
   * changed.
   */
  async #toTheEnd(runnable: Begun, running: Operation, run: Run): Promise<void> {
    const by = runnable.confirmedPlan.confirmedBy;
    let ended: Ended | null = null;
    try {
      const progress = await this.#execute(runnable, running, run);
      ended = await this.#write(running, progress, by);
      this.#ended(run);
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
  async #observe({ operation, confirmedPlan }: Begun): Promise<PlanResult> {
    const { result } = ConfirmedPlan.planOf(confirmedPlan);
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

function whyNotRunning(id: string, state: OperationState | "forgotten"): Reason {
  if (state === "planned") return reason("WRONG_STATE", `${id} waits for a click`, "press Cancel under its plan");
  // Its message is posted first, and Slack may be slow.
  if (state === "confirmed") return reason("WRONG_STATE", `${id} has not begun yet`, "stop it again in a moment");
  return reason("PLAN_ENDED", `${id} is ${state} already`);
}

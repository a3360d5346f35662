import { ConfirmedPlan } from "../core/confirmed-plan.ts";
import { counted } from "../core/counted.ts";
import { type HostCommand, isTransientFailure, type ReadCommand } from "../core/host-command.ts";
import type { InventoryChange } from "../core/inventory-change.ts";
import type { AuditEvent, OutcomeRecord } from "../core/operation.ts";
import { done, type Outcome, reasonOf, refused, unknown } from "../core/outcome.ts";
import type { Plan, Stage } from "../core/plan.ts";
import { reason } from "../core/refusal.ts";
import { type Secrets, withoutSecrets } from "../core/secret.ts";
import { commandOf, objectionText, type Step } from "../core/step.ts";
import type { World } from "./ports.ts";
import { Progress, type StopAsked } from "./progress.ts";

type HostsStage = Extract<Stage, { kind: "hosts" }>;

/**
 * The only function that changes hosts. Each step is in the audit log, on disk, before its host is touched. The guard
 * is read after that, directly before the command. Execution stops at the first step that is not done, and after the
 * steps that run if a person asked for it.
 */
export async function execute(
  confirmed: ConfirmedPlan,
  operationId: string,
  world: World,
  onProgress: (progress: Progress) => void,
  stopAsked: () => StopAsked | null = () => null,
): Promise<Progress> {
  const run = new Run(confirmed, operationId, world, onProgress, stopAsked);
  await run.stages();
  return run.progress;
}

class Run {
  readonly progress: Progress;
  readonly #plan: Plan;
  readonly #secrets: Secrets;
  readonly #operationId: string;
  readonly #by: string;
  readonly #world: World;
  readonly #onProgress: (progress: Progress) => void;

  constructor(
    confirmed: ConfirmedPlan,
    operationId: string,
    world: World,
    onProgress: (progress: Progress) => void,
    stopAsked: () => StopAsked | null,
  ) {
    this.#plan = ConfirmedPlan.planOf(confirmed);
    this.#secrets = ConfirmedPlan.secretsOf(confirmed);
    this.progress = new Progress(this.#plan, () => world.clock.now(), stopAsked);
    this.#operationId = operationId;
    this.#by = confirmed.confirmedBy;
    this.#world = world;
    this.#onProgress = onProgress;
  }

  async stages(): Promise<void> {
    for (const stage of this.#plan.stages) {
      if (this.progress.stopAsked !== null) return;
      if (stage.kind === "record") await this.#record(stage);
      else await this.#sideBySide(stage);
      if (this.progress.stopped) return;
    }
  }

  async #record(stage: Extract<Stage, { kind: "record" }>): Promise<void> {
    this.progress.began(stage);
    const problem = await this.#problemOfRecording([...stage.changes]);
    this.progress.recorded(stage, problem);
    this.#onProgress(this.progress);
  }

  async #problemOfRecording(changes: InventoryChange[]): Promise<string | null> {
    if (!(await this.#written({ kind: "recording", changes }, "not begun"))) return "the inventory was not changed";
    const problem = await this.#world.inventory.apply(changes).then(() => null, messageOf);
    await this.#written({ kind: "recorded", problem }, "happened");
    return problem === null ? null : `the inventory could not be written: ${problem}`;
  }

  /**
   * Whether the event is in the audit log. An event that happened is kept until it can be written. One that did not
   * begin is not.
   */
  async #written(event: AuditEvent, what: "happened" | "not begun"): Promise<boolean> {
    try {
      await this.#world.audit.append(this.#by, this.#operationId, event);
      return true;
    } catch (error) {
      // A bot that stops closes its files. Its next start logs the step as unknown.
      if (!this.#world.isStopping()) this.#world.log.error(`${this.#operationId}: writing the audit log`, error);
      this.progress.notWritten(messageOf(error), what === "happened" ? event : null);
      return false;
    }
  }

  /** Hosts run in parallel. The steps of one host run one after another. */
  async #sideBySide(stage: HostsStage): Promise<void> {
    this.progress.began(stage);
    const beganAt = this.#world.clock.now().getTime();
    const byHost = new Map<string, Step[]>();
    for (const step of stage.steps) byHost.set(step.host.uuid, [...(byHost.get(step.host.uuid) ?? []), step]);
    await Promise.all(
      [...byHost.values()].map(async (steps) => {
        for (const step of steps) {
          if (this.#isStopped(stage, step)) return;
          await this.#step(step, beganAt);
        }
      }),
    );
  }

  #isStopped(stage: HostsStage, { host }: Step): boolean {
    const { stopped, troubles, omissions, canWrite } = this.progress;
    if (!canWrite || this.progress.stopAsked !== null) return true;
    if (stage.eachHostAlone !== true && stage.bestEffort !== true) return stopped;
    return [...troubles, ...omissions].some(({ step }) => step.host.uuid === host.uuid);
  }

  async #step(step: Step, stageBeganAt: number): Promise<void> {
    this.progress.running(step);
    this.#onProgress(this.progress);
    let outcome = await this.#logged(step, stageBeganAt);
    for (let runs = 1; runs < mostRuns && this.#isTransient(step, outcome); runs++) {
      await this.#world.clock.sleep(recheckMs);
      outcome = await this.#logged(step, stageBeganAt);
    }
    this.progress.finished(step, outcome);
    this.#onProgress(this.progress);
  }

  #isTransient(step: Step, outcome: Outcome): boolean {
    return "command" in step && this.progress.canWrite && isTransientFailure(step.command, outcome);
  }

  /** Runs the step once, between its two lines in the audit log. */
  async #logged(step: Step, stageBeganAt: number): Promise<Outcome> {
    const command = commandOf(step);
    const stepId = this.progress.idOf(step);
    const host = step.host.name;
    const began = { kind: "began" as const, stepId, host, effect: command.effect, argv: [...command.argv] };
    if (!(await this.#written(began, "not begun")))
      return refused("it was not begun: the audit log can't be written", [
        reason("DATA_NOT_WRITTEN", "the audit log can't be written"),
      ]);
    const outcome = withoutSecretsIn(this.#secrets, await this.#outcomeOrBug(step, stageBeganAt));
    await this.#written({ kind: "finished", stepId, host, outcome: recordOf(outcome) }, "happened");
    return outcome;
  }

  async #outcomeOrBug(step: Step, stageBeganAt: number): Promise<Outcome> {
    try {
      return await this.#outcomeOf(step, stageBeganAt);
    } catch (error) {
      this.#world.log.error(`${this.#operationId}: ${this.progress.idOf(step)} on ${step.host.name}`, error);
      return refused(`it was not begun: ${messageOf(error)}`);
    }
  }

  async #outcomeOf(step: Step, stageBeganAt: number): Promise<Outcome> {
    const { hosts } = this.#world;
    if ("check" in step) {
      // A check may wait for its host: for a lease, or for a device that udev has not yet named.
      const { host, check, withinMs = 0 } = step;
      const answer = await this.#asked(step, check, (value) => value === null, this.#now() + withinMs);
      return answer.kind === "done" && answer.value !== null ? refused(`${host.name} ${answer.value}`) : answer;
    }
    if (step.skipIf !== undefined) {
      // The limit counts from the stage's beginning: several steps of a host wait for the same thing together.
      const { condition, withinMs } = step.skipIf;
      const answer = await this.#asked(step, condition, (value) => value, stageBeganAt + withinMs);
      if (answer.kind !== "done") {
        const why = `whether it is needed could not be read: ${reasonOf(answer)}`;
        return refused(why, [reason("HOST_UNREADABLE", why)]);
      }
      if (answer.value) return done(null);
    }
    const against = await this.#guards(step);
    if (against !== null) return against;
    const command = this.#filledIn(step.command);
    // An error from here on may come after the command was sent.
    return hosts.run(step.host, command).catch((error: unknown) => {
      this.#world.log.error(`${this.#operationId}: ${this.progress.idOf(step)} on ${step.host.name}`, error);
      return unknown(`a bug of the bot: ${messageOf(error)}`);
    });
  }

  /** The command with its secret in it: only here, and only for the host. */
  #filledIn(command: HostCommand<unknown>): HostCommand<unknown> {
    if (command.withSecret === undefined) return command;
    const secret = this.#secrets.get(command.withSecret.name);
    if (secret === undefined) throw new Error(`the plan does not ask for the secret ${command.withSecret.name}`);
    return { ...command, stdin: command.withSecret.stdin(secret) };
  }

  /** Reads until the answer is as desired or the time is over. Reads at least once. Returns the last answer. */
  async #asked<T>(
    { host }: Step,
    read: ReadCommand<T>,
    isAlready: (value: T) => boolean,
    untilMs: number,
  ): Promise<Outcome<T>> {
    for (;;) {
      const answer = await this.#world.hosts.run(host, read);
      if (answer.kind === "done" && isAlready(answer.value)) return answer;
      const leftMs = untilMs - this.#now();
      if (leftMs <= 0) return answer;
      await this.#world.clock.sleep(Math.min(recheckMs, leftMs));
    }
  }

  readonly #now = (): number => this.#world.clock.now().getTime();

  /** Why the step must not run now. Its guards are read on all their hosts in parallel, with one round trip each. */
  async #guards(step: Step): Promise<Outcome<never> | null> {
    const guards = "guard" in step && step.guard ? step.guard : [];
    const answers = await Promise.all(
      guards.map((guard) => guard.ask((host, reads) => this.#world.hosts.gather(host, reads))),
    );
    const [first, ...others] = answers.filter((answer) => answer !== null);
    if (first === undefined) return null;
    const reasons = others.flatMap((each) => each.reasons);
    return refused(objectionText([first, ...others]), [...first.reasons, ...reasons]);
  }
}

const recheckMs = 2_000;
/** For a command with a transient failure. */
const mostRuns = 3;

const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));

/** A program may print a secret in its error message. The outcome must not contain it. */
function withoutSecretsIn(secrets: Secrets, outcome: Outcome): Outcome {
  switch (outcome.kind) {
    case "done":
      return outcome.output === undefined ? outcome : { ...outcome, output: withoutAny(outcome.output, secrets) };
    case "failed":
      return { ...outcome, stderr: withoutAny(outcome.stderr, secrets) };
    case "refused":
    case "unknown":
      return { ...outcome, reason: withoutSecrets(outcome.reason, secrets) };
  }
}

/** A program's text was cut at about this length. Its end may then be the beginning of a secret. */
const CUT_CHARACTERS = 3_000;
const LONGEST_SECRET = 256;

function withoutAny(text: string, secrets: Secrets): string {
  const clean = withoutSecrets(text, secrets);
  return secrets.size > 0 && text.length >= CUT_CHARACTERS ? clean.slice(0, -LONGEST_SECRET) : clean;
}

/** The part of standard error that is kept: its beginning and its end, so that a noisy tool can't fill the log. */
function recordOf(outcome: Outcome): OutcomeRecord {
  switch (outcome.kind) {
    case "done":
      return { kind: "done", exitCode: outcome.exitCode, ...firstLines(outcome.output) };
    case "failed":
      return { kind: "failed", exitCode: outcome.exitCode, stderr: shortened(outcome.stderr) };
    case "refused":
    case "unknown":
      return { kind: outcome.kind, reason: shortened(outcome.reason) };
  }
}

/** Of a program's output the log keeps so many lines and characters. */
const MOST_LINES = 10;
const MOST_CHARACTERS = 1_000;

function firstLines(output = ""): { readonly output?: string[] } {
  const lines = output.slice(0, MOST_CHARACTERS).split("\n").slice(0, MOST_LINES);
  const left = output.split("\n").length - lines.length;
  if (output === "") return {};
  return { output: left > 0 ? [...lines, `[${counted(left, "line")} left out]`] : lines };
}

const shortened = (text: string): string =>
  text.length <= 4000
    ? text
    : `${text.slice(0, 2000)}\n[${text.length - 4000} characters left out]\n${text.slice(-2000)}`;

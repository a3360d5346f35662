import type { AuditEvent, OperationState } from "../core/operation.ts";
import type { Outcome } from "../core/outcome.ts";
import { type Plan, type Stage, stepsOf } from "../core/plan.ts";
import type { Step } from "../core/step.ts";

interface StepState {
  readonly step: Step;
  /** null: not begun. */
  readonly outcome: Outcome | "running" | null;
}
export interface StageState {
  readonly stage: Stage;
  readonly beganAt: Date | null;
  readonly finishedAt: Date | null;
  /** Why a record stage failed. */
  readonly problem: string | null;
  readonly steps: readonly StepState[];
}

/** Who asked that no further step begins, and when. */
export interface StopAsked {
  readonly by: string;
  /** ISO 8601. */
  readonly at: string;
}

export interface StepOutcome {
  readonly step: Step;
  readonly outcome: Outcome;
}

/** How far a plan has come. The messages during its run and at its end show it. */
export class Progress {
  readonly plan: Plan;
  readonly beganAt: Date;
  readonly #now: () => Date;
  readonly #stopAsked: () => StopAsked | null;
  readonly #steps = new Map<Step, Outcome | "running">();
  readonly #ids = new Map<Step, string>();
  /** Events that could not be written when they happened. */
  readonly #unwritten: AuditEvent[] = [];
  #notWritten: string | null = null;
  readonly #stages = new Map<Stage, { beganAt: Date; finishedAt: Date | null; problem: string | null }>();

  constructor(plan: Plan, now: () => Date, stopAsked: () => StopAsked | null = () => null) {
    this.plan = plan;
    this.#now = now;
    this.#stopAsked = stopAsked;
    this.beganAt = now();
    for (const [index, step] of stepsOf(plan).entries()) this.#ids.set(step, `step-${index + 1}`);
  }

  idOf(step: Step): string {
    const id = this.#ids.get(step);
    if (id === undefined) throw new Error("a step of another plan");
    return id;
  }

  began(stage: Stage): void {
    this.#stages.set(stage, { beganAt: this.#now(), finishedAt: null, problem: null });
  }
  recorded(stage: Stage, problem: string | null): void {
    this.#finish(stage, problem);
  }
  running(step: Step): void {
    this.#steps.set(step, "running");
  }
  finished(step: Step, outcome: Outcome): void {
    this.#steps.set(step, outcome);
    const stage = this.plan.stages.find((each) => each.kind === "hosts" && each.steps.includes(step));
    if (stage?.kind !== "hosts") return;
    if (stage.steps.every((each) => this.#outcomeOf(each) !== null)) this.#finish(stage, null);
  }
  /** The audit log can't be written, so no further step may begin. `event`: what happened and must still be logged. */
  notWritten(why: string, event: AuditEvent | null): void {
    this.#notWritten ??= why;
    if (event !== null) this.#unwritten.push(event);
  }
  get unwritten(): readonly AuditEvent[] {
    return this.#unwritten;
  }
  get canWrite(): boolean {
    return this.#notWritten === null;
  }
  #finish(stage: Stage, problem: string | null): void {
    const state = this.#stages.get(stage);
    if (state) this.#stages.set(stage, { ...state, finishedAt: this.#now(), problem });
  }

  get stages(): StageState[] {
    return this.plan.stages.map((stage) => {
      const state = this.#stages.get(stage) ?? { beganAt: null, finishedAt: null, problem: null };
      const steps = stage.kind === "hosts" ? stage.steps : [];
      return { stage, ...state, steps: steps.map((step) => ({ step, outcome: this.#steps.get(step) ?? null })) };
    });
  }

  readonly isDone = (step: Step): boolean => this.#outcomeOf(step)?.kind === "done";

  #outcomeOf(step: Step): Outcome | null {
    const outcome = this.#steps.get(step);
    return outcome === undefined || outcome === "running" ? null : outcome;
  }

  /** null: nobody asked that it stops. */
  get stopAsked(): StopAsked | null {
    return this.#stopAsked();
  }

  /** Whether a step or a record failed. Then no further step may begin. */
  get stopped(): boolean {
    return this.troubles.length > 0 || this.problems.length > 0;
  }
  get troubles(): StepOutcome[] {
    return this.#undone().filter(({ bestEffort }) => !bestEffort);
  }
  /** Steps that are not done, but stop nothing. */
  get omissions(): StepOutcome[] {
    return this.#undone().filter(({ bestEffort }) => bestEffort);
  }
  #undone(): (StepOutcome & { readonly bestEffort: boolean })[] {
    return this.plan.stages.flatMap((stage) => {
      if (stage.kind !== "hosts") return [];
      return stage.steps.flatMap((step) => {
        const outcome = this.#outcomeOf(step);
        if (outcome === null || outcome.kind === "done") return [];
        return [{ step, outcome, bestEffort: stage.bestEffort === true }];
      });
    });
  }
  get problems(): string[] {
    const ofWriting = this.#notWritten === null ? [] : [`the steps stopped: ${this.#notWritten}`];
    return [...this.stages.flatMap((stage) => stage.problem ?? []), ...ofWriting];
  }

  /** `unknown` has priority: if one step is unknown, the state of the whole operation is too. */
  get state(): OperationState {
    const kinds = new Set(this.troubles.map(({ outcome }) => outcome.kind));
    if (kinds.has("unknown")) return "unknown";
    if (kinds.has("failed") || this.problems.length > 0) return "failed";
    if (kinds.has("refused")) return "refused";
    const isLeft = this.stages.some(({ finishedAt }) => finishedAt === null);
    return this.stopAsked !== null && isLeft ? "stopped" : "done";
  }
}

import { digestOf, type Plan, stepsOf } from "./plan.ts";
import { NoSecondPerson, type SecondPerson } from "./second-person.ts";
import { noSecrets, type Secrets, secretProblem } from "./secret.ts";

export class PlanChanged extends Error {
  override name = "PlanChanged";
}
export class PlanExpired extends Error {
  override name = "PlanExpired";
}
export class WrongConfirmation extends Error {
  override name = "WrongConfirmation";
}

interface Shown {
  readonly digest: string;
  /** Milliseconds since the epoch. */
  readonly expiresAt: number;
}
export interface Click {
  readonly by: string;
  readonly at: number;
  /** The text that the person typed to confirm. Null if nothing was asked. */
  readonly typed: string | null;
  readonly secrets: Secrets;
}

/** A plan that may run. Only a confirmation makes one. A similar object fails to compile, and fails at run time. */
export class ConfirmedPlan {
  readonly #plan: Plan;
  readonly #secrets: Secrets;
  readonly confirmedBy: string;
  private constructor(plan: Plan, confirmedBy: string, secrets: Secrets) {
    this.#plan = plan;
    this.#secrets = secrets;
    this.confirmedBy = confirmedBy;
  }

  /**
   * `fresh` is the plan made again at the click. It must be equal to the plan that the operator read, and that the
   * second person approved.
   */
  static confirm(shown: Shown, fresh: Plan, click: Click, second: SecondPerson): ConfirmedPlan {
    if (click.at >= shown.expiresAt) throw new PlanExpired("the plan expired");
    if (!second.covers(shown.digest)) throw new NoSecondPerson("the approval is of another plan");
    if (digestOf(fresh) !== shown.digest) throw new PlanChanged("the hosts or the inventory differ from the plan");
    const wanted = fresh.typedConfirmation;
    if (wanted !== null && click.typed?.trim() !== wanted.expected) {
      throw new WrongConfirmation(`${wanted.label}: ${JSON.stringify(click.typed ?? "")} is not ${wanted.expected}`);
    }
    for (const { name, label } of fresh.secrets ?? []) {
      const wrong = secretProblem(click.secrets.get(name));
      if (wrong !== null) throw new WrongConfirmation(`${label}: ${wrong}`);
    }
    return new ConfirmedPlan(fresh, click.by, click.secrets);
  }

  /** For changes that can be undone. It throws if a step destroys something. */
  static withoutClick(plan: Plan, by: string): ConfirmedPlan {
    const destroys = stepsOf(plan).some((step) => "command" in step && step.command.effect === "destroy");
    if (destroys || plan.typedConfirmation !== null) throw new TypeError("a destroying plan must be confirmed");
    if (plan.secrets?.length) throw new TypeError("a plan with secrets must be confirmed");
    return new ConfirmedPlan(plan, by, noSecrets);
  }

  static planOf(confirmed: ConfirmedPlan): Plan {
    return confirmed.#plan;
  }

  static secretsOf(confirmed: ConfirmedPlan): Secrets {
    return confirmed.#secrets;
  }
}

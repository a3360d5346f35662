import type { Confirmation, PolicyRule } from "./policy.ts";

/**
 * What is asked before one plan runs. Only a rule makes one. `Demand<true>`: a second person must approve the plan.
 */
export class Demand<Approver extends boolean = boolean> {
  readonly confirm: Confirmation;
  readonly approver: Approver;
  // Its name alone makes a similar object fail to compile.
  readonly #rule: Pick<PolicyRule, "confirm" | "approver">;

  private constructor(rule: Pick<PolicyRule, "confirm" | "approver">, approver: Approver) {
    this.#rule = rule;
    this.confirm = rule.confirm;
    this.approver = approver;
  }

  /** `couldApprove`: whether there is a person who has the role and did not ask for the plan. */
  static of(rule: Pick<PolicyRule, "confirm" | "approver">, couldApprove: boolean): Demand<true> | Demand<false> {
    const isAsked = rule.approver === "always" || (rule.approver === "if possible" && couldApprove);
    return isAsked ? new Demand(rule, true) : new Demand(rule, false);
  }

  /** Whether the plan runs at once. */
  get asksNothing(): boolean {
    return this.confirm === "nothing" && !this.approver;
  }

  /** The rule asks for a second person, and nobody could be one. */
  get lacksPeople(): boolean {
    return this.#rule.approver === "if possible" && !this.approver;
  }
}

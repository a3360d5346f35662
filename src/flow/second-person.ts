import { type RuleInForce, ruleFor } from "../access/policy.ts";
import { neededByPlan } from "../access/touched-clusters.ts";
import type { Change } from "../core/command.ts";
import { Demand } from "../core/demand.ts";
import type { Operation } from "../core/operation.ts";
import type { Plan } from "../core/plan.ts";
import { type OperatorError, operatorError, reason } from "../core/refusal.ts";
import { type Needed, roleText } from "../core/role.ts";
import { NoSecondPerson, SecondPerson } from "../core/second-person.ts";
import type { World } from "./ports.ts";

/** What the policy asks before a plan runs. */
export interface Asked {
  readonly demand: Demand<true> | Demand<false>;
  readonly rule: RuleInForce;
  /** Where the second person needs the role. */
  readonly clusters: "all" | readonly string[];
  /** Whether a person could approve it now. */
  readonly couldApprove: boolean;
}

type Knowing = Pick<World, "permission" | "inventory" | "policies">;

/**
 * `askedBy`: another person must approve. What Slack does not say of people counts as yes. `fresh`: Slack is asked again
 * who is in a user group.
 */
export async function askedFor(
  plan: Plan,
  command: Change,
  args: Readonly<Record<string, unknown>>,
  askedBy: string,
  { permission, inventory, policies }: Knowing,
  fresh = false,
): Promise<Asked> {
  const clusters = neededByPlan(plan, command, args, inventory.current());
  const rule = ruleFor(command.risk, clusters, policies);
  const couldApprove =
    rule.approver !== "never" && (await permission.mayAnother(askedBy, approverOf(clusters), { fresh }));
  return { demand: Demand.of(rule, couldApprove), rule, clusters, couldApprove };
}

export const approverOf = (clusters: "all" | readonly string[]): Needed => ({ role: "approver", clusters });

/** The plan as the policy wants it confirmed. A destructive plan says itself what is typed. */
export function confirmedAs(plan: Plan, { demand }: Asked, { risk }: Change): Plan {
  if (demand.confirm !== "typed" || risk === "destructive" || plan.typedConfirmation !== null) return plan;
  return { ...plan, typedConfirmation: { expected: plan.verb, label: `Type ${plan.verb} to confirm` } };
}

/** A click of one person on a plan, and what the policy asks for it now. */
interface Confirming {
  readonly operation: Operation;
  readonly asked: Asked;
  readonly by: string;
}

/**
 * The proof that the plan's second person approved it, or that none is asked; or why there is none. The policy and the
 * approver's role are those of now: either may have changed since then. Slack is asked again who is in a user group.
 */
export async function secondPersonOf(
  { operation, asked, by }: Confirming,
  { permission }: Pick<World, "permission">,
): Promise<SecondPerson | OperatorError> {
  const { id, digest, askedBy, second } = operation;
  const { demand } = asked;
  if (second === null) {
    if (!demand.approver) return SecondPerson.notAsked(demand, { digest });
    const why = "its policy asks for a second person since it was shown";
    return notConfirmed(id, why, "send the command again: its plan then waits for an approver");
  }
  const { given } = second;
  if (given === null) return waitsFor(id);
  if (given.kind === "approved") {
    const needed = approverOf(asked.clusters);
    const lost = await permission.whyNot(given.by, needed, { fresh: true });
    if (lost !== null) return notCounted(id, given.by, roleText(needed), lost);
  }
  try {
    return SecondPerson.of(given, { digest, askedBy, confirmedBy: by });
  } catch (error) {
    if (error instanceof NoSecondPerson) return notConfirmed(id, error.message);
    throw error;
  }
}

/** `lost` speaks to the approver. It is shown to the person who confirms. */
function notCounted(id: string, by: string, role: string, lost: OperatorError): OperatorError {
  const fix = "send the command again: its plan then waits for an approver";
  if (lost.code !== "ROLE_UNKNOWN")
    return notConfirmed(id, `${by} approved it, and does not have the role ${role} now`, fix);
  const why = `${by} approved it, and nobody knows now whether this person has the role ${role}`;
  return operatorError(`${id} is not confirmed`, [
    reason("ROLE_UNKNOWN", why, fix),
    ...lost.reasons.map((each) => reason("ROLE_UNKNOWN", each)),
  ]);
}

/** Why a click on Confirm does not count yet; null: it does, as far as the second person is concerned. */
export function whyNotSecond({ id, second }: Operation, by: string): OperatorError | null {
  if (second === null) return null;
  if (second.given === null) return waitsFor(id);
  if (second.given.kind !== "approved" || second.given.by !== by) return null;
  return notConfirmed(id, "you approved it, and another person must confirm it", "let the person who asked confirm it");
}

const waitsFor = (id: string): OperatorError =>
  notConfirmed(id, "it waits for an approver, and nobody approved it yet");

const notConfirmed = (id: string, why: string, ...fixes: readonly string[]): OperatorError =>
  operatorError(`${id} is not confirmed`, reason("SECOND_PERSON", why, ...fixes));

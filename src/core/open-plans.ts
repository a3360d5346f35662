import type { Operation } from "./operation.ts";
import { Refusal, reason } from "./refusal.ts";

/** The plans that wait for a click, of one person and of all people together. */
export const PLANS_OF_ONE = 20;
export const PLANS_OF_ALL = 100;

/** Throws a Refusal if this person, or all people together, have the maximum of open plans. */
export function refuseMorePlans(operations: readonly Operation[], by: string): void {
  const open = operations.filter(({ state }) => state === "planned");
  const own = open.filter(({ askedBy }) => askedBy === by);
  if (own.length >= PLANS_OF_ONE) throw tooMany(`${own.length} of your plans wait for a click`, own);
  if (open.length >= PLANS_OF_ALL) throw tooMany(`${open.length} plans wait for a click`, open);
}

const NAMED = 5;

function tooMany(count: string, open: readonly Operation[]): Refusal {
  const oldest = open.toSorted((left, right) => Date.parse(left.expiresAt) - Date.parse(right.expiresAt));
  const named = oldest.slice(0, NAMED).map(({ id }) => id);
  const why = `${count}: ${named.join(", ")}${oldest.length > NAMED ? ` and ${oldest.length - NAMED} more` : ""}`;
  const fix = `cancel one of them, or wait until ${named[0]} expires at ${oldest[0]?.expiresAt.slice(11, 16)} UTC`;
  return new Refusal("Another plan can't be made", reason("BUSY", why, fix), { next: ["operation list"] });
}

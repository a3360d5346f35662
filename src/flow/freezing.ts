import { type Frozen, FrozenRefusal, frozenAt } from "../access/frozen.ts";
import type { World } from "./ports.ts";

type Freezing = Pick<World, "freezes" | "clock">;

/** What freezes these clusters now. */
export const frozenNow = ({ freezes, clock }: Freezing, clusters: readonly string[]): Frozen[] =>
  frozenAt(freezes.current(), clusters, clock.now().getTime());

/** Throws a Refusal if one of the clusters is frozen now. `what`: what can't run. */
export function refuseFrozen(what: string, clusters: readonly string[], world: Freezing): void {
  const frozen = frozenNow(world, clusters);
  if (frozen.length > 0) throw new FrozenRefusal(what, frozen);
}

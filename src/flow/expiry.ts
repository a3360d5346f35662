import type { Operation } from "../core/operation.ts";
import type { World } from "./ports.ts";
import { endUnrun } from "./unrun.ts";

/** Lets a shown plan lapse in time and says so where it was shown. */
export function expireLater(operation: Operation, world: World): void {
  const delay = Math.max(0, Date.parse(operation.expiresAt) - world.clock.now().getTime());
  const end = {
    from: "planned",
    state: "expired",
    result: "nobody confirmed it in time",
    by: operation.askedBy,
  } as const;
  const timer = setTimeout(() => {
    endUnrun(operation.id, end, world).catch((error) => world.log.error(`${operation.id}: expiring`, error));
  }, delay);
  timer.unref();
}

import { createHash } from "node:crypto";
import type { Facts } from "../core/facts.ts";
import type { Gather } from "../core/step.ts";
import type { World } from "./ports.ts";

/** The typed command. Planning it again gives the same plan. */
export interface Asked {
  readonly words: string;
  readonly by: string;
  readonly askedAt: string;
}

/** `gather`: how hosts are read; by default as a confirmed plan reads them. */
export function factsFor(
  asked: Asked,
  world: World,
  gather: Gather = (host, reads) => world.hosts.gather(host, reads),
): Facts {
  const seed = JSON.stringify([asked.askedAt, asked.by, asked.words]);
  return {
    inventory: world.inventory.current(),
    by: asked.by,
    askedAt: asked.askedAt,
    now: () => world.clock.now().getTime(),
    observations: world.observations,
    history: world.history,
    uuid: (label) => createHash("sha256").update(`${seed}\n${label}`).digest("hex").slice(0, 32),
    gather,
    presentedBy: (host) => world.hosts.presentedBy(host),
    operations: async (limit) => world.operations.latest(limit),
    operation: async (id) => world.operations.get(id),
    auditBackwards: (only) => world.audit.backwards(only),
    auditOf: ({ id, auditFrom, auditTo }) => world.audit.between(auditFrom, auditTo, id),
    access: world.access,
    watch: world.watch(),
  };
}

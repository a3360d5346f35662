import { createHash } from "node:crypto";
import { everything } from "../core/audit-sieve.ts";
import type { AuditFacts, Facts } from "../core/facts.ts";
import type { AuditEntry } from "../core/operation.ts";
import type { Gather } from "../core/step.ts";
import type { AuditLog, World } from "./ports.ts";

/** The typed command. Planning it again gives the same plan. */
export interface Asked {
  readonly words: string;
  readonly by: string;
  readonly askedAt: string;
}

/**
 * `gather`: how hosts are read; by default as a confirmed plan reads them. `ahead`: what an operation waits for in the
 * queue; by default nothing waits.
 */
export function factsFor(
  asked: Asked,
  world: World,
  gather: Gather = (host, reads) => world.hosts.gather(host, reads),
  ahead: Facts["ahead"] = () => [],
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
    ahead,
    access: world.access,
    audit: auditFacts(world.audit),
    freezes: () => world.freezes.current(),
    policies: world.policies,
    reviews: world.reviews,
    watch: world.watch(),
  };
}

const auditFacts = (audit: AuditLog): AuditFacts => ({
  backwards: (sieve) => audit.backwards(sieve),
  operations: (sieve) => audit.operations(sieve),
  verify: (anchors) => audit.verify({ anchors }),
  async of(operation) {
    const entries: AuditEntry[] = [];
    for await (const entry of audit.backwards({ ...everything, operation })) {
      if (entry.operationId !== operation) continue;
      entries.push(entry);
      // Operations of a lost file may have had the same number.
      if (entry.event.kind === "planned") break;
    }
    return entries.reverse();
  },
});

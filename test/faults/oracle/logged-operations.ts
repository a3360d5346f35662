import type { AuditEvent } from "../../../src/core/operation.ts";
import type { Risk } from "../../../src/core/policy.ts";
import type { Evidence, LoggedEntry } from "../evidence.ts";
import type { Span, Where } from "./access-record.ts";
import { isAboutStorage } from "./words.ts";

/** An entry of one kind, and where its line begins and ends in the log. */
export interface Logged<K extends AuditEvent["kind"]> {
  readonly by: string;
  /** In milliseconds since the epoch, by the bot's clock. */
  readonly atMs: number;
  readonly event: Extract<AuditEvent, { kind: K }>;
  readonly begin: number;
  readonly end: number;
}

/** An operation as the audit log has it. */
export interface LoggedOperation {
  readonly id: string;
  readonly planned: Logged<"planned">;
  readonly confirmed: Logged<"confirmed"> | null;
  readonly approved: readonly Logged<"approved">[];
  readonly brokenGlass: readonly Logged<"break-glass">[];
  readonly stopping: readonly Logged<"stopping">[];
  readonly steps: readonly Logged<"began">[];
  readonly ended: Logged<"ended"> | null;
  /** Its first step or record; null: nothing began. */
  readonly first: Logged<"began"> | Logged<"recording"> | null;
  /** The time in which the bot had to check who may do it, and what is frozen; null: nothing began. */
  readonly checked: Span | null;
  /** Where it changes something. */
  readonly where: Where;
}

export function logged<K extends AuditEvent["kind"]>(
  { audit, auditFrom }: Pick<Evidence, "audit" | "auditFrom">,
  kind: K,
  isMeant: (entry: LoggedEntry["entry"]) => boolean = () => true,
): Logged<K>[] {
  return audit.flatMap(({ entry, end }, index): Logged<K>[] => {
    const { event, by, at } = entry;
    if (end <= auditFrom || event.kind !== kind || !isMeant(entry)) return [];
    const begin = audit[index - 1]?.end ?? 0;
    return [{ by, atMs: Date.parse(at), event: event as Extract<AuditEvent, { kind: K }>, begin, end }];
  });
}

/** The operations of the story, in order. */
export function loggedOperations(evidence: Evidence): LoggedOperation[] {
  const { audit, auditFrom } = evidence;
  const ids = audit.flatMap(({ entry: { operationId, event }, end }) =>
    operationId !== null && event.kind === "planned" && end > auditFrom ? [operationId] : [],
  );
  return ids.flatMap((id) => {
    const of = <K extends AuditEvent["kind"]>(kind: K) =>
      logged(evidence, kind, ({ operationId }) => operationId === id);
    const [planned] = of("planned");
    if (planned === undefined) return [];
    const steps = of("began");
    const [first = null] = [...steps, ...of("recording")].sort((left, right) => left.end - right.end);
    const confirmed = of("confirmed")[0] ?? null;
    // What runs at once was checked before it was planned. What a click confirms is checked again after the click.
    const isAtOnce = planned.event.risk === "reversible";
    const from = isAtOnce || confirmed === null ? askedBefore(planned, evidence) : confirmed.end;
    return [
      {
        ...{ id, planned, confirmed, steps, first },
        ...{ approved: of("approved"), brokenGlass: of("break-glass"), stopping: of("stopping") },
        ended: of("ended")[0] ?? null,
        checked: first === null ? null : { from, to: first.begin },
        where: whereOf(planned.event.words, steps, evidence),
      },
    ];
  });
}

/** Where the entry of the command ends. */
function askedBefore(planned: Logged<"planned">, evidence: Evidence): number {
  const asked = logged(evidence, "asked", ({ event }) => event.kind === "asked" && event.words === planned.event.words);
  return asked.filter(({ end }) => end <= planned.begin).at(-1)?.end ?? 0;
}

export const riskOf = ({ planned }: LoggedOperation): Risk => planned.event.risk ?? "destructive";

/** The clusters of its hosts, and those that its words name. */
function whereOf(words: string, steps: readonly Logged<"began">[], evidence: Evidence): Where {
  const { inventoryBefore, inventory } = evidence;
  const clusters = [...inventoryBefore.clusters, ...inventory.clusters];
  const hosts = [...inventoryBefore.hosts, ...inventory.hosts];
  const uuids = steps.flatMap(({ event }) => hosts.find(({ name }) => name === event.host)?.clusterUuid ?? []);
  const named = clusters.filter(({ name, uuid }) => words.split(/[\s,=]+/).includes(name) || uuids.includes(uuid));
  if (named.length > 0) return [...new Set(named.map(({ name }) => name))];
  const storages = [...inventoryBefore.primaryStorages, ...inventory.primaryStorages];
  return storages.some(({ name }) => isAboutStorage(words, name)) ? "any" : "all";
}

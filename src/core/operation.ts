import { createHash } from "node:crypto";
import { z } from "zod";
import { timeSchema } from "./inventory.ts";

const operationStateSchema = z.enum([
  "planned", // shown, waiting for a click
  "confirmed", // a person confirmed it; nothing has run yet
  "running",
  "done",
  "failed",
  "refused",
  "unknown", // a step's outcome is not known; the next observation shows it
  "cancelled",
  "expired",
]);
export type OperationState = z.output<typeof operationStateSchema>;

/** One change that a person asked for, from the words to the result. */
export const operationSchema = z.strictObject({
  id: z.string().regex(/^op-[0-9]+$/),
  words: z.string(),
  title: z.string(),
  /** What its button says; an operation of a version that had no verbs says Confirm. */
  verb: z.string().default("Confirm"),
  askedBy: z.string(),
  askedAt: timeSchema,
  /** Where it was asked; only the adapter that wrote it reads it. */
  place: z.string(),
  /** The message with the plan, then with the progress; null until posted. */
  messageId: z.string().nullable(),
  digest: z.string(),
  /** Random, made with the operation; null in operations of versions that had none. */
  nonce: z.string().nullable().default(null),
  /** The form that Confirm opens; null where a click is enough. `typed`: what must be typed where data is destroyed. */
  form: z
    .strictObject({
      summary: z.array(z.string()),
      typed: z.strictObject({ expected: z.string(), label: z.string() }).nullable(),
      /** What else is asked for and never kept. */
      secrets: z.array(z.strictObject({ name: z.string(), label: z.string() })).default([]),
    })
    .nullable(),
  /** The plan as shown, so that a changed one can be compared with it. */
  shown: z.array(z.string()),
  expiresAt: timeSchema,
  state: operationStateSchema,
  confirmedBy: z.string().nullable(),
  confirmedAt: timeSchema.nullable(),
  finishedAt: timeSchema.nullable(),
  /** How it ended, one sentence. */
  result: z.string().nullable(),
  /** Whether the channel was notified of its end. If not, it is as soon as Slack takes the message, also after a restart. */
  notified: z.boolean(),
  /** The place that was notified instead, as long as its own could not be; null if none was. */
  notifiedElsewhere: z.string().nullable().default(null),
  /** Places where a new message with its end began to be posted, and nobody knows whether it was. */
  posting: z.array(z.string()).default([]),
  /** Where in the audit log its entries begin, in bytes: reading them never scans the log. */
  auditFrom: z.int().min(0),
  /** Where they end; null while it runs. */
  auditTo: z.int().min(0).nullable(),
});
export type Operation = z.output<typeof operationSchema>;

/**
 * What only this plan of this data folder has; its buttons and its form carry it. Null: the plan has no buttons that count,
 * because an earlier version of the bot showed it.
 */
export const sealOf = ({ digest, nonce }: Operation): string | null => (nonce === null ? null : `${digest}.${nonce}`);

/** The key of the message with an operation's end, the same in each place. Other data folders have other keys. */
export const endKeyOf = (operation: Operation): string => keyOf(operation, "end");

/** As `endKeyOf`, for the message with its plan. */
export const planKeyOf = (operation: Operation): string => keyOf(operation, "plan");

const keyOf = ({ id, askedAt, digest, nonce }: Operation, what: string): string =>
  createHash("sha256").update([id, askedAt, digest, nonce, what].join(" ")).digest("hex").slice(0, 32);

const outcomeRecordSchema = z.discriminatedUnion("kind", [
  z.strictObject({ kind: z.literal("done"), exitCode: z.int().nullable() }),
  z.strictObject({ kind: z.literal("failed"), exitCode: z.int(), stderr: z.string() }),
  z.strictObject({ kind: z.literal("refused"), reason: z.string() }),
  z.strictObject({ kind: z.literal("unknown"), reason: z.string() }),
]);
export type OutcomeRecord = z.output<typeof outcomeRecordSchema>;

/** What the audit log says happened. A step is written twice: before the host is touched and after. */
const auditEventSchema = z.discriminatedUnion("kind", [
  /** The first entry of a log that began with an existing inventory. */
  z.strictObject({ kind: z.literal("begun"), reason: z.string() }),
  /** `by`: a button was clicked that carries the words; else they were typed. */
  z.strictObject({ kind: z.literal("asked"), words: z.string(), by: z.literal("button").optional() }),
  /** The first entry of an operation: its plan is shown, or runs at once. */
  z.strictObject({ kind: z.literal("planned"), words: z.string(), digest: z.string() }),
  z.strictObject({ kind: z.literal("confirmed"), digest: z.string() }),
  z.strictObject({
    kind: z.literal("began"),
    stepId: z.string(),
    host: z.string(),
    effect: z.enum(["read", "change", "destroy"]),
    argv: z.array(z.string()),
  }),
  z.strictObject({ kind: z.literal("finished"), stepId: z.string(), host: z.string(), outcome: outcomeRecordSchema }),
  /** Like a step, a record is written twice: before the inventory is changed and after. */
  z.strictObject({ kind: z.literal("recording"), changes: z.array(z.unknown()) }),
  z.strictObject({ kind: z.literal("recorded"), problem: z.string().nullable() }),
  z.strictObject({ kind: z.literal("ended"), state: operationStateSchema, result: z.string() }),
]);
export type AuditEvent = z.output<typeof auditEventSchema>;

export const auditEntrySchema = z.strictObject({
  /** 1, 2, 3 … without a gap. */
  id: z.int().positive(),
  at: timeSchema,
  by: z.string(),
  /** null for a query. */
  operationId: z.string().nullable(),
  event: auditEventSchema,
  previousHash: z.string(),
  /** SHA-256 over the entry without this field, `previousHash` included: the chain. */
  hash: z.string(),
});
export type AuditEntry = z.output<typeof auditEntrySchema>;

/** A host command that began, and its end where the log has one: a step may have run more than once. */
export interface LoggedRun {
  readonly began: Extract<AuditEvent, { kind: "began" }>;
  readonly at: string;
  readonly outcome: OutcomeRecord | null;
}

export function runsIn(entries: readonly AuditEntry[]): LoggedRun[] {
  // From the end on, so that each beginning finds the end that follows it, also if there are several.
  const ends = new Map<string, OutcomeRecord>();
  const runs: LoggedRun[] = [];
  for (const { at, event } of entries.toReversed()) {
    if (event.kind === "finished") ends.set(event.stepId, event.outcome);
    if (event.kind === "began") runs.push({ began: event, at, outcome: ends.get(event.stepId) ?? null });
  }
  return runs.reverse();
}

/** An operation as people name it: `op-7`, `OP-7` and `7` are one. */
export const operationIdSchema = z
  .string()
  .regex(/^(?:op-)?0*[1-9][0-9]{0,11}$/i, "is not an operation; see `operation list`")
  .transform((text) => `op-${Number(text.replace(/^op-/i, ""))}`);

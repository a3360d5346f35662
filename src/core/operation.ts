import { createHash } from "node:crypto";
import { z } from "zod";
import { timeSchema } from "./inventory.ts";
import { risks } from "./policy.ts";
import { secondSchema } from "./second-person.ts";

export const operationStates = [
  "planned", // shown, waiting for a click
  "confirmed", // by a click, or by its command if nothing is asked; nothing has run yet
  "running",
  "done",
  "failed",
  "refused",
  "stopped", // a person stopped it between two steps
  "unknown", // a step's outcome is not known; the next observation shows it
  "cancelled",
  "expired",
] as const;
const operationStateSchema = z.enum(operationStates);
export type OperationState = z.output<typeof operationStateSchema>;

/** One change, from the command to its result. */
export const operationSchema = z.strictObject({
  id: z.string().regex(/^op-[0-9]+$/),
  words: z.string(),
  title: z.string(),
  /** The label of its button. Operations of a version without verbs have Confirm. */
  verb: z.string().default("Confirm"),
  askedBy: z.string(),
  askedAt: timeSchema,
  /** The place of the command. Only the adapter that wrote it reads it. */
  place: z.string(),
  /** The id of the message with the plan, and later with the progress. Null until it is posted. */
  messageId: z.string().nullable(),
  digest: z.string(),
  /** A random value, made with the operation. Null in operations of versions without it. */
  nonce: z.string().nullable().default(null),
  /**
   * The form that Confirm opens. Null if a click is enough. `typed`: the text that a person must type if data is
   * destroyed.
   */
  form: z
    .strictObject({
      summary: z.array(z.string()),
      typed: z.strictObject({ expected: z.string(), label: z.string() }).nullable(),
      /** Other values that the form asks for. They are never stored. */
      secrets: z.array(z.strictObject({ name: z.string(), label: z.string() })).default([]),
    })
    .nullable(),
  /** The names of the clusters that it changes. Empty in operations of versions without it. */
  clusters: z.array(z.string()).default([]),
  /** The names that it locks, as its shown plan has them. Empty in operations of versions without it. */
  locks: z.array(z.string()).default([]),
  /** The second person that its policy asks for. Null: nobody is asked. */
  second: secondSchema.nullable().default(null),
  /** The plan as shown, so that a changed plan can be compared with it. */
  shown: z.array(z.string()),
  /** Whether its plan's message may say that a freeze prevents it. Absent: it never said so. */
  mayShowFreeze: z.boolean().optional(),
  expiresAt: timeSchema,
  state: operationStateSchema,
  confirmedBy: z.string().nullable(),
  confirmedAt: timeSchema.nullable(),
  finishedAt: timeSchema.nullable(),
  /** The result in one sentence. */
  result: z.string().nullable(),
  /**
   * Whether the channel was notified of the end. If not, the bot notifies it as soon as Slack accepts the message, also
   * after a restart.
   */
  notified: z.boolean(),
  /** The place that was notified instead, while the operation's own place could not be. Null if there is none. */
  notifiedElsewhere: z.string().nullable().default(null),
  /**
   * The places where a new message with the end may have been posted: the call to Slack began, and its result is not
   * known.
   */
  posting: z.array(z.string()).default([]),
  /** The byte offset in the audit log at which its entries begin. With it, reading them needs no scan of the log. */
  auditFrom: z.int().min(0),
  /** The byte offset at which its entries end. Null while it runs. */
  auditTo: z.int().min(0).nullable(),
});
export type Operation = z.output<typeof operationSchema>;

/**
 * A value that only this plan of this data folder has. Its buttons and its form contain it. Null: the plan's buttons
 * don't count, because an earlier version of the bot showed it.
 */
export const sealOf = ({ digest, nonce }: Operation): string | null => (nonce === null ? null : `${digest}.${nonce}`);

/** The key of the message with an operation's end, the same in every place. Other data folders have other keys. */
export const endKeyOf = (operation: Operation): string => keyOf(operation, "end");

/** The key of the message with an operation's plan. */
export const planKeyOf = (operation: Operation): string => keyOf(operation, "plan");

/** The key of the message in its thread with what hosts showed because of it. */
export const effectsKeyOf = (operation: Operation): string => keyOf(operation, "effects");

const keyOf = ({ id, askedAt, digest, nonce }: Operation, what: string): string =>
  createHash("sha256").update([id, askedAt, digest, nonce, what].join(" ")).digest("hex").slice(0, 32);

const outcomeRecordSchema = z.discriminatedUnion("kind", [
  /** `output`: the first lines that the program printed. */
  z.strictObject({ kind: z.literal("done"), exitCode: z.int().nullable(), output: z.array(z.string()).optional() }),
  z.strictObject({ kind: z.literal("failed"), exitCode: z.int(), stderr: z.string() }),
  z.strictObject({ kind: z.literal("refused"), reason: z.string() }),
  z.strictObject({ kind: z.literal("unknown"), reason: z.string() }),
]);
export type OutcomeRecord = z.output<typeof outcomeRecordSchema>;

/** What the audit log reports. A step has two entries: one before the host is asked, and one after. */
const auditEventSchema = z.discriminatedUnion("kind", [
  /** The first entry of a log that began with an existing inventory. */
  z.strictObject({ kind: z.literal("begun"), reason: z.string() }),
  /** `by`: the person clicked a button that contains the command. Otherwise the command was typed. */
  z.strictObject({
    kind: z.literal("asked"),
    words: z.string(),
    by: z.literal("button").optional(),
    /** Typed in a terminal while Slack was away, to be done without the channel. `away`: why Slack was not reached. */
    breakGlass: z.strictObject({ reason: z.string(), away: z.string() }).optional(),
  }),
  /** An action was done, or refused. The entry `asked` before it was on disk before it acted. */
  z.strictObject({ kind: z.literal("acted"), words: z.string(), result: z.string() }),
  /** The first entry of an operation: its plan is shown, or it runs at once. */
  z.strictObject({
    kind: z.literal("planned"),
    words: z.string(),
    digest: z.string(),
    /** Missing in entries of version 0.2 and earlier. */
    risk: z.enum(risks).optional(),
    /** The shown plan, and the number of lines that are left out of a long one. */
    plan: z.array(z.string()).optional(),
    planLeftOut: z.int().min(0).optional(),
  }),
  /** `link`: to the message with the plan, if its place has links. */
  z.strictObject({ kind: z.literal("confirmed"), digest: z.string(), link: z.string().optional() }),
  /** The second person: an approver approved or rejected the plan, or an operator did without one. */
  z.strictObject({ kind: z.literal("approved"), digest: z.string() }),
  z.strictObject({ kind: z.literal("rejected"), digest: z.string(), reason: z.string() }),
  z.strictObject({ kind: z.literal("break-glass"), digest: z.string(), reason: z.string() }),
  z.strictObject({
    kind: z.literal("began"),
    stepId: z.string(),
    host: z.string(),
    effect: z.enum(["read", "change", "destroy"]),
    argv: z.array(z.string()),
  }),
  z.strictObject({ kind: z.literal("finished"), stepId: z.string(), host: z.string(), outcome: outcomeRecordSchema }),
  /** Like a step, a record has two entries: one before the inventory is changed, and one after. */
  z.strictObject({ kind: z.literal("recording"), changes: z.array(z.unknown()) }),
  z.strictObject({ kind: z.literal("recorded"), problem: z.string().nullable() }),
  /** A person asked that no further step begins. */
  z.strictObject({ kind: z.literal("stopping") }),
  z.strictObject({ kind: z.literal("ended"), state: operationStateSchema, result: z.string() }),
]);
export type AuditEvent = z.output<typeof auditEventSchema>;

export const auditEntrySchema = z.strictObject({
  /** 1, 2, 3 … without gaps. */
  id: z.int().positive(),
  at: timeSchema,
  by: z.string(),
  /** null for a query. */
  operationId: z.string().nullable(),
  event: auditEventSchema,
  previousHash: z.string(),
  /** SHA-256 of the entry without this field. `previousHash` is included, which makes the chain. */
  hash: z.string(),
});
export type AuditEntry = z.output<typeof auditEntrySchema>;

/** A host command that began, with its end if the log has one. A step may have run more than once. */
export interface LoggedRun {
  readonly began: Extract<AuditEvent, { kind: "began" }>;
  readonly at: string;
  readonly outcome: OutcomeRecord | null;
  /** Null if the log has no end. */
  readonly endedAt: string | null;
}

/** In the order of the plan, because hosts run in parallel: the order of the entries depends on who answered first. */
export function runsIn(entries: readonly AuditEntry[]): LoggedRun[] {
  // Reads backwards, so that each beginning finds the end that follows it.
  const ends = new Map<string, { readonly outcome: OutcomeRecord; readonly endedAt: string }>();
  const runs: LoggedRun[] = [];
  for (const { at, event } of entries.toReversed()) {
    if (event.kind === "finished") ends.set(event.stepId, { outcome: event.outcome, endedAt: at });
    if (event.kind === "began") {
      runs.push({ began: event, at, ...(ends.get(event.stepId) ?? { outcome: null, endedAt: null }) });
    }
  }
  // A step that ran more than once keeps the order of its runs.
  return runs.reverse().sort((left, right) => placeOf(left) - placeOf(right));
}

/** `step-12` is the twelfth step of its plan. */
const placeOf = ({ began: { stepId } }: LoggedRun): number => Number(stepId.slice(stepId.indexOf("-") + 1)) || 0;

/** The id from any form that people write: `op-7`, `OP-7` or `7`. */
export const operationIdSchema = z
  .string()
  .regex(/^(?:op-)?0*[1-9][0-9]{0,11}$/i, "is not an operation; see `operation list`")
  .transform((text) => `op-${Number(text.replace(/^op-/i, ""))}`);

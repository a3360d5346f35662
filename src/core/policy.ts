import { z } from "zod";
import { nameSchema, timeSchema } from "./inventory.ts";

/**
 * reversible: the change can be undone. trust: a person must judge what is shown. destructive: data or a service may be
 * lost.
 */
export const risks = ["reversible", "trust", "destructive"] as const;
export type Risk = (typeof risks)[number];

/** What confirms a plan, the weakest first. nothing: it runs at once. typed: a form, and a text to type. */
export const confirmations = ["nothing", "click", "typed"] as const;
export type Confirmation = (typeof confirmations)[number];

/** Whether a second person approves a plan, the weakest first. `if possible`: as soon as two people could. */
export const approvals = ["never", "if possible", "always"] as const;
export type ApprovalRule = (typeof approvals)[number];

/** What is needed before a plan of one risk runs. `cluster`: only there; null: in all clusters. */
const policyRuleSchema = z.strictObject({
  risk: z.enum(risks),
  cluster: nameSchema.nullable(),
  confirm: z.enum(confirmations),
  approver: z.enum(approvals),
});
export type PolicyRule = z.output<typeof policyRuleSchema>;

/** A rule that a person set by a command. */
export const setRuleSchema = policyRuleSchema.extend({ by: z.string(), at: timeSchema });
export type SetRule = z.output<typeof setRuleSchema>;

/** What is asked before plans run, as the bot's own records and its configuration say it. It has no side effects. */
export interface PolicyFacts {
  /** Rules that people set. They win over the configuration. */
  set(): readonly SetRule[];
  /** The rules of the setting POLICY. */
  readonly configured: readonly PolicyRule[];
  /** In the local workspace one person does the main job alone until a rule is set. */
  readonly isLocal: boolean;
  /** Why the record of set rules can't be read; then the strictest rules hold. null: it can. */
  damage(): string | null;
}

/** What actions change of it. */
export interface PolicyNotes extends PolicyFacts {
  /** Decided at once; resolves when it is on disk. It replaces a record that can't be read. */
  changeSet<R>(change: (rules: readonly SetRule[]) => readonly [next: readonly SetRule[], result: R]): Promise<R>;
}

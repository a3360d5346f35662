/**
 * unsafe: other hosts may write what this one writes; broken: the host does not serve its storage, or is about to fail; at
 * risk: it does, and one more fault may end that.
 */
export type Grade = "unsafe" | "broken" | "at risk" | "unknown" | "fine";

export interface Verdict {
  readonly grade: Grade;
  readonly seen: string;
  /** A command of the bot, without the leading slash command, or what to do by hand; empty where all is fine. */
  readonly fix: string;
}

export const fine = (seen: string): Verdict => ({ grade: "fine", seen, fix: "" });
/** Not listed as a finding where `mend` is empty. */
export const unknown = (seen: string, fix: string): Verdict => ({ grade: "unknown", seen, fix });

/** An error for the operator: what was being done, why it could not be, and what to type next. Anything else thrown is a bug. */
export class Refusal extends Error {
  override name = "Refusal";
  readonly doing: string;
  readonly why: readonly string[];
  readonly next: readonly string[];
  /** `doing` reads on: "adding 36b0… to cluster-1"; `next` holds commands without the leading `/zstack`. */
  constructor(doing: string, why: string | readonly string[], next: readonly string[]) {
    const reasons = typeof why === "string" ? [why] : why;
    super(`${doing}: ${reasons.join("; ")}`);
    this.doing = doing;
    this.why = reasons;
    this.next = next;
  }
}

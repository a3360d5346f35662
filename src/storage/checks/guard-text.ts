import { gravest } from "../../core/error-codes.ts";
import type { Host } from "../../core/inventory.ts";
import type { Reason } from "../../core/refusal.ts";

/** What a guard answers: null if nothing prevents the step, else the gravest code, the host and every reason once. */
export function guardText(host: Host, reasons: readonly Reason[]): string | null {
  const [first, ...others] = reasons;
  if (first === undefined) return null;
  const code = gravest([first.code, ...others.map((each) => each.code)]);
  return `${code}: ${host.name}: ${[...new Set(reasons.map(({ text }) => text))].join("; ")}`;
}

import { gravest } from "../../core/error-codes.ts";
import type { Host } from "../../core/inventory.ts";
import type { Reason } from "../../core/refusal.ts";

/**
 * The answer of a guard: null if nothing prevents the step. Otherwise the gravest code, the host and each reason once.
 */
export function guardText(host: Host, reasons: readonly Reason[]): string | null {
  const [first, ...others] = reasons;
  if (first === undefined) return null;
  const code = gravest([first.code, ...others.map((each) => each.code)]);
  return `${code}: ${host.name}: ${[...new Set(reasons.map(({ text }) => text))].join("; ")}`;
}

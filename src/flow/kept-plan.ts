/** In bytes: the plan of a hundred hosts fits. The digest identifies also a longer plan. */
const MOST_BYTES = 128 * 1024;

interface KeptPlan {
  readonly plan: string[];
  readonly planLeftOut?: number;
}

/** The beginning of a plan as the audit log keeps it. */
export function keptPlan(shown: readonly string[]): KeptPlan {
  let bytes = 0;
  let count = 0;
  for (const line of shown) {
    bytes += Buffer.byteLength(line);
    if (bytes > MOST_BYTES) break;
    count++;
  }
  const left = shown.length - count;
  return { plan: shown.slice(0, count), ...(left > 0 && { planLeftOut: left }) };
}

import type { Severity } from "../core/finding.ts";
import { formatBytes } from "../storage/size.ts";
import { FILLING_PERCENT, FULL_PERCENT } from "./elements.ts";

/** The size of a volume group, as a host saw it. */
export interface Capacity {
  readonly sizeBytes: number;
  readonly freeBytes: number;
}

/** How full a storage is, as a bar of plain characters and in words. */
export interface Gauge {
  /** `[########..]` */
  readonly bar: string;
  /** `82 % used, 374 GB of 2.19 TB free` */
  readonly text: string;
  readonly percentUsed: number;
  /** null: it has enough free space. */
  readonly severity: Severity | null;
}

const CELLS = 10;

/** Rounded down, as in the finding "storage filling": both say the same number. */
export function gaugeOf({ sizeBytes, freeBytes }: Capacity): Gauge {
  const percentUsed = sizeBytes === 0 ? 0 : Math.floor(100 * (1 - freeBytes / sizeBytes));
  const filled = Math.round((percentUsed / 100) * CELLS);
  // Only an empty storage has an empty bar, and only a full one a full bar.
  const shown = percentUsed >= 100 ? CELLS : Math.min(CELLS - 1, Math.max(freeBytes < sizeBytes ? 1 : 0, filled));
  return {
    bar: `[${"#".repeat(shown)}${".".repeat(CELLS - shown)}]`,
    text: `${percentUsed} % used, ${formatBytes(freeBytes)} of ${formatBytes(sizeBytes)} free`,
    percentUsed,
    severity: percentUsed >= FULL_PERCENT ? "critical" : percentUsed >= FILLING_PERCENT ? "warning" : null,
  };
}

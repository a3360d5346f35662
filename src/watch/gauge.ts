import { usualLevels } from "../core/fill-levels.ts";
import type { Severity } from "../core/finding.ts";
import { formatBytes } from "../storage/size.ts";

/** The size of a volume group, as a host saw it. */
export interface Capacity {
  readonly sizeBytes: number;
  readonly freeBytes: number;
}

/** How full a storage is, as a bar of plain characters and in words. */
interface Gauge {
  /** `[########..]` */
  readonly bar: string;
  /** `82 % used, 374 GB of 2.19 TB free` */
  readonly text: string;
  readonly percentUsed: number;
  /** null: it has enough free space. */
  readonly severity: Severity | null;
}

const CELLS = 10;

/** The finding "storage filling" says the same number. */
export function gaugeOf({ sizeBytes, freeBytes }: Capacity, [filling, , full] = usualLevels): Gauge {
  // Rounded down. Multiplied first: 100 × (1 − 0.93) is 6.99 for a computer.
  const percentUsed = sizeBytes === 0 ? 0 : Math.floor((100 * (sizeBytes - freeBytes)) / sizeBytes);
  const filled = Math.round((percentUsed / 100) * CELLS);
  // Only an empty storage has an empty bar, and only a full one a full bar.
  const shown = percentUsed >= 100 ? CELLS : Math.min(CELLS - 1, Math.max(freeBytes < sizeBytes ? 1 : 0, filled));
  return {
    bar: `[${"#".repeat(shown)}${".".repeat(CELLS - shown)}]`,
    text: `${percentUsed} % used, ${formatBytes(freeBytes)} of ${formatBytes(sizeBytes)} free`,
    percentUsed,
    severity: percentUsed >= full ? "critical" : percentUsed >= filling ? "warning" : null,
  };
}

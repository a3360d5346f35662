import type { Severity } from "../core/finding.ts";
import type { Host } from "../core/inventory.ts";
import { deadAfterSeconds } from "../host/sanlock.ts";
import { isSilent, type Observed } from "./sample.ts";

/** A live host renews its lease every two I/O time-outs. Others read it as often, so that it seems older. */
const RENEWED_TIMES = 4;
const READ_TIMES = 2;

/** The latest sign of life in a host's lease for a storage, as one of the other hosts read it from the disk. */
interface SignOfLife {
  readonly storageUuid: string;
  /** How long that host had seen no change. */
  readonly unchangedS: number;
  readonly ioTimeoutS: number;
  /** Milliseconds since the epoch. The lease was renewed then, or later. */
  readonly aliveAtMs: number;
}

/** Of each storage. `sinceMs`: what was read before says nothing. */
function signsOfLife(
  { uuid, sanlockHostId }: Host,
  others: readonly Observed[],
  sinceMs: number,
): readonly SignOfLife[] {
  if (sanlockHostId === null) return [];
  const latest = new Map<string, SignOfLife>();
  for (const each of others) {
    if (isSilent(each) || each.hostUuid === uuid || each.atMs < sinceMs) continue;
    for (const { storageUuid, unchangedS: ids, ioTimeoutS } of each.storages) {
      const unchangedS = ids?.get(sanlockHostId);
      if (unchangedS === undefined) continue;
      const aliveAtMs = each.atMs - 1_000 * (unchangedS + READ_TIMES * ioTimeoutS);
      if (aliveAtMs > (latest.get(storageUuid)?.aliveAtMs ?? Number.NEGATIVE_INFINITY))
        latest.set(storageUuid, { storageUuid, unchangedS, ioTimeoutS, aliveAtMs });
    }
  }
  return [...latest.values()];
}

const isRenewed = ({ unchangedS, ioTimeoutS }: SignOfLife): boolean => unchangedS < RENEWED_TIMES * ioTimeoutS;
const isDead = ({ unchangedS, ioTimeoutS }: SignOfLife): boolean => unchangedS >= deadAfterSeconds(ioTimeoutS);

/** What others read of the lease of a host that does not say it itself. */
export interface LeaseText {
  readonly text: string;
  readonly severity: Severity;
}

/**
 * Whether a host that does not answer still renews its leases. null: nobody has read it since then. A host that renews is
 * alive, and its VMs may run. One that does not has lost its storage.
 */
export function silentLease(host: Host, silentSinceMs: number, others: readonly Observed[]): LeaseText | null {
  const [latest] = signsOfLife(host, others, silentSinceMs).toSorted((a, b) => b.aliveAtMs - a.aliveAtMs);
  if (latest === undefined) return null;
  if (isDead(latest)) return { text: "for sanlock it is dead: its lease is not renewed", severity: "critical" };
  if (!isRenewed(latest)) return { text: "it does not renew its sanlock lease", severity: "critical" };
  return latest.aliveAtMs > silentSinceMs
    ? { text: "it is alive: it renews its sanlock lease", severity: "warning" }
    : null;
}

/** How long each lease is not renewed that a host itself does not show, by storage. Only those that are late. */
export function lateLeases(host: Host, sinceMs: number, others: readonly Observed[]): ReadonlyMap<string, number> {
  const late = signsOfLife(host, others, sinceMs).filter((each) => !isRenewed(each));
  return new Map(late.map(({ storageUuid, unchangedS }) => [storageUuid, unchangedS]));
}

import type { Host } from "../core/inventory.ts";
import { deadAfterSeconds } from "../host/sanlock.ts";
import { isSilent, type Observed } from "./sample.ts";

/** A live host renews its lease every two I/O time-outs; another host may have read it just before. */
const RENEWED_TIMES = 4;

/**
 * Whether a host that does not answer still renews its leases, as other hosts read them from the disks since then. null:
 * none of them says it. A host that renews is alive, and its VMs may run.
 */
export function silentLease(
  { uuid, sanlockHostId }: Host,
  silentSinceMs: number,
  others: readonly Observed[],
  nowMs: number,
): string | null {
  if (sanlockHostId === null) return null;
  const seen = others.flatMap((each) => {
    if (isSilent(each) || each.hostUuid === uuid || each.atMs < silentSinceMs) return [];
    return (each.storages ?? []).flatMap(({ unchangedS, ioTimeoutS }) => {
      const unchanged = unchangedS.get(sanlockHostId);
      return unchanged === undefined ? [] : [{ ioTimeoutS, seconds: unchanged + (nowMs - each.atMs) / 1000 }];
    });
  });
  const [latest] = seen.sort((a, b) => a.seconds - b.seconds);
  if (latest === undefined) return null;
  if (latest.seconds < RENEWED_TIMES * latest.ioTimeoutS) return "it is alive: it renews its sanlock lease";
  return latest.seconds < deadAfterSeconds(latest.ioTimeoutS)
    ? "it does not renew its sanlock lease"
    : "for sanlock it is dead: its lease is not renewed";
}

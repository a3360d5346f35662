import type { Severity } from "../core/finding.ts";
import type { Host } from "../core/inventory.ts";
import { deadAfterSeconds, type HostLease } from "../host/sanlock.ts";
import { isSilent, type Observed, type OtherName } from "./sample.ts";

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

const aliveAt = (readAtMs: number, unchangedS: number, ioTimeoutS: number): number =>
  readAtMs - 1_000 * (unchangedS + READ_TIMES * ioTimeoutS);

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
    for (const { storageUuid, unchangedS: ids, ioTimeoutS, otherNames } of each.storages) {
      const unchangedS = ids?.get(sanlockHostId);
      // What has another name may be another host's.
      if (unchangedS === undefined || otherNames.some(({ hostId }) => hostId === sanlockHostId)) continue;
      const aliveAtMs = aliveAt(each.atMs, unchangedS, ioTimeoutS);
      if (aliveAtMs > (latest.get(storageUuid)?.aliveAtMs ?? Number.NEGATIVE_INFINITY))
        latest.set(storageUuid, { storageUuid, unchangedS, ioTimeoutS, aliveAtMs });
    }
  }
  return [...latest.values()];
}

const isRenewed = ({ unchangedS, ioTimeoutS }: Pick<SignOfLife, "unchangedS" | "ioTimeoutS">): boolean =>
  unchangedS < RENEWED_TIMES * ioTimeoutS;
const isDead = ({ unchangedS, ioTimeoutS }: SignOfLife): boolean => unchangedS >= deadAfterSeconds(ioTimeoutS);

/** What others read of the lease of a host that does not say it itself. */
export interface LeaseText {
  readonly text: string;
  readonly severity: Severity;
  /** A host without a renewal is not dead yet. Larger is worse. */
  readonly badness: number;
}

/**
 * Whether a host that does not answer still renews its leases. null: nobody has read it since then. A host that renews is
 * alive, and its VMs may run. One that does not has lost its storage.
 */
export function silentLease(host: Host, silentSinceMs: number, others: readonly Observed[]): LeaseText | null {
  const isOther = ({ hostId, aliveAtMs }: OtherName) => hostId === host.sanlockHostId && aliveAtMs > silentSinceMs;
  if (namesRead(others).some(isOther))
    return {
      text: "its lease is renewed under another name: sanlock started again there, or another host has its host id",
      ...{ severity: "warning", badness: 0 },
    };
  const [latest] = signsOfLife(host, others, silentSinceMs).toSorted((a, b) => b.aliveAtMs - a.aliveAtMs);
  if (latest === undefined) return null;
  if (isDead(latest))
    return { text: "for sanlock it is dead: its lease is not renewed", severity: "critical", badness: 2 };
  if (!isRenewed(latest)) return { text: "it does not renew its sanlock lease", severity: "critical", badness: 1 };
  return latest.aliveAtMs > silentSinceMs
    ? { text: "it is alive: it renews its sanlock lease", severity: "warning", badness: 0 }
    : null;
}

/** How long each lease is not renewed that a host itself does not show, by storage. Only those that are late. */
export function lateLeases(host: Host, sinceMs: number, others: readonly Observed[]): ReadonlyMap<string, number> {
  const late = signsOfLife(host, others, sinceMs).filter((each) => !isRenewed(each));
  return new Map(late.map(({ storageUuid, unchangedS }) => [storageUuid, unchangedS]));
}

/** The renewed leases with the host id of another host, and not with the name that is known as its own. */
export const otherNamesIn = (
  ids: readonly HostLease[],
  { sanlockHostId: own }: Host,
  lockNameOf: (hostId: number) => string | null,
  atMs: number,
): OtherName[] =>
  ids.flatMap(({ hostId, ownerName, released, unchangedSeconds: unchangedS, ioTimeoutSeconds: ioTimeoutS }) => {
    if (hostId === own || released || ownerName === "" || !isRenewed({ unchangedS, ioTimeoutS })) return [];
    const known = lockNameOf(hostId);
    if (known === null || known === ownerName) return [];
    return [{ hostId, ownerName, aliveAtMs: aliveAt(atMs, unchangedS, ioTimeoutS) }];
  });

const namesRead = (others: readonly Observed[]): OtherName[] =>
  others.flatMap((each) => (isSilent(each) ? [] : each.storages.flatMap(({ otherNames }) => otherNames)));

/** The name that sanlock has on a host, and since when it was seen there. sanlock takes another one when it starts. */
export interface LockName {
  readonly name: string;
  readonly sinceMs: number;
}

/**
 * sanlock's name of another host that has this one's host id in a storage, as others read it from the disk. A host with a
 * lost lease does not read it any more. null: none has it. undefined: nobody knows.
 * Counts only what was renewed while sanlock had this name here, and read before the host showed the name again. That
 * none has it counts only if it was read after `beforeMs`, when the host was observed last.
 */
export function takenBy(
  { sanlockHostId }: Host,
  { name, sinceMs }: LockName,
  storageUuid: string,
  { beforeMs, atMs: shownAtMs }: { readonly beforeMs: number; readonly atMs: number },
  others: Iterable<Observed>,
): string | null | undefined {
  let isFree = false;
  let isInDoubt = false;
  for (const each of others) {
    if (isSilent(each) || each.atMs > shownAtMs) continue;
    const storage = each.storages.find((one) => one.storageUuid === storageUuid);
    if (storage === undefined || storage.unchangedS === null) continue;
    const other = storage.otherNames.find(({ hostId, ownerName }) => hostId === sanlockHostId && ownerName !== name);
    if (other !== undefined && other.aliveAtMs > sinceMs) return other.ownerName;
    if (other !== undefined) isInDoubt = true;
    else if (each.atMs > beforeMs) isFree = true;
  }
  return isFree && !isInDoubt ? null : undefined;
}

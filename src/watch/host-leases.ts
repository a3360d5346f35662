import type { Host } from "../core/inventory.ts";
import type { LateDaemons } from "./late-daemons.ts";
import { type LeaseText, type LockName, lateLeases, silentLease, takenBy } from "./lease-elsewhere.ts";
import { isSilent, type Observed } from "./sample.ts";

/** A watched host, as its leases concern it. */
interface LeaseHost {
  readonly host: Host;
  readonly observed: Observed | null;
  readonly late: LateDaemons;
  /** null: it answers. */
  readonly silentSinceMs: number | null;
  /** null: its sanlock has not shown it yet. */
  lockName: LockName | null;
}

/** While a host does not show its lease, another one that reads it is observed at least so often, in milliseconds. */
const READ_LEASE_MS = 10_000;

/** What hosts of one cluster read of each other's leases and host ids. */
export class HostLeases {
  readonly #hosts: ReadonlyMap<string, LeaseHost>;
  /** Observes a host within a time, unless it is being observed. */
  readonly #observeWithin: (hostUuid: string, withinMs: number) => void;
  /** Something happened: observes a host as soon as possible. */
  readonly #observeSoon: (hostUuid: string) => void;
  /** By sanlock's host id. */
  readonly #names = new Map<number, string>();

  constructor(
    hosts: ReadonlyMap<string, LeaseHost>,
    observeWithin: (hostUuid: string, withinMs: number) => void,
    observeSoon: (hostUuid: string) => void,
  ) {
    this.#hosts = hosts;
    this.#observeWithin = observeWithin;
    this.#observeSoon = observeSoon;
  }

  /** sanlock's name of the host with this id. null: it has not shown it yet. */
  nameOf(hostId: number): string | null {
    return this.#names.get(hostId) ?? null;
  }

  leave({ sanlockHostId }: Host): void {
    if (sanlockHostId !== null) this.#names.delete(sanlockHostId);
  }

  /** The clock was set: names keep their age. */
  shift(byMs: number): void {
    for (const watched of this.#hosts.values())
      if (watched.lockName !== null)
        watched.lockName = { ...watched.lockName, sinceMs: watched.lockName.sinceMs + byMs };
  }

  /** What others read of the lease of a host that does not show it itself. */
  of({ host, silentSinceMs, late }: LeaseHost): {
    readonly lease?: LeaseText | null;
    readonly lateLeases?: ReadonlyMap<string, number>;
  } {
    const sinceMs = silentSinceMs ?? late.confirmedSinceMs("sanlock");
    if (sinceMs === null) return {};
    const others = [...this.#hosts.values()].filter(
      (each) => each.host.clusterUuid === host.clusterUuid && each.host.uuid !== host.uuid,
    );
    const [witness] = others.filter(({ observed }) => observed !== null && !isSilent(observed));
    if (witness !== undefined) this.#observeWithin(witness.host.uuid, READ_LEASE_MS);
    const seen = others.flatMap(({ observed }) => observed ?? []);
    if (silentSinceMs !== null) return { lease: silentLease(host, silentSinceMs, seen) };
    return { lateLeases: lateLeases(host, sinceMs, seen) };
  }

  /** A host was observed. What it reads under another name than it knows, the host with that id has to show. */
  seen(watched: LeaseHost, observed: Observed): void {
    if (isSilent(observed)) return;
    const { lockName: name, atMs, storages } = observed;
    const { sanlockHostId } = watched.host;
    if (name !== null && name !== watched.lockName?.name) watched.lockName = { name, sinceMs: atMs };
    if (name !== null && sanlockHostId !== null) this.#names.set(sanlockHostId, name);
    const ids = new Set(storages.flatMap(({ otherNames }) => otherNames.map(({ hostId }) => hostId)));
    if (ids.size === 0) return;
    for (const [uuid, { host }] of this.#hosts)
      if (host.sanlockHostId !== null && ids.has(host.sanlockHostId)) this.#observeSoon(uuid);
  }

  /** By storage: sanlock's name of another host that has the host's id, as others read it. `beforeMs`: observed before. */
  takersOf(
    { host, lockName }: LeaseHost,
    observed: Observed,
    beforeMs: number,
  ): (storageUuid: string) => string | null | undefined {
    if (isSilent(observed) || observed.lockName === null || lockName === null) return () => undefined;
    const hosts = this.#hosts;
    function* others(): Iterable<Observed> {
      for (const each of hosts.values())
        if (each.observed !== null && each.host.uuid !== host.uuid) yield each.observed;
    }
    const times = { beforeMs, atMs: observed.atMs };
    return (storageUuid) => takenBy(host, lockName, storageUuid, times, others());
  }
}

import type { KeptFinding } from "../core/incident.ts";
import type { Host, Inventory } from "../core/inventory.ts";
import type { ReadAspects } from "./aspects.ts";
import { type Cause, firstSeenMs } from "./cause.ts";
import type { ElementIndex } from "./element-index.ts";
import type { Known } from "./known.ts";
import { pathOf } from "./path-finding.ts";
import { isSilent, type Observed } from "./sample.ts";

/** So many hosts decide whether a thing works. */
const MOST_ASKED = 8;

/** A watched host, and what is known of it. */
interface ObservedHost {
  readonly host: Host;
  /** null: nobody has observed it yet. */
  readonly observed: Observed | null;
  readonly known: Known | null;
  readonly read: ReadAspects;
  /** When it was asked for what it showed last. */
  readonly sentMs: number;
  /** When it was observed to decide what a cause is. */
  readonly askedMs: number;
}

/** What the observations of all hosts say, and what nobody has observed. */
export class Observations {
  readonly index: ElementIndex;
  readonly #hosts: ReadonlyMap<string, ObservedHost>;
  readonly #inventory: () => Inventory;

  constructor(hosts: ReadonlyMap<string, ObservedHost>, index: ElementIndex, inventory: () => Inventory) {
    this.index = index;
    this.#hosts = hosts;
    this.#inventory = inventory;
  }

  isSilent(hostUuid: string | null): boolean {
    const observed = this.#hosts.get(hostUuid ?? "")?.observed ?? null;
    return observed !== null && isSilent(observed);
  }

  /** Those with a host that nobody has observed yet. */
  unobservedClusters(): ReadonlySet<string> {
    return new Set(
      [...this.#hosts.values()].flatMap(({ host, observed }) => (observed === null ? [host.clusterUuid] : [])),
    );
  }

  /**
   * After a start: whether nobody has read yet what this finding says. Such a finding is neither there nor gone. A
   * silent host has shown nothing of it, and a daemon that gives no answer neither.
   */
  isUnknown({ kind, hostUuid, storageUuid }: Pick<KeptFinding, "kind" | "hostUuid" | "storageUuid">): boolean {
    const isNotRead = ({ read }: ObservedHost) => !read.has(kind, storageUuid);
    if (hostUuid !== null) {
      const watched = this.#hosts.get(hostUuid);
      return watched !== undefined && isNotRead(watched);
    }
    const storage = this.#inventory().primaryStorages.find(({ uuid }) => uuid === storageUuid);
    const hosts = [...this.#hosts.values()].filter(({ host }) => storage?.clusterUuids.includes(host.clusterUuid));
    return hosts.length > 0 && hosts.every(isNotRead);
  }

  /** Its host or its storage left the inventory, or its path or LUN is gone for so long that nobody expects it. */
  isUnwatched(finding: KeptFinding): boolean {
    const { hostUuid, storageUuid, wwid } = finding;
    if (hostUuid !== null) {
      const watched = this.#hosts.get(hostUuid);
      const path = pathOf(finding);
      return (
        watched === undefined ||
        (wwid !== null && watched.known?.luns[wwid] === undefined) ||
        (path !== null && watched.known?.paths[path] === undefined)
      );
    }
    return storageUuid !== null && this.#inventory().primaryStorages.every(({ uuid }) => uuid !== storageUuid);
  }

  /** Some of the hosts that decide a doubtful cause with their next observation. Each is asked once for it. */
  deciding(causes: readonly Cause[]): ReadonlySet<string> {
    const chosen = new Set<string>();
    for (const cause of causes.filter(({ isDoubtful }) => isDoubtful)) {
      const sinceMs = firstSeenMs(cause.elements);
      const isOld = (host: ObservedHost) => host.sentMs < sinceMs && host.askedMs < sinceMs;
      for (const scope of cause.doubts)
        for (const owner of this.index.witnesses(scope).slice(0, MOST_ASKED)) {
          const host = this.#hosts.get(owner);
          if (host !== undefined && isOld(host) && chosen.size < MOST_ASKED) chosen.add(owner);
        }
    }
    return chosen;
  }
}

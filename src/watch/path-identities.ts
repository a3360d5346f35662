import type { Host } from "../core/inventory.ts";
import type { WatchPorts } from "./ports.ts";
import { isSilent, type Observed } from "./sample.ts";
import { type Identities, identitiesIn, identityKey, identityReads, pathsToIdentify } from "./two-targets.ts";

/** A watched host, and what its paths report of their LUNs. */
export interface IdentifiedHost {
  readonly host: Host;
  readonly observed: Observed | null;
  /** Of LUNs that it reaches through several targets. */
  identities: Identities;
  /** It is being asked for them. */
  isAskedForIdentities: boolean;
}

/**
 * Once for each path to a LUN with several targets, in a round trip of its own: few hosts have any. `isWatched`: whether
 * the host is still watched as this one. `found` is called if there is something new.
 */
export async function observeIdentities(
  watched: IdentifiedHost,
  ports: Pick<WatchPorts, "gather" | "failed">,
  isWatched: () => boolean,
  found: () => void,
): Promise<void> {
  const { host, observed, identities } = watched;
  if (watched.isAskedForIdentities || observed === null || isSilent(observed) || observed.paths === null) return;
  const paths = pathsToIdentify(observed.paths, identities);
  if (paths.length === 0) return;
  watched.isAskedForIdentities = true;
  try {
    const read = identitiesIn(paths, await ports.gather(host, identityReads(paths)));
    if (!isWatched() || read.length === 0) return;
    const there = new Set(observed.paths.map(identityKey));
    watched.identities = new Map([...[...identities].filter(([key]) => there.has(key)), ...read]);
    found();
  } catch (error) {
    ports.failed(`observing the targets of ${host.name}`, error);
  } finally {
    watched.isAskedForIdentities = false;
  }
}

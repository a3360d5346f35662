import type { FillLevels } from "../core/fill-levels.ts";
import type { Inventory, PrimaryStorage } from "../core/inventory.ts";
import type { StorageObservations } from "../core/observation.ts";
import type { WatchFacts } from "../core/watch-facts.ts";
import { type Capacity, gaugeOf } from "../watch/gauge.ts";

/** What the storages of a Home are made from. */
interface Capacities {
  readonly inventory: Inventory;
  readonly observations: StorageObservations;
  /** null: hosts are not watched. */
  readonly watch: Pick<WatchFacts, "uses"> | null;
  readonly nowMs: number;
}

/** A capacity that is older has its time. The watch reads it every 3 minutes. */
const OLD_MS = 10 * 60_000;

/** Each storage with its gauge, the fullest first. `since`: when an old capacity was observed, ISO 8601. */
export const gaugesOf = (facts: Capacities) =>
  facts.inventory.primaryStorages
    .map((storage) => ({ storage, capacity: capacityOf(storage, facts) }))
    .map(({ storage, capacity }) => ({
      storage,
      gauge: capacity === null ? null : gaugeOf(capacity, levelsIn(storage, facts)),
      since: capacity !== null && facts.nowMs - Date.parse(capacity.observedAt) > OLD_MS ? capacity.observedAt : null,
    }))
    .toSorted(
      (one, other) =>
        (other.gauge?.percentUsed ?? -1) - (one.gauge?.percentUsed ?? -1) ||
        one.storage.name.localeCompare(other.storage.name, "en", { numeric: true }),
    );

const levelsIn = ({ uuid }: PrimaryStorage, { watch }: Capacities): FillLevels | undefined =>
  watch?.uses().find(({ storageUuid }) => storageUuid === uuid)?.levels;

/** The newest that a host showed, to the watch or to a command. */
function capacityOf(
  { uuid }: PrimaryStorage,
  { watch, observations }: Capacities,
): (Capacity & { readonly observedAt: string }) | null {
  const watched = (watch?.uses() ?? []).filter(({ storageUuid }) => storageUuid === uuid);
  const asked = observations
    .of(uuid)
    .flatMap(({ capacity, at }) => (capacity === null ? [] : { ...capacity, observedAt: new Date(at).toISOString() }));
  return [...watched, ...asked].toSorted((one, other) => other.observedAt.localeCompare(one.observedAt))[0] ?? null;
}

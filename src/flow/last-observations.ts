import type { PastObservation, StorageObservation, StorageObservations } from "../core/observation.ts";
import type { Clock } from "./ports.ts";

/** The last observations, in memory. After a restart the replies say that nothing was observed yet. */
export class LastObservations implements StorageObservations {
  readonly #clock: Clock;
  readonly #last = new Map<string, PastObservation>();
  constructor(clock: Clock) {
    this.#clock = clock;
  }

  keep(observation: StorageObservation): void {
    this.#last.set(`${observation.storageUuid} ${observation.hostUuid}`, {
      ...observation,
      at: this.#clock.now().getTime(),
    });
  }

  of(storageUuid: string): readonly PastObservation[] {
    return [...this.#last.values()].filter((observation) => observation.storageUuid === storageUuid);
  }
}

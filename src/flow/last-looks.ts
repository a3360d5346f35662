import type { Look, Looks, PastLook } from "../core/observation.ts";
import type { Clock } from "./ports.ts";

/** In memory: after a restart nothing was looked at yet, and so it is told. */
export class LastLooks implements Looks {
  readonly #clock: Clock;
  readonly #last = new Map<string, PastLook>();
  constructor(clock: Clock) {
    this.#clock = clock;
  }

  keep(look: Look): void {
    this.#last.set(`${look.storageUuid} ${look.hostUuid}`, { ...look, at: this.#clock.now().getTime() });
  }

  of(storageUuid: string): readonly PastLook[] {
    return [...this.#last.values()].filter((look) => look.storageUuid === storageUuid);
  }
}

import type { World } from "./ports.ts";

/** Pauses between attempts. Each is twice as long as the one before, up to a limit. All end when the bot stops. */
export class Pauses {
  readonly #sleep: World["clock"]["sleep"];
  readonly #stopped: Promise<void>;
  #stop: () => void = () => undefined;
  #isStopped = false;

  constructor(world: World) {
    this.#sleep = (ms) => world.clock.sleep(ms);
    this.#stopped = new Promise((resolve) => {
      this.#stop = resolve;
    });
  }

  /** Asks again until the answer is yes, or the bot stops. `isOver` must not throw. */
  async until(isOver: () => Promise<boolean>, firstMs: number, longestMs: number): Promise<void> {
    for (let pauseMs = firstMs; ; pauseMs = Math.min(pauseMs * 2, longestMs)) {
      await Promise.race([this.#sleep(pauseMs), this.#stopped]);
      if (this.#isStopped || (await isOver())) return;
    }
  }

  stop(): void {
    this.#isStopped = true;
    this.#stop();
  }
}

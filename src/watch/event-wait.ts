import type { BlockEvent } from "../host/udev.ts";
import { isSilent, type Observed } from "./sample.ts";

/** Events that change nothing cause an observation at most so often, in milliseconds. */
const LONGEST_MS = 5_000;

/**
 * How long a host's events wait for more of them. LVM causes events all day: if an observation after them showed nothing
 * new, the next ones wait twice as long. An event about paths never waits longer.
 */
export class EventWait {
  readonly #mergeMs: number;
  #waitMs: number;
  /** Since the latest observation began. */
  #isHeard = false;
  #isCause = false;

  constructor(mergeMs: number) {
    this.#mergeMs = mergeMs;
    this.#waitMs = mergeMs;
  }

  /** How long this event waits, in milliseconds. */
  hears(event: BlockEvent): number {
    this.#isHeard = true;
    if (event === "paths") this.#waitMs = this.#mergeMs;
    return this.#waitMs;
  }

  /** An observation begins. Its answer shows what the events before were about. */
  observes(): void {
    this.#isCause = this.#isHeard;
    this.#isHeard = false;
  }

  observed(before: Observed | null, now: Observed): void {
    if (isOther(before, now)) this.#waitMs = this.#mergeMs;
    else if (this.#isCause) this.#waitMs = Math.max(this.#mergeMs, Math.min(2 * this.#waitMs, LONGEST_MS));
  }
}

/** Paths that are as before are the same object as before. */
function isOther(before: Observed | null, now: Observed): boolean {
  if (before === null || isSilent(before)) return !isSilent(now) || before === null;
  return isSilent(now) || before.paths !== now.paths;
}

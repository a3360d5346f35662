import type { Clock } from "../../flow/ports.ts";

/** A rate: calls per minute on average, and calls at once. */
interface Rate {
  readonly perMinute: number;
  readonly burst: number;
}
/** Slack's tiers; `post` is chat.postMessage's own, by channel. Slack publishes the rates, not the bursts. */
export type Tier = "tier1" | "tier2" | "tier3" | "tier4" | "post";
export type Rates = Readonly<Record<Tier, Rate>>;

export const slackRates: Rates = {
  tier1: { perMinute: 1, burst: 20 },
  tier2: { perMinute: 20, burst: 20 },
  tier3: { perMinute: 50, burst: 20 },
  tier4: { perMinute: 100, burst: 30 },
  post: { perMinute: 60, burst: 10 },
};

/** A bucket of permissions for each method (and channel), filled steadily. */
export class RateLimits {
  readonly #rates: Rates | null;
  readonly #clock: Clock;
  readonly #buckets = new Map<string, { left: number; at: number }>();

  /** Without rates there is no limit. */
  constructor(rates: Rates | null, clock: Clock) {
    this.#rates = rates;
    this.#clock = clock;
  }

  /** null if the call is allowed, else the seconds until the next try. */
  take(method: string, tier: Tier, key: string): number | null {
    if (this.#rates === null) return null;
    return this.#fromBucket(`${method} ${key}`, this.#rates[tier]);
  }

  #fromBucket(name: string, { perMinute, burst }: Rate): number | null {
    const now = this.#clock.now().getTime();
    const bucket = this.#buckets.get(name) ?? { left: burst, at: now };
    // A clock that is set back takes no permission away.
    const left = Math.min(burst, bucket.left + (Math.max(0, now - bucket.at) / 60_000) * perMinute);
    this.#buckets.set(name, { left: left < 1 ? left : left - 1, at: now });
    return left < 1 ? Math.max(1, Math.ceil(((1 - left) / perMinute) * 60)) : null;
  }
}

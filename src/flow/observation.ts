import type { Gathered, Reads } from "../core/host-command.ts";
import type { Host } from "../core/inventory.ts";
import type { Clock, Hosts } from "./ports.ts";

interface Asked {
  readonly host: Host;
  readonly since: number;
  /** Round trips on their way. */
  open: number;
  /** Until when the host may answer. */
  until: number;
}

/** Which hosts have answered a question, and which have not. */
export interface Answered {
  readonly answered: readonly string[];
  readonly open: readonly { readonly name: string; readonly forMs: number }[];
}

/**
 * What one question reads from hosts. A host has the longest limit of a read for all that is asked of it: one that
 * accepts and says nothing must not hold up what the others have answered.
 */
export class Observation {
  readonly #hosts: Hosts;
  readonly #clock: Clock;
  readonly #asked = new Map<string, Asked>();
  readonly #kind: "query" | "plan";
  #changed: () => void = () => undefined;

  /**
   * A plan takes several round trips that depend on each other, so there each has its own time; and it shares nothing, for
   * what runs at once must not rest on what was read before it was asked for.
   */
  constructor(hosts: Hosts, clock: Clock, kind: "query" | "plan") {
    this.#hosts = hosts;
    this.#clock = clock;
    this.#kind = kind;
  }

  whenChanged(changed: () => void): void {
    this.#changed = changed;
  }

  get state(): Answered {
    const now = this.#now();
    const all = [...this.#asked.values()];
    return {
      answered: all.filter(({ open }) => open === 0).map(({ host }) => host.name),
      open: all.filter(({ open }) => open > 0).map(({ host, since }) => ({ name: host.name, forMs: now - since })),
    };
  }

  readonly gather = async <R extends Reads>(host: Host, reads: R): Promise<Gathered<R>> => {
    const now = this.#now();
    const longestMs = longest(reads);
    const asked = this.#asked.get(host.uuid) ?? { host, since: now, open: 0, until: now };
    this.#asked.set(host.uuid, asked);
    asked.until = this.#kind === "plan" ? now + longestMs : Math.max(asked.until, asked.since + longestMs);
    asked.open++;
    this.#changed();
    try {
      const withinMs = Math.max(0, asked.until - now);
      return await this.#hosts.gather(host, reads, { urgency: "query", mayShare: this.#kind === "query", withinMs });
    } finally {
      asked.open--;
      this.#changed();
    }
  };

  readonly #now = (): number => this.#clock.now().getTime();
}

/** In which a program that hangs is ended on its host, and what is read after it may still come. */
const MARGIN_MS = 2_000;

/** The longest limit of what is read: none of it may take longer, so all of it together may not either. */
export const longest = (reads: Reads): number =>
  Object.values(reads).reduce((most, { timeoutMs }) => Math.max(most, timeoutMs), 0) + MARGIN_MS;

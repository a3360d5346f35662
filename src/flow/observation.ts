import type { Gathered, Reads } from "../core/host-command.ts";
import type { Host } from "../core/inventory.ts";
import type { Clock, Hosts } from "./ports.ts";

interface Asked {
  readonly host: Host;
  readonly since: number;
  /** Round trips that are running. */
  open: number;
  /** Until when the host may answer. */
  until: number;
}

/** Which hosts have answered, and which have not. */
export interface Answered {
  readonly answered: readonly string[];
  readonly open: readonly { readonly name: string; readonly forMs: number }[];
}

/**
 * What one command reads from hosts. All reads of a host together have the time limit of the longest one. So a host
 * that accepts connections and never answers can't delay the answers of the others.
 */
export class Observation {
  readonly #hosts: Hosts;
  readonly #clock: Clock;
  readonly #asked = new Map<string, Asked>();
  readonly #kind: "query" | "plan";
  #changed: () => void = () => undefined;

  /**
   * A plan needs several round trips that depend on each other. So each of them has its own time limit. A plan shares
   * no answer with another command: it must not use a state from before it was asked for.
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

/** Time to end a program that hangs on its host, and to receive what is read after it. */
const MARGIN_MS = 2_000;

/** The longest limit of the reads. It also limits all of them together. */
export const longest = (reads: Reads): number =>
  Object.values(reads).reduce((most, { timeoutMs }) => Math.max(most, timeoutMs), 0) + MARGIN_MS;

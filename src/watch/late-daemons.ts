import type { Host } from "../core/inventory.ts";
import type { Outcome } from "../core/outcome.ts";
import { type Daemon, isLate } from "./daemons.ts";
import type { WatchPorts } from "./ports.ts";
import { isSilent, type Observed } from "./sample.ts";
import { readsOf } from "./watch-reads.ts";

/** A daemon that did not answer is asked again after this time, in milliseconds: one slow answer is no finding. */
const ASK_AGAIN_MS = 500;

interface LateDaemon {
  readonly sinceMs: number;
  /** It did not answer a second time. */
  isConfirmed: boolean;
  timer: NodeJS.Timeout | null;
}
/** The host of the daemons. */
interface AskedHost {
  /** As the inventory has it now, and what it showed last. */
  current(): { readonly host: Host; readonly observed: Observed | null };
  observeSoon(): void;
}

/** The daemons of one host that did not answer. Each is asked alone, so that nothing else of the host waits for it. */
export class LateDaemons {
  readonly #ports: Pick<WatchPorts, "gather" | "failed">;
  readonly #everyMs: number;
  readonly #of: AskedHost;
  readonly #late = new Map<Daemon, LateDaemon>();
  #stopped = false;

  /** `everyMs`: how often each is asked until it answers. */
  constructor(ports: Pick<WatchPorts, "gather" | "failed">, everyMs: number, of: AskedHost) {
    this.#ports = ports;
    this.#everyMs = everyMs;
    this.#of = of;
  }

  all(): ReadonlySet<Daemon> {
    return new Set(this.#late.keys());
  }

  /** Those that did not answer a second time. */
  confirmed(): Daemon[] {
    return [...this.#late].flatMap(([daemon, { isConfirmed }]) => (isConfirmed ? [daemon] : []));
  }

  /** One did not answer once, and was not asked again yet. */
  get isInDoubt(): boolean {
    return [...this.#late.values()].some(({ isConfirmed }) => !isConfirmed);
  }

  /** null: it answers, or failed to only once. */
  confirmedSinceMs(daemon: Daemon): number | null {
    const late = this.#late.get(daemon);
    return late?.isConfirmed === true ? late.sinceMs : null;
  }

  /** It did not answer. It is asked again soon. */
  doubt(daemon: Daemon): void {
    if (this.#late.has(daemon)) return;
    const late: LateDaemon = { sinceMs: Date.now(), isConfirmed: false, timer: null };
    this.#late.set(daemon, late);
    this.#askAgain(daemon, late, ASK_AGAIN_MS);
  }

  stop(): void {
    this.#stopped = true;
    for (const { timer } of this.#late.values()) if (timer) clearTimeout(timer);
  }

  #askAgain(daemon: Daemon, late: LateDaemon, afterMs: number): void {
    if (this.#stopped) return;
    late.timer = setTimeout(() => void this.#ask(daemon, late), afterMs);
  }

  async #ask(daemon: Daemon, late: LateDaemon): Promise<void> {
    late.timer = null;
    const { host, observed } = this.#of.current();
    if (observed !== null && isSilent(observed)) {
      this.#askAgain(daemon, late, this.#everyMs);
      return;
    }
    try {
      const answers = Object.values<Outcome | undefined>(await this.#ports.gather(host, readsOf(daemon)));
      if (answers.some((answer) => answer !== undefined && isLate(answer))) {
        if (!late.isConfirmed) this.#of.observeSoon();
        late.isConfirmed = true;
      } else if (answers.some((answer) => answer !== undefined && answer.kind !== "unknown")) {
        this.#late.delete(daemon);
        this.#of.observeSoon();
        return;
      }
    } catch (error) {
      this.#ports.failed(`asking ${daemon} on ${host.name}`, error);
    }
    this.#askAgain(daemon, late, this.#everyMs);
  }
}

import { Faults } from "./fault.ts";
import { KernelEvents } from "./kernel-events.ts";
import type { Result } from "./program.ts";
import type { San } from "./san.ts";
import type { SanHost } from "./san-state.ts";
import type { Watch } from "./watch.ts";

/** A program that ran on a host, without the `sudo`, `env` and `timeout` around it. */
export interface FinishedProgram {
  /** Counts over all hosts, in the order in which the programs ended. */
  readonly order: number;
  readonly argv: readonly string[];
  readonly exitCode: number;
  /** It changed the model. */
  readonly changed: boolean;
}

const keptRuns = 20_000;

/** The runtime of one simulated host: its place in the SAN, its faults, and the programs that ran. */
export class HostRuntime {
  readonly san: San;
  readonly host: SanHost;
  readonly lockStartMs: number;
  readonly faults = new Faults();
  readonly kernelEvents: KernelEvents;
  /** Ends running programs when the simulation stops. */
  readonly power = new AbortController();
  /** Resolves once the changed model is on disk. */
  readonly saved: () => Promise<void>;
  readonly watch: Watch | null;
  execs = 0;
  connections = 0;
  #ran: FinishedProgram[] = [];
  readonly #listed = new Map<string, Result>();
  #listedAt = -1;

  constructor(san: San, host: SanHost, lockStartMs: number, saved: () => Promise<void>, watch: Watch | null) {
    this.san = san;
    this.host = host;
    this.lockStartMs = lockStartMs;
    this.saved = saved;
    this.watch = watch;
    this.kernelEvents = new KernelEvents(san, host);
  }

  get ran(): readonly FinishedProgram[] {
    return this.#ran;
  }

  record(order: number, argv: readonly string[], exitCode: number, changed: boolean): void {
    this.#ran.push({ order, argv, exitCode, changed });
    if (this.#ran.length > keptRuns) this.#ran = this.#ran.slice(-keptRuns / 2);
  }

  /** The output of a listing for this state of the SAN. */
  listed(key: string): Result | null {
    if (this.#listedAt !== this.san.version) {
      this.#listed.clear();
      this.#listedAt = this.san.version;
    }
    return this.#listed.get(key) ?? null;
  }

  keepListing(key: string, result: Result): void {
    if (this.#listedAt === this.san.version) this.#listed.set(key, result);
  }
}

import { createHash } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";
import type { AuditEntry } from "../core/operation.ts";
import type { AuditLog, ForwardedPosition, ForwardedPositions } from "../flow/ports.ts";
import { Outage, type OutageReports } from "./outage.ts";
import { NotTaken, type Receiver } from "./receiver.ts";

/** Times in milliseconds. */
export interface ForwardSettings {
  /** How often it is checked whether there are new entries. This reads no file. */
  readonly everyMs: number;
  /** In one message, at most. */
  readonly entries: number;
  /** The pauses after failed attempts. The last one repeats. */
  readonly pausesMs: readonly [number, ...number[]];
  /** If a person must change something first. */
  readonly slowPausesMs: readonly [number, ...number[]];
  /** After so long without success people are notified. */
  readonly awayMs: number;
  /** For the last entries when the bot stops. */
  readonly stopMs: number;
}
export const usualForward: ForwardSettings = {
  everyMs: 1_000,
  entries: 200,
  pausesMs: [1_000, 2_000, 4_000, 8_000, 15_000, 30_000, 60_000],
  slowPausesMs: [60_000, 300_000],
  awayMs: 300_000,
  stopMs: 3_000,
};

interface ForwarderParts {
  readonly receiver: Receiver;
  readonly audit: Pick<AuditLog, "head" | "after">;
  readonly positions: ForwardedPositions;
  readonly reports: OutageReports;
}

/**
 * Sends the audit log to one receiver, in order and at least once: the position on disk advances after the receiver took
 * the entries. A receiver without a position gets the complete log.
 */
export class Forwarder {
  readonly #parts: ForwarderParts;
  readonly #settings: ForwardSettings;
  readonly #key: string;
  /** Ends pauses. */
  readonly #stopping = new AbortController();
  /** Ends an attempt. */
  readonly #cut = new AbortController();
  #running: Promise<void> = Promise.resolve();
  /** What the receiver has. It may be later than on disk, if the disk is full. */
  #position: ForwardedPosition | null = null;
  #most: number;
  #outage: Outage | null = null;
  #isKept = true;
  /** The entry after a gap that the log has. */
  #gapAt = 0;

  constructor(parts: ForwarderParts, settings: ForwardSettings = usualForward) {
    this.#parts = parts;
    this.#settings = settings;
    this.#most = settings.entries;
    this.#key = createHash("sha256").update(parts.receiver.address).digest("hex").slice(0, 16);
  }

  get setting(): Receiver["setting"] {
    return this.#parts.receiver.setting;
  }

  /** How many entries the receiver does not have. */
  get waiting(): number {
    const have = (this.#position ?? this.#parts.positions.of(this.#key))?.id ?? 0;
    return Math.max(0, this.#parts.audit.head().id - have);
  }

  start(): void {
    this.#running = this.#run();
  }

  /** Sends what is left, unless the receiver is away. What it does not get now is sent after the next start. */
  async stop(): Promise<void> {
    this.#stopping.abort();
    const limit = setTimeout(() => this.#cut.abort(), this.#outage === null ? this.#settings.stopMs : 0);
    await this.#running;
    clearTimeout(limit);
  }

  async #run(): Promise<void> {
    const { signal: stopping } = this.#stopping;
    while (!this.#cut.signal.aborted) {
      const pauseMs = await this.#step();
      if (pauseMs === 0) continue;
      if (stopping.aborted) return;
      // Ends early if the bot stops.
      await sleep(pauseMs, undefined, { signal: stopping }).catch(() => undefined);
    }
  }

  /** One attempt, if there is something to send. Resolves to the pause after it. */
  async #step(): Promise<number> {
    const { audit, receiver } = this.#parts;
    try {
      this.#position ??= await this.#beginning();
      if (audit.head().id <= this.#position.id) return this.#settings.everyMs;
      const entries = await audit.after(this.#position.id, this.#most);
      const last = entries.at(-1);
      if (last === undefined) return this.#settings.everyMs;
      this.#reportGap(this.#position.id + 1, entries);
      await receiver.send(entries, this.#cut.signal);
      this.#outage?.ended();
      this.#outage = null;
      await this.#keep(last);
      return 0;
    } catch (error) {
      if (this.#cut.signal.aborted) return this.#settings.everyMs;
      return this.#failed(error);
    }
  }

  #failed(error: unknown): number {
    const { receiver, reports } = this.#parts;
    const { pausesMs, slowPausesMs, awayMs } = this.#settings;
    const { isTooLarge = false, needsPerson = false } = error instanceof NotTaken ? error.why : {};
    if (isTooLarge && this.#most > 1) {
      this.#most = Math.ceil(this.#most / 2);
      return 0;
    }
    const nowMs = Date.now();
    this.#outage ??= new Outage({ setting: receiver.setting, receiver: receiver.shown }, reports, nowMs);
    this.#outage.add(error, this.waiting, nowMs - this.#outage.sinceMs >= awayMs);
    const pauses = needsPerson || isTooLarge ? slowPausesMs : pausesMs;
    return pauses[Math.min(this.#outage.failed, pauses.length) - 1] ?? pauses[0];
  }

  /** Entries may have left the log for the archive before they were sent. */
  #reportGap(expected: number, [first]: readonly AuditEntry[]): void {
    if (first === undefined || first.id <= expected || this.#gapAt === first.id) return;
    this.#gapAt = first.id;
    const { receiver, reports } = this.#parts;
    const missing = `entries ${expected} to ${first.id - 1} are not in the audit log any more`;
    reports.log.error(`sending audit entries to ${receiver.shown}`, missing);
  }

  /** The position on disk, if it is in this log. After `audit begin` the log has other entries with the same numbers. */
  async #beginning(): Promise<ForwardedPosition> {
    const { audit, positions, receiver, reports } = this.#parts;
    const kept = positions.of(this.#key);
    if (kept === null || kept.id === 0) return START;
    const [entry] = await audit.after(kept.id - 1, 1);
    // A later entry: what was sent is in the archive.
    if (entry !== undefined && (entry.id > kept.id || entry.hash === kept.hash)) return kept;
    reports.log.info(`${receiver.shown} gets the complete audit log: entry ${kept.id} is not the one that was sent`);
    return START;
  }

  /** If it can't be written, the entries are sent again only after a crash. */
  async #keep({ id, hash }: AuditEntry): Promise<void> {
    this.#position = { id, hash };
    try {
      await this.#parts.positions.keep(this.#key, this.#position);
      this.#isKept = true;
    } catch (error) {
      if (this.#isKept) this.#parts.reports.log.error("keeping what was sent of the audit log", error);
      this.#isKept = false;
    }
  }
}

const START: ForwardedPosition = { id: 0, hash: "" };

import { createHash } from "node:crypto";
import type { Reply } from "../core/reply.ts";
import type { Channel, Clock, Log, Message } from "./ports.ts";

/** The last report: when it was due, and whether it is open that Slack took it. */
export interface KeptReport {
  readonly at: string;
  readonly mayBeThere: boolean;
}

interface Setting {
  /** What is posted: `shift report`. */
  readonly what: string;
  /** `08:00`, by the clock of the bot's computer. */
  readonly at: string;
  readonly channel: Channel;
  /** On disk. `keep` resolves when the change is there. */
  readonly kept: { read(): KeptReport | undefined; keep(report: KeptReport | undefined): Promise<unknown> };
  readonly clock: Clock;
  readonly log: Log;
  /** A secret of the data folder. */
  readonly key: string;
  readonly report: () => Promise<Reply>;
}

/** A bot that starts later than this after the time posts the report of the next day. */
const LATE_MS = 3_600_000;
const AGAIN_MS = 60_000;
/** The clock is read again so often: it may be set, or the computer may have slept. */
const READ_CLOCK_MS = 900_000;

/** Posts a report once each day, also if the bot is started again at that time. */
export class DailyReport {
  readonly #setting: Setting;
  #timer: NodeJS.Timeout | null = null;
  #stopped = false;

  constructor(setting: Setting) {
    this.#setting = setting;
  }

  start(): void {
    const now = this.#setting.clock.now();
    const today = atTime(now, this.#setting.at);
    const isLate = now.getTime() - today.getTime() >= LATE_MS;
    const kept = this.#setting.kept.read();
    // A stop between the post and its answer leaves it open whether Slack took it: it is searched, then posted.
    const isPosted = kept?.at === today.toISOString() && !kept.mayBeThere;
    // A bot that has never posted one has no day to report yet.
    const isOver = isLate || isPosted || kept === undefined;
    this.#postAt(today > now || !isOver ? today : this.#dayAfter(today));
  }

  stop(): void {
    this.#stopped = true;
    if (this.#timer) clearTimeout(this.#timer);
  }

  #postAt(due: Date): void {
    const leftMs = due.getTime() - this.#setting.clock.now().getTime();
    if (leftMs > READ_CLOCK_MS) this.#within(READ_CLOCK_MS, () => this.#postAt(due));
    else this.#within(leftMs, () => void this.#post(due));
  }

  #within(ms: number, run: () => void): void {
    if (!this.#stopped) this.#timer = setTimeout(run, Math.max(0, ms));
  }

  /** By the calendar: a day has 23 or 25 hours if the clocks change. */
  #dayAfter(due: Date): Date {
    const next = new Date(due);
    next.setDate(next.getDate() + 1);
    return atTime(next, this.#setting.at);
  }

  async #post(due: Date): Promise<void> {
    const { channel, clock, log, report, what, key } = this.#setting;
    const at = due.toISOString();
    const kept = this.#setting.kept.read();
    try {
      const message: Message = { reply: await report(), key: keyOf(key, what, at) };
      const mayBeThere = kept?.at === at && kept.mayBeThere;
      const mark = async (is: boolean) => void (await this.#setting.kept.keep({ at, mayBeThere: is }));
      const once = { key: keyOf(key, what, at), since: at, mayBeThere, again: message };
      await channel.say(message, {
        ...once,
        begins: () => mark(true),
        wasNotTaken: async () => void (await this.#setting.kept.keep(kept?.at === at ? undefined : kept)),
      });
      await mark(false);
    } catch (error) {
      log.error(`posting the ${what}`, error);
      if (clock.now().getTime() - due.getTime() < LATE_MS) return this.#within(AGAIN_MS, () => void this.#post(due));
    }
    this.#postAt(this.#dayAfter(due));
  }
}

/** That time on the day of `date`. */
function atTime(date: Date, at: string): Date {
  const [hours = 0, minutes = 0] = at.split(":").map(Number);
  const due = new Date(date);
  due.setHours(hours, minutes, 0, 0);
  return due;
}

const keyOf = (key: string, what: string, at: string): string =>
  createHash("sha256").update(`${key} ${what} ${at}`).digest("hex").slice(0, 32);

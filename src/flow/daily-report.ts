import { createHash } from "node:crypto";
import type { Reply } from "../core/reply.ts";
import type { PostStore } from "./incident-posts.ts";
import type { Channel, Clock, Log, Message } from "./ports.ts";

interface Setting {
  /** `08:00`, by the clock of the bot's computer. */
  readonly at: string;
  readonly channel: Channel;
  readonly store: PostStore;
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

/** Posts the shift report once each day, also if the bot is started again at that time. */
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
    const kept = this.#setting.store.desk().shiftReport;
    // A stop between the post and its answer leaves it open whether Slack took it: it is searched, then posted.
    const isPosted = kept?.at === today.toISOString() && !kept.mayBeThere;
    this.#postAt(today > now || !(isLate || isPosted) ? today : this.#dayAfter(today));
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
    const { channel, clock, log, report, store, key } = this.#setting;
    const at = due.toISOString();
    const kept = store.desk().shiftReport;
    try {
      const message: Message = { reply: await report(), key: keyOf(key, at) };
      const mayBeThere = kept?.at === at && kept.mayBeThere;
      const mark = (is: boolean) =>
        store.update((desk) => [{ ...desk, shiftReport: { at, mayBeThere: is } }, undefined]);
      const once = { key: keyOf(key, at), since: at, mayBeThere, again: message };
      await channel.say(message, {
        ...once,
        begins: () => mark(true),
        wasNotTaken: () => store.update((desk) => [{ ...desk, shiftReport: undefined }, undefined]),
      });
      await mark(false);
    } catch (error) {
      log.error("posting the shift report", error);
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

const keyOf = (key: string, at: string): string =>
  createHash("sha256").update(`${key} shift report ${at}`).digest("hex").slice(0, 32);

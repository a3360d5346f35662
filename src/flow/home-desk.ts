import type { OperatorError } from "../core/refusal.ts";
import type { NextStep } from "../core/reply.ts";
import { type Home, type HomeFacts, homeOf, refusedHome } from "./home.ts";
import type { Clock, Log, NextButton } from "./ports.ts";

/** Where Homes are shown. */
export interface HomePort {
  /** Replaces what the person sees. It tries once, and throws if the place does not take it. */
  publish(person: string, home: Home, buttonsOf: (steps: readonly NextStep[]) => NextButton[]): Promise<void>;
  /** Why this person may not read what the bot's channels show; null: they may. */
  whyNoReader(person: string): Promise<OperatorError | null>;
}
interface Setting {
  readonly facts: () => HomeFacts;
  readonly buttonsOf: (steps: readonly NextStep[]) => NextButton[];
  readonly mayNotChange: (person: string) => OperatorError | null;
  readonly port: HomePort;
  readonly clock: Clock;
  readonly log: Log;
}

/** A Home that was opened within this time may still be open. Nobody says when it is closed. */
const LATELY_MS = 60 * 60_000;
/** The Homes that may be open are compared with what holds now at this interval. */
const COMPARE_MS = 5_000;
const LEAST_PAUSE_MS = 100;
/** One person's Home is published at most this often. */
const EACH_MS = 10_000;
/** After a failure the same Home is tried again after this time. */
const FAILED_MS = 60_000;
/** Of all Homes in one minute. Slack takes about 100; openings have the rest. */
const CHANGES_A_MINUTE = 60;
const ALL_A_MINUTE = 90;
const MOST_PEOPLE = 200;

/** A person who opened the Home lately. */
interface Opened {
  readonly person: string;
  openedAtMs: number;
  /** The Home was opened and is not published yet. */
  waits: boolean;
  notBeforeMs: number;
  /** What is shown there, without the time; null: that is not known. */
  shown: string | null;
}

/**
 * Publishes Homes: when a person opens it, and on change for those who opened it lately. What is shown is compared with
 * what holds now, instead of listening to each source of change: no source can be forgotten, and changes are merged.
 */
export class HomeDesk {
  readonly #setting: Setting;
  readonly #opened = new Map<string, Opened>();
  #sentAtMs: number[] = [];
  /** When all Homes that may be open were compared. */
  #comparedAtMs = 0;
  #timer: NodeJS.Timeout | null = null;
  #round: Promise<void> | null = null;
  #stopped = false;

  constructor(setting: Setting) {
    this.#setting = setting;
  }

  /** Resolves at once. The Home is published as soon as the limits allow it. */
  opened(person: string): void {
    const before = this.#opened.get(person);
    const shown = before?.shown ?? null;
    // After a failure nothing is shown, and a person waits in front of it.
    const notBeforeMs = shown === null ? 0 : (before?.notBeforeMs ?? 0);
    this.#opened.delete(person);
    this.#opened.set(person, { person, openedAtMs: this.#now(), waits: true, notBeforeMs, shown });
    const [oldest] = this.#opened.keys();
    if (this.#opened.size > MOST_PEOPLE && oldest !== undefined) this.#opened.delete(oldest);
    this.#begin();
  }

  /** To be called after what a person did: the Home shows its effect soon. */
  changed(): void {
    this.#comparedAtMs = 0;
    if (this.#opened.size > 0) this.#begin();
  }

  /** Why this person sees no Home and may not use its buttons; null: they may. */
  async whyNot(person: string): Promise<OperatorError | null> {
    const { mayNotChange, port } = this.#setting;
    return mayNotChange(person) === null ? null : port.whyNoReader(person);
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    if (this.#timer) clearTimeout(this.#timer);
    await this.#round;
  }

  #begin(): void {
    if (this.#stopped || this.#round !== null) return;
    if (this.#timer) clearTimeout(this.#timer);
    this.#timer = null;
    this.#round = this.#publishAll().finally(() => {
      this.#round = null;
      if (!this.#stopped && this.#opened.size > 0) this.#timer = setTimeout(() => this.#begin(), this.#pauseMs());
    });
  }

  /** The time to the next comparison, or to the moment when an opened Home may be published. */
  #pauseMs(): number {
    const nowMs = this.#now();
    const compareMs = Math.max(this.#comparedAtMs + COMPARE_MS - nowMs, LEAST_PAUSE_MS);
    if (this.#sentLately() >= ALL_A_MINUTE) return compareMs;
    const waits = [...this.#opened.values()].filter((each) => each.waits).map(({ notBeforeMs }) => notBeforeMs - nowMs);
    return Math.min(compareMs, Math.max(Math.min(...waits), LEAST_PAUSE_MS));
  }

  async #publishAll(): Promise<void> {
    // A person who opens it is in front of it, so nobody else goes before.
    await this.#publishWaiting();
    if (this.#now() - this.#comparedAtMs < COMPARE_MS) return;
    this.#comparedAtMs = this.#now();
    for (const each of [...this.#opened.values()]) {
      if (this.#now() - each.openedAtMs > LATELY_MS) this.#opened.delete(each.person);
      else if (!each.waits) await this.#publish(each, CHANGES_A_MINUTE);
      await this.#publishWaiting();
    }
  }

  async #publishWaiting(): Promise<void> {
    for (const each of [...this.#opened.values()]) if (each.waits) await this.#publish(each, ALL_A_MINUTE);
  }

  async #publish(opened: Opened, mostAMinute: number): Promise<void> {
    const { port, buttonsOf, log } = this.#setting;
    if (this.#stopped || opened.notBeforeMs > this.#now() || this.#sentLately() >= mostAMinute) return;
    try {
      const home = await this.#homeFor(opened.person);
      const content = JSON.stringify({ ...home, madeAt: null });
      if (!opened.waits && content === opened.shown) return;
      opened.waits = false;
      this.#sentAtMs.push(this.#now());
      await port.publish(opened.person, home, buttonsOf);
      opened.shown = content;
      opened.notBeforeMs = this.#now() + EACH_MS;
    } catch (error) {
      if (this.#stopped) return;
      opened.waits = false;
      opened.shown = null;
      opened.notBeforeMs = this.#now() + FAILED_MS;
      log.error(`publishing the Home of ${opened.person}`, error);
    }
  }

  async #homeFor(person: string): Promise<Home> {
    const { facts, mayNotChange } = this.#setting;
    const why = await this.whyNot(person);
    const now = facts();
    if (why !== null) return refusedHome(why, now.nowMs);
    return homeOf(now, { id: person, mayChange: mayNotChange(person) === null });
  }

  #sentLately(): number {
    this.#sentAtMs = this.#sentAtMs.filter((at) => this.#now() - at < 60_000);
    return this.#sentAtMs.length;
  }

  #now(): number {
    return this.#setting.clock.now().getTime();
  }
}

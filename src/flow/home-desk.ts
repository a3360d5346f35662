import type { OperatorError } from "../core/refusal.ts";
import type { NextStep } from "../core/reply.ts";
import type { Needed } from "../core/role.ts";
import { steadyMs } from "../core/steady-clock.ts";
import { anyChange, anyQuery, closerOf, stopOf } from "./authority.ts";
import { type Home, type HomeFacts, homeOf, openReviews, refusedHome, shortHome, stoppableIn, viewOf } from "./home.ts";
import type { Clock, Log, NextButton, Permission } from "./ports.ts";

/** Why a Home was not published: the place refuses what is in it, or takes none for some time. */
export class HomeNotPublished extends Error {
  override name = "HomeNotPublished";
  readonly why: { readonly about: "content" } | { readonly about: "moment"; readonly forMs: number };
  constructor(why: HomeNotPublished["why"], cause: unknown) {
    super(cause instanceof Error ? cause.message : String(cause), { cause });
    this.why = why;
  }
}

/** Where Homes are shown. */
export interface HomePort {
  /** Replaces what the person sees. It tries once. Throws a HomeNotPublished if a later or a shorter one can succeed. */
  publish(person: string, home: Home, buttonsOf: (steps: readonly NextStep[]) => NextButton[]): Promise<void>;
  /** Why this person may not read what the bot's channels show; null: they may. */
  whyNoReader(person: string): Promise<OperatorError | null>;
}
/** Who opened the Home, for the next run of the bot. */
export interface KeptHomes {
  readonly before: readonly { readonly person: string; readonly openedAt: string }[];
  keep(all: KeptHomes["before"]): void;
}
interface Setting {
  readonly facts: () => HomeFacts;
  readonly buttonsOf: (steps: readonly NextStep[]) => NextButton[];
  readonly permission: Pick<Permission, "whyNot">;
  readonly port: HomePort;
  readonly kept: KeptHomes;
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
/** After another failure than of the moment the same Home is tried again after this time. */
const FAILED_MS = 60_000;
/** Of all Homes in one minute. Slack takes about 100; openings have the rest. */
const CHANGES_A_MINUTE = 60;
const ALL_A_MINUTE = 90;
const MOST_PEOPLE = 200;
/** What all Homes of a comparison are made from is at most so old. */
const SHARED_MS = 1_000;

/** A person who opened the Home lately. Times are of a clock that nobody sets. */
interface Opened {
  readonly person: string;
  readonly openedAtMs: number;
  /** The Home was opened and is not published yet. */
  waits: boolean;
  notBeforeMs: number;
  /** What is shown there, without the time; null: that is not known. */
  shown: string | null;
}

/** What the Homes of a comparison are made from, and those that were made, by their views. */
interface Shared {
  readonly atMs: number;
  readonly facts: HomeFacts;
  readonly homes: Map<string, Home>;
}

/**
 * Publishes Homes: when a person opens it, and on change for those who opened it lately. What is shown is compared with
 * what holds now, instead of listening to each source of change: no source can be forgotten, and changes are merged.
 */
export class HomeDesk {
  readonly #setting: Setting;
  readonly #opened = new Map<string, Opened>();
  #sentAtMs: number[] = [];
  /** The place takes no Home before this time. */
  #notBeforeMs = 0;
  /** Whether the last call failed for the moment. Only the first of such failures is logged. */
  #isTrouble = false;
  #shared: Shared | null = null;
  /** When all Homes that may be open were compared. */
  #comparedAtMs = Number.NEGATIVE_INFINITY;
  #timer: NodeJS.Timeout | null = null;
  #round: Promise<void> | null = null;
  #stopped = false;

  constructor(setting: Setting) {
    this.#setting = setting;
  }

  /** Homes that were open before a restart are brought up to date. */
  start(): void {
    const { kept, clock } = this.#setting;
    for (const { person, openedAt } of kept.before.slice(-MOST_PEOPLE)) {
      const agoMs = Math.max(0, clock.now().getTime() - Date.parse(openedAt));
      if (agoMs > LATELY_MS || this.#opened.has(person)) continue;
      this.#opened.set(person, {
        person,
        openedAtMs: steadyMs() - agoMs,
        waits: false,
        notBeforeMs: 0,
        shown: null,
      });
    }
    if (this.#opened.size > 0) this.#begin();
  }

  /** Resolves at once. The Home is published as soon as the limits allow it. */
  opened(person: string): void {
    const before = this.#opened.get(person);
    const shown = before?.shown ?? null;
    // After a failure nothing is shown, and a person waits in front of it.
    const notBeforeMs = shown === null ? 0 : (before?.notBeforeMs ?? 0);
    this.#opened.delete(person);
    this.#opened.set(person, { person, openedAtMs: steadyMs(), waits: true, notBeforeMs, shown });
    const [oldest] = this.#opened.keys();
    if (this.#opened.size > MOST_PEOPLE && oldest !== undefined) this.#opened.delete(oldest);
    this.#keep();
    this.#begin();
  }

  /** To be called after what a person did: the Home shows its effect soon. */
  changed(): void {
    this.#comparedAtMs = Number.NEGATIVE_INFINITY;
    this.#shared = null;
    if (this.#opened.size > 0) this.#begin();
  }

  /** Why this person sees no Home and may not use its buttons; null: they may. */
  async whyNot(person: string): Promise<OperatorError | null> {
    const { permission, port } = this.#setting;
    for (const role of ["operator", "approver"] as const) {
      if ((await permission.whyNot(person, { role, clusters: "any" })) === null) return null;
    }
    return (await permission.whyNot(person, anyQuery)) ?? port.whyNoReader(person);
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
    const nowMs = steadyMs();
    const compareMs = Math.max(this.#comparedAtMs + COMPARE_MS - nowMs, this.#notBeforeMs - nowMs, LEAST_PAUSE_MS);
    if (this.#notBeforeMs > nowMs) return compareMs;
    if (this.#sentLately() >= ALL_A_MINUTE) return compareMs;
    const waits = [...this.#opened.values()].filter((each) => each.waits).map(({ notBeforeMs }) => notBeforeMs - nowMs);
    return Math.min(compareMs, Math.max(Math.min(...waits), LEAST_PAUSE_MS));
  }

  async #publishAll(): Promise<void> {
    // A person who opens it is in front of it, so nobody else goes before.
    await this.#publishWaiting();
    if (steadyMs() - this.#comparedAtMs < COMPARE_MS || this.#notBeforeMs > steadyMs()) return;
    this.#comparedAtMs = steadyMs();
    for (const each of [...this.#opened.values()]) {
      if (steadyMs() - each.openedAtMs > LATELY_MS) this.#opened.delete(each.person);
      else if (!each.waits) await this.#publish(each, CHANGES_A_MINUTE);
      await this.#publishWaiting();
    }
  }

  async #publishWaiting(): Promise<void> {
    for (const each of [...this.#opened.values()]) if (each.waits) await this.#publish(each, ALL_A_MINUTE);
  }

  async #publish(opened: Opened, mostAMinute: number): Promise<void> {
    const isTooSoon = () => Math.max(opened.notBeforeMs, this.#notBeforeMs) > steadyMs();
    if (this.#stopped || isTooSoon() || this.#sentLately() >= mostAMinute) return;
    try {
      const home = await this.#homeFor(opened);
      const content = JSON.stringify({ ...home, madeAt: null });
      if (!opened.waits && content === opened.shown) return;
      await this.#send(opened.person, home);
      this.#isTrouble = false;
      opened.waits = false;
      opened.shown = content;
      opened.notBeforeMs = steadyMs() + EACH_MS;
    } catch (error) {
      if (!this.#stopped) this.#failed(opened, error);
    }
  }

  /** What the place refuses is published without its sections: a person sees that, and can still press buttons. */
  async #send(person: string, home: Home): Promise<void> {
    const { port, buttonsOf, log } = this.#setting;
    const send = (each: Home) => {
      this.#sentAtMs.push(steadyMs());
      return port.publish(person, each, buttonsOf);
    };
    try {
      await send(home);
    } catch (error) {
      const isOfContent = error instanceof HomeNotPublished && error.why.about === "content";
      if (!isOfContent || home.sections.length === 0) throw error;
      log.error(`publishing the Home of ${person}: its sections are left out`, error);
      await send(shortHome(home));
    }
  }

  #failed(opened: Opened, error: unknown): void {
    const { log } = this.#setting;
    if (error instanceof HomeNotPublished && error.why.about === "moment") {
      const { forMs } = error.why;
      this.#notBeforeMs = steadyMs() + forMs;
      if (!this.#isTrouble) log.info(`Homes are published later, because Slack takes none now: ${error.message}`);
      this.#isTrouble = true;
      // One Home that always fails must not keep the others waiting.
      if (this.#opened.get(opened.person) !== opened) return;
      this.#opened.delete(opened.person);
      this.#opened.set(opened.person, opened);
      return;
    }
    opened.waits = false;
    opened.shown = null;
    opened.notBeforeMs = steadyMs() + FAILED_MS;
    log.error(`publishing the Home of ${opened.person}`, error);
  }

  async #homeFor({ person, waits }: Opened): Promise<Home> {
    const { permission } = this.#setting;
    const why = await this.whyNot(person);
    const { facts, homes } = this.#facts(waits ? 0 : SHARED_MS);
    if (why !== null) return refusedHome(why, facts.nowMs);
    const may = async (needed: Needed) => (await permission.whyNot(person, needed)) === null;
    const viewer = {
      id: person,
      mayChange: await may(anyChange),
      mayApprove: await may({ role: "approver", clusters: "any" }),
      mayClose: await this.#closable(facts, may),
      mayStop: await this.#stoppable(facts, may),
    };
    const view = viewOf(facts, viewer);
    const home = homes.get(view) ?? homeOf(facts, viewer);
    homes.set(view, home);
    return home;
  }

  /** The ids of the operations that this person may stop. Only those that a Home shows are asked for. */
  async #stoppable(facts: HomeFacts, may: (needed: Needed) => Promise<boolean>): Promise<ReadonlySet<string>> {
    const found = new Set<string>();
    for (const operation of stoppableIn(facts)) if (await may(stopOf(operation))) found.add(operation.id);
    return found;
  }

  /** The ids of the open reviews that this person may close. Each set of clusters is asked for once. */
  async #closable(facts: HomeFacts, may: (needed: Needed) => Promise<boolean>): Promise<ReadonlySet<string>> {
    const found = new Set<string>();
    const asked = new Map<string, boolean>();
    for (const { id, operationId } of openReviews(facts)) {
      const needed = closerOf(facts.operations.find((each) => each.id === operationId) ?? null);
      const key = JSON.stringify(needed.clusters);
      const mayClose = asked.get(key) ?? (await may(needed));
      asked.set(key, mayClose);
      if (mayClose) found.add(id);
    }
    return found;
  }

  /** People who see the same share one Home: two hundred of a large data centre would be a second of work. */
  #facts(oldestMs: number): Shared {
    const nowMs = steadyMs();
    if (this.#shared === null || nowMs - this.#shared.atMs >= oldestMs)
      this.#shared = { atMs: nowMs, facts: this.#setting.facts(), homes: new Map() };
    return this.#shared;
  }

  #sentLately(): number {
    this.#sentAtMs = this.#sentAtMs.filter((at) => steadyMs() - at < 60_000);
    return this.#sentAtMs.length;
  }

  #keep(): void {
    const { kept, clock } = this.#setting;
    const [wallMs, nowMs] = [clock.now().getTime(), steadyMs()];
    kept.keep(
      [...this.#opened.values()].map(({ person, openedAtMs }) => ({
        person,
        openedAt: new Date(wallMs - (nowMs - openedAtMs)).toISOString(),
      })),
    );
  }
}

import { InTurn } from "../core/in-turn.ts";
import type { Incident } from "../core/incident.ts";
import type { Inventory } from "../core/inventory.ts";
import { withEvent } from "../watch/event-log.ts";
import { alertEvents, type OutsideAlert } from "../watch/outside-alert.ts";

interface Setting {
  readonly desk: {
    incidents(): readonly Incident[];
    revise(id: string, change: (incident: Incident) => Incident): Promise<Incident | null>;
  };
  inventory(): Inventory;
  /** WWIDs of the LUNs that hosts show. */
  wwids(): Iterable<string>;
  nowMs(): number;
  failed(doing: string, error: unknown): void;
}
interface Waiting {
  readonly alert: OutsideAlert;
  /** When it was sent last, in milliseconds. */
  readonly atMs: number;
}

const MOST_WAITING = 1_000;
/** An Alertmanager repeats what fires, usually every 4 hours. */
const WAITS_MS = 24 * 3_600_000;
/** A thousand hosts have 400,000 paths. */
const WWIDS_EVERY_MS = 10_000;

/**
 * Joins alerts of another monitoring to the incidents about their hosts and LUNs: they are events of the incident, so its
 * thread shows them. An alert often fires before the bot has an incident. Then it waits for one.
 */
export class AlertJoin {
  readonly #setting: Setting;
  /** By fingerprint, in the order in which they were sent. */
  readonly #waiting = new Map<string, Waiting>();
  /** An alert that two joins take at once would be an event twice. */
  readonly #inTurn = new InTurn();
  #isPlanned = false;
  /** What the incidents were about when alerts that wait were compared with them. */
  #compared = "";
  #wwids: { readonly all: ReadonlySet<string>; readonly atMs: number } | null = null;

  constructor(setting: Setting) {
    this.#setting = setting;
  }

  /** Resolves once the events of joined alerts are on disk. */
  take(alerts: readonly OutsideAlert[]): Promise<{ readonly joined: number; readonly waiting: number }> {
    return this.#inTurn.run(async () => {
      const { joined, without } = await this.#join(alerts);
      for (const { fingerprint } of alerts) this.#waiting.delete(fingerprint);
      const waiting = without.filter(({ isFiring }) => isFiring);
      if (waiting.length > 0) this.#compared = "";
      for (const alert of waiting) this.#waiting.set(alert.fingerprint, { alert, atMs: this.#setting.nowMs() });
      for (const [fingerprint] of this.#waiting) {
        if (this.#waiting.size <= MOST_WAITING) break;
        this.#waiting.delete(fingerprint);
      }
      return { joined: joined.length, waiting: waiting.length };
    });
  }

  /** There may be an incident for alerts that wait. Returns at once. */
  changed(): void {
    if (this.#waiting.size === 0 || this.#isPlanned) return;
    this.#isPlanned = true;
    this.#inTurn
      .run(async () => {
        this.#isPlanned = false;
        const nowMs = this.#setting.nowMs();
        for (const [fingerprint, { atMs }] of this.#waiting)
          if (nowMs - atMs > WAITS_MS) this.#waiting.delete(fingerprint);
        const about = this.#about();
        if (about === this.#compared) return;
        const { joined } = await this.#join([...this.#waiting.values()].map(({ alert }) => alert));
        this.#compared = about;
        for (const { fingerprint } of joined) this.#waiting.delete(fingerprint);
      })
      .catch((error: unknown) => this.#setting.failed("joining alerts to an incident", error));
  }

  async #join(alerts: readonly OutsideAlert[]) {
    const { desk, inventory, nowMs } = this.#setting;
    const { events, ...result } = alertEvents(alerts, desk.incidents(), inventory(), nowMs(), this.#observed());
    for (const [id, added] of events) await desk.revise(id, (incident) => added.reduce(withEvent, incident));
    return result;
  }

  /** Changes if there is a new subject to which an alert may be joined. */
  #about(): string {
    const live = this.#setting.desk.incidents().filter(({ state }) => state === "open" || state === "quiet");
    return live.map(({ id, findings }) => `${id} ${findings.map(({ key }) => key).join()}`).join();
  }

  #observed(): ReadonlySet<string> {
    const nowMs = this.#setting.nowMs();
    if (this.#wwids === null || Math.abs(nowMs - this.#wwids.atMs) > WWIDS_EVERY_MS)
      this.#wwids = { all: new Set(this.#setting.wwids()), atMs: nowMs };
    return this.#wwids.all;
  }
}

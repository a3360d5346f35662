import { randomBytes } from "node:crypto";
import type { Clock } from "../../flow/ports.ts";
import type { Directory } from "./directory.ts";
import type { SocketMode } from "./socket-mode.ts";

/** Events API: an event without an ack is delivered again, with the same event_id, after each of the waits. */
export class EventDelivery {
  readonly #directory: Directory;
  readonly #socketMode: SocketMode;
  readonly #clock: Clock;
  readonly #waitsMs: readonly number[];
  readonly #timers = new Set<NodeJS.Timeout>();
  #stopped = false;

  constructor(directory: Directory, socketMode: SocketMode, clock: Clock, waitsMs: readonly number[]) {
    this.#directory = directory;
    this.#socketMode = socketMode;
    this.#clock = clock;
    this.#waitsMs = waitsMs;
  }

  /** Resolves after the first attempt; the others run later. */
  async deliver(event: { readonly type: string; readonly [key: string]: unknown }): Promise<void> {
    const { team, appId, bot, verificationToken } = this.#directory;
    await this.#attempt(0, {
      token: verificationToken,
      team_id: team.id,
      api_app_id: appId,
      event,
      type: "event_callback",
      event_id: `Ev${randomBytes(5).toString("hex").toUpperCase()}`,
      event_time: Math.floor(this.#clock.now().getTime() / 1000),
      authorizations: [
        { enterprise_id: null, team_id: team.id, user_id: bot.id, is_bot: true, is_enterprise_install: false },
      ],
      is_ext_shared_channel: false,
      event_context: randomBytes(12).toString("hex"),
    });
  }

  stop(): void {
    this.#stopped = true;
    for (const timer of this.#timers) clearTimeout(timer);
    this.#timers.clear();
  }

  async #attempt(attempt: number, payload: object): Promise<void> {
    const delivery = await this.#socketMode.deliver({
      type: "events_api",
      payload,
      accepts_response_payload: false,
      retry_attempt: attempt,
      retry_reason: attempt === 0 ? "" : "timeout",
    });
    const waitMs = this.#waitsMs[attempt];
    if (this.#stopped || delivery.kind === "acked" || waitMs === undefined) return;
    const timer = setTimeout(() => {
      this.#timers.delete(timer);
      void this.#attempt(attempt + 1, payload);
    }, waitMs);
    this.#timers.add(timer);
  }
}

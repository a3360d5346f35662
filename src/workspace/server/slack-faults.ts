import type { ServerResponse } from "node:http";
import { setTimeout as sleep } from "node:timers/promises";
import { json } from "./http-response.ts";

/** A faulty answer of Slack, or of a proxy between Slack and the bot. */
export type FaultyAnswer =
  /** HTTP 200 and `{ "ok": false, "error": code }`: `internal_error`, `fatal_error`, `request_timeout` … */
  | { readonly kind: "error"; readonly code: string }
  /** HTTP 429, with Retry-After or without. */
  | { readonly kind: "ratelimited"; readonly retryAfterS: number | null }
  /** Any other HTTP status, with a page, as a proxy answers. */
  | { readonly kind: "http"; readonly status: number }
  /** HTTP 200 with a page in place of JSON. */
  | { readonly kind: "page" }
  /** HTTP 200 with any text and the content type of JSON. */
  | { readonly kind: "body"; readonly text: string }
  /** The connection breaks in place of an answer. */
  | { readonly kind: "broken" }
  /** No answer comes, and the connection stays. */
  | { readonly kind: "silent" }
  /** The right answer comes after this time. */
  | { readonly kind: "late"; readonly ms: number };

export interface CallFault {
  readonly answer: FaultyAnswer;
  /** The number of calls that get it; all if it is absent. */
  readonly times?: number;
  /** `after`: the call has its effect, and only its answer is bad. */
  readonly effect?: "none" | "after";
  /** Only calls with these arguments. */
  readonly when?: (args: Readonly<Record<string, unknown>>) => boolean;
}

/** A method of the Web API (`chat.update`), one of the two other addresses, or `*` for every method. */
type CallName = "response_url" | "upload" | "*" | (string & {});

/** The faults of the local Slack: set by tests, and cleared with `well`. */
export class SlackFaults {
  readonly #calls: { readonly name: CallName; readonly call: CallFault; left: number }[] = [];
  readonly #revoked = new Map<"bot" | "app", string>();
  #silentSockets = 0;
  #closing = new AbortController();

  /** The next calls of this name get the fault. Earlier faults come first. */
  calls(name: CallName, call: CallFault): void {
    this.#calls.push({ name, call, left: call.times ?? Number.POSITIVE_INFINITY });
  }

  /** Calls of this name work again; without a name everything works again, including tokens and sockets. */
  well(name?: CallName): void {
    const kept = name === undefined ? [] : this.#calls.filter((each) => each.name !== name);
    this.#calls.splice(0, this.#calls.length, ...kept);
    if (name !== undefined) return;
    this.#revoked.clear();
    this.#silentSockets = 0;
  }

  /** A token is no longer valid; Slack answers `token_revoked`, `account_inactive` or `invalid_auth`. */
  revoke(token: "bot" | "app", code = "token_revoked"): void {
    this.#revoked.set(token, code);
  }
  restore(token: "bot" | "app"): void {
    this.#revoked.delete(token);
  }
  /** Slack's error for a revoked token, or null. */
  revoked(token: "bot" | "app"): string | null {
    return this.#revoked.get(token) ?? null;
  }

  /** The next WebSocket upgrades are accepted and then silent: no hello, no pong. */
  silentSockets(times: number): void {
    this.#silentSockets = times;
  }
  takesSilentSocket(): boolean {
    this.#silentSockets -= 1;
    return this.#silentSockets >= 0;
  }

  /** The fault of this call; null if there is none. */
  take(name: CallName, args: Readonly<Record<string, unknown>>): CallFault | null {
    const found = this.#calls.find(
      (each) =>
        each.left > 0 &&
        (each.name === name || (each.name === "*" && name.includes("."))) &&
        (each.call.when?.(args) ?? true),
    );
    if (found === undefined) return null;
    found.left -= 1;
    return found.call;
  }

  /** Sends the bad answer; `right` sends the right one. */
  async answer(bad: FaultyAnswer, response: ServerResponse, right: () => void): Promise<void> {
    switch (bad.kind) {
      case "error":
        return json(response, 200, { ok: false, error: bad.code });
      case "ratelimited":
        if (bad.retryAfterS !== null) response.setHeader("retry-after", bad.retryAfterS);
        return json(response, 429, { ok: false, error: "ratelimited" });
      case "http":
        return page(response, bad.status);
      case "page":
        return page(response, 200);
      case "body":
        response.writeHead(200, { "content-type": "application/json; charset=utf-8" }).end(bad.text);
        return;
      case "broken":
        response.destroy();
        return;
      case "silent":
        return;
      case "late":
        await sleep(bad.ms, undefined, { signal: this.#closing.signal, ref: false }).catch(() => undefined);
        return right();
    }
  }

  stop(): void {
    this.#closing.abort();
  }
}

function page(response: ServerResponse, status: number): void {
  const body = `<html><head><title>${status}</title></head><body><h1>The proxy says ${status}</h1></body></html>\n`;
  response.writeHead(status, { "content-type": "text/html; charset=utf-8" }).end(body);
}

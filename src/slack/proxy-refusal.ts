import { DecoratorHandler, type Dispatcher } from "undici";

/** The code of this error: nothing was sent to Slack. */
export const PROXY_REFUSED = "PROXY_REFUSED";

/** The client's message for what the proxy answered to a CONNECT. */
const refusal = /^Proxy response \((\d+)\) !== 200/;

/**
 * If a proxy refuses a connection, the error says the proxy's answer, the address and the fix. `onError` gets every
 * error too, because a WebSocket does not keep its own.
 */
export const withProxyCause =
  (onError: (error: Error) => void): Dispatcher.DispatcherComposeInterceptor =>
  (dispatch) =>
  (options, handler) =>
    dispatch(options, new ProxyCauseHandler(handler, String(options.origin ?? ""), onError));

class ProxyCauseHandler extends DecoratorHandler {
  readonly #handler: Dispatcher.DispatchHandler;
  readonly #origin: string;
  readonly #onError: (error: Error) => void;
  constructor(handler: Dispatcher.DispatchHandler, origin: string, onError: (error: Error) => void) {
    super(handler);
    this.#handler = handler;
    this.#origin = origin;
    this.#onError = onError;
  }

  onResponseError(controller: Dispatcher.DispatchController, error: Error): void {
    const named = refusedBy(error, this.#origin);
    this.#onError(named);
    // An older handler has another name for it.
    if (this.#handler.onResponseError !== undefined) this.#handler.onResponseError(controller, named);
    else this.#handler.onError?.(named);
  }
}

/** Returns the error unchanged if no proxy refused anything. */
function refusedBy(error: Error, origin: string): Error {
  const [, status = null] = refusal.exec(error.message) ?? [];
  if (status === null) return error;
  const { hostname, port, protocol } = new URL(origin);
  const to = `${hostname}:${port || (protocol === "http:" ? 80 : 443)}`;
  return Object.assign(new Error(`the proxy answers ${status} to ${to}. Fix: ${fixOf(status)}`), {
    code: PROXY_REFUSED,
  });
}

function fixOf(status: string): string {
  if (status === "407") {
    return "put its user and password into HTTPS_PROXY, as http://USER:PASSWORD@proxy:3128; a character like @ as %40";
  }
  return Number(status) >= 500
    ? "let the proxy reach that address, or name another proxy in HTTPS_PROXY"
    : "let the proxy tunnel (CONNECT) to that address: Slack needs slack.com and *.slack.com, port 443";
}

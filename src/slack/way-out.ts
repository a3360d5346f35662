import { subscribe } from "node:diagnostics_channel";
import type { FetchFunction } from "@slack/web-api";
import { type Dispatcher, EnvHttpProxyAgent, FormData as FormDataOut, fetch as fetchBy } from "undici";
import { z } from "zod";
import { withProxyCause } from "./proxy-refusal.ts";
import { slackAnswersOnly } from "./slack-answer.ts";

/** The proxies of HTTPS_PROXY, HTTP_PROXY and NO_PROXY; empty if there is none. */
interface ProxySettings {
  readonly https: string;
  readonly http: string;
  readonly except: string;
}

/** How the bot reaches Slack: its Web API, the WebSockets, response URLs and uploads. */
export interface WayOut {
  readonly fetch: typeof globalThis.fetch;
  /** For a new WebSocket; empty without a proxy. */
  readonly socketOptions: () => { readonly dispatcher?: Dispatcher };
  /** Why the latest WebSocket could not be opened, if that is known. The WebSocket itself does not say why. */
  readonly socketTrouble: () => Error | null;
  /** ` through the proxy http://proxy:3128`, or empty. */
  readonly words: string;
}

const connectErrorSchema = z.object({ error: z.instanceof(Error) });

/** The latest connection that undici could not make. */
let notConnected: Error | null = null;
subscribe("undici:client:connectError", (message) => {
  notConnected = connectErrorSchema.safeParse(message).data?.error ?? notConnected;
});

export const direct: WayOut = {
  fetch: (...request) => fetch(...request),
  socketOptions: () => {
    notConnected = null;
    return {};
  },
  socketTrouble: () => notConnected,
  words: "",
};

/** Also tunnels unencrypted connections: a proxy that reads along breaks a WebSocket. */
export function throughProxy({ https, http, except }: ProxySettings): WayOut {
  const options = { httpsProxy: https, httpProxy: http, noProxy: except, proxyTunnel: true, allowH2: false };
  const newAgent = (onError: (error: Error) => void) => new EnvHttpProxyAgent(options).compose(withProxyCause(onError));
  const dispatcher = newAgent(() => undefined);
  let trouble: Error | null = null;
  return {
    fetch: async (input, init) => {
      const body = init?.body instanceof FormData ? copied(init.body) : init?.body;
      const request = { ...init, ...(body === undefined ? {} : { body }), dispatcher };
      // Two implementations of one standard: only their types differ.
      const answer = await fetchBy(String(input), request as Parameters<typeof fetchBy>[1]);
      const { status, statusText } = answer;
      const headers = [...answer.headers.entries()];
      return new Response(mayHaveBody(status) ? await answer.arrayBuffer() : null, { status, statusText, headers });
    },
    // Each WebSocket has its own agent, so that one can't block another.
    socketOptions: () => {
      trouble = null;
      return {
        dispatcher: newAgent((error) => {
          trouble = error;
        }),
      };
    },
    socketTrouble: () => trouble,
    words: ` through the proxy ${withoutPassword(https || http)}`,
  };
}

function copied(form: FormData): FormDataOut {
  const copy = new FormDataOut();
  for (const [name, value] of form.entries()) {
    if (typeof value === "string") copy.append(name, value);
    else copy.append(name, value, value.name);
  }
  return copy;
}

const mayHaveBody = (status: number): boolean => ![101, 103, 204, 205, 304].includes(status);

function withoutPassword(url: string): string {
  const { protocol, host } = new URL(url);
  return `${protocol}//${host}`;
}

/** With the type that the Web API's client expects. */
export const clientFetch = ({ fetch }: WayOut, apiUrl: string): FetchFunction => slackAnswersOnly(fetch, apiUrl);

import { causeOf } from "../core/error-cause.ts";

/** Why alerts could not be sent. */
export interface PushProblem {
  /** One of few: the log has each once. */
  readonly kind: string;
  readonly text: string;
  /** It would be refused again. */
  readonly isFinal: boolean;
}

const LONGEST_ANSWER = 200;

const fixes: Readonly<Record<number, string>> = {
  401: "set ALERTMANAGER_URL to http://USER:PASSWORD@HOST",
  403: "set ALERTMANAGER_URL to http://USER:PASSWORD@HOST",
  404: "set ALERTMANAGER_URL to Alertmanager's address, with the path of its --web.route-prefix",
};
const REDIRECT_FIX = "set ALERTMANAGER_URL to the address to which it leads";

/** `secrets`: parts of the address. An answer that repeats one is not shown. */
export function answerProblem(status: number, answer: string, secrets: readonly string[]): PushProblem {
  const isRedirect = status >= 300 && status < 400;
  const fix = isRedirect ? REDIRECT_FIX : fixes[status];
  const words = secrets.some((secret) => answer.includes(secret)) ? "" : answer.trim();
  const what = isRedirect ? `it redirects (${status})` : `it answered ${status}`;
  return {
    kind: String(status),
    text: [
      what,
      words === "" || isRedirect ? "" : `: ${words.slice(0, LONGEST_ANSWER)}`,
      fix === undefined ? "" : `. Fix: ${fix}`,
    ].join(""),
    isFinal: status < 500 && status !== 429,
  };
}

const CA_FIX = "set NODE_EXTRA_CA_CERTS in the bot's environment to the file of the CA that signed its certificate";
/** By Node's error code. The rest has words of its own that are clear. */
const errors: Readonly<Record<string, (message: string) => string>> = {
  ERR_SSL_WRONG_VERSION_NUMBER: () => "it does not use TLS. Fix: set ALERTMANAGER_URL to http:// instead of https://",
  UND_ERR_SOCKET: (message) => `it closed the connection: ${message}`,
  ...Object.fromEntries(
    [
      ...["DEPTH_ZERO_SELF_SIGNED_CERT", "SELF_SIGNED_CERT_IN_CHAIN"],
      ...["UNABLE_TO_GET_ISSUER_CERT_LOCALLY", "UNABLE_TO_VERIFY_LEAF_SIGNATURE"],
    ].map((code) => [code, (message: string) => `${message}. Fix: ${CA_FIX}`]),
  ),
};

export function errorProblem(error: unknown, requestMs: number): PushProblem {
  const isFinal = false;
  if (error instanceof Error && error.name === "TimeoutError")
    return { kind: "timeout", text: `no answer in ${requestMs / 1000} s`, isFinal };
  const { code, message } = causeOf(error);
  return { kind: code, text: errors[code]?.(message) ?? message, isFinal };
}

import { createHmac } from "node:crypto";
import { answerBeginning } from "../core/answer-beginning.ts";
import { causeOf } from "../core/error-cause.ts";
import { NotTaken, type Receiver } from "./receiver.ts";

interface WebhookTarget {
  readonly url: string;
  readonly secret: string;
  /** It differs for each data folder: two bots may both have an entry 7. */
  readonly bot: string;
  readonly fetch: typeof globalThis.fetch;
}
const REQUEST_MS = 30_000;
const LONGEST_SHOWN = 200;
/** Shorter parts of an address, such as `api`, are no secrets. */
const SHORTEST_SECRET = 8;

/** Posts entries as JSON with a signature. Only an answer of 2xx counts. Entries are never cut. */
export function webhookReceiver({ url, secret, bot, fetch }: WebhookTarget, requestMs = REQUEST_MS): Receiver {
  const { origin, pathname, search } = new URL(url);
  const secrets = [secret, ...`${pathname}${search}`.split(/[/?&=]/).filter(({ length }) => length >= SHORTEST_SECRET)];
  return {
    ...{ setting: "AUDIT_WEBHOOK", shown: origin, address: url },
    async send(entries, signal) {
      const body = JSON.stringify({ version: 1, bot, entries });
      const timestamp = String(Math.floor(Date.now() / 1000));
      const request = {
        method: "POST",
        headers: {
          "content-type": "application/json",
          "user-agent": "zstack-chatops",
          "x-zstack-chatops-timestamp": timestamp,
          "x-zstack-chatops-signature": `sha256=${signatureOf(secret, timestamp, body)}`,
        },
        body,
        redirect: "manual",
        signal: AbortSignal.any([signal, AbortSignal.timeout(requestMs)]),
      } as const;
      let status: number;
      let answer: string;
      try {
        const response = await fetch(url, request);
        status = response.status;
        answer = await answerBeginning(response);
      } catch (error) {
        throw requestProblem(error, requestMs);
      }
      if (status < 200 || status > 299) {
        throw refused(status, secrets.some((each) => answer.includes(each)) ? "" : answer.trim());
      }
    },
  };
}

/** HMAC-SHA256 over `TIMESTAMP.BODY`, in hexadecimal digits. With the time in it, an old message can be refused. */
const signatureOf = (secret: string, timestamp: string, body: string): string =>
  createHmac("sha256", secret).update(`${timestamp}.${body}`).digest("hex");

const fixes: Readonly<Record<number, string>> = {
  401: "compare AUDIT_WEBHOOK_SECRET with the receiver's",
  403: "compare AUDIT_WEBHOOK_SECRET with the receiver's",
  404: "set AUDIT_WEBHOOK to the receiver's complete address",
  413: "let the receiver take larger messages: an entry is never cut",
};
const REDIRECT_FIX = "set AUDIT_WEBHOOK to the address to which it leads";
/** They say "try again". All others of 4xx need a person. */
const temporary = [408, 413, 425, 429];

function refused(status: number, answer: string): NotTaken {
  const isRedirect = status >= 300 && status < 400;
  const fix = isRedirect ? REDIRECT_FIX : fixes[status];
  return new NotTaken(
    `${isRedirect ? "it redirects" : "it answered"} ${status}${fix === undefined ? "" : `. Fix: ${fix}`}`,
    {
      kind: String(status),
      needsPerson: status < 500 && !temporary.includes(status),
      isTooLarge: status === 413,
      ...(answer !== "" && !isRedirect && { answer: answer.slice(0, LONGEST_SHOWN) }),
    },
  );
}

const CA_FIX =
  "Fix: set NODE_EXTRA_CA_CERTS in the bot's environment to the file of the CA that signed its certificate";
const withoutTrust = [
  ...["DEPTH_ZERO_SELF_SIGNED_CERT", "SELF_SIGNED_CERT_IN_CHAIN"],
  ...["UNABLE_TO_GET_ISSUER_CERT_LOCALLY", "UNABLE_TO_VERIFY_LEAF_SIGNATURE"],
];

function requestProblem(error: unknown, requestMs: number): NotTaken {
  if (error instanceof Error && error.name === "TimeoutError")
    return new NotTaken(`no answer in ${requestMs / 1000} s`, { kind: "timeout" });
  const { code, message } = causeOf(error);
  return withoutTrust.includes(code)
    ? new NotTaken(`${message}. ${CA_FIX}`, { kind: code, needsPerson: true })
    : new NotTaken(message, { kind: code });
}

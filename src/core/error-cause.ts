/** Why a connection or a request failed: Node's code, or the error's name, and a text. */
interface ErrorCause {
  readonly code: string;
  readonly message: string;
}

/** `fetch` says only that it failed. The reason is its cause, or the causes for several addresses of one name. */
export function causeOf(error: unknown): ErrorCause {
  if (!(error instanceof Error)) return { code: "error", message: String(error) };
  const cause = error.cause ?? error;
  const reason: unknown = cause instanceof AggregateError ? cause.errors[0] : cause;
  const known = reason instanceof Error ? reason : error;
  const code = "code" in known && typeof known.code === "string" ? known.code : known.name;
  return { code, message: known.message === "" ? code : known.message.replace(ADVICE, "") };
}

/** What Node 24 advises about certificates. Our own errors name the setting instead. */
const ADVICE = /; if the root CA is installed locally, try running Node\.js with --use-system-ca$/;

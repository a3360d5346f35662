/** Slack's error answer: `{ "ok": false, "error": code }`, with details if Slack gives some. */
export class SlackError extends Error {
  override name = "SlackError";
  readonly code: string;
  /** Slack's `response_metadata.messages`: `[ERROR] must be less than 3001 characters [json-pointer:/blocks/0/text/text]`. */
  readonly messages: readonly string[];
  constructor(code: string, messages: readonly string[] = []) {
    super([code, ...messages].join(" "));
    this.code = code;
    this.messages = messages;
  }
}

/** The body of an error's answer, shaped as Slack's Web API and response URLs do. */
export const errorBody = (error: SlackError) => ({
  ok: false,
  error: error.code,
  ...(error.messages.length > 0 && { errors: error.messages, response_metadata: { messages: error.messages } }),
});

import type { Config } from "./config.ts";
import type { Log } from "./flow/ports.ts";

/** One line an event; what opens a door is taken out, whoever put it in. */
export function logTo(stream: NodeJS.WritableStream, level: Config["logLevel"]): Log {
  const line = (kind: string, text: string) =>
    stream.write(`${new Date().toISOString()} ${kind} ${withoutSecrets(text)}\n`);
  return {
    info: (message) => {
      if (level !== "error") line("info", message);
    },
    error: (message, error) =>
      line("error", `${message}: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`),
  };
}

/**
 * Slack's tokens, the ticket of a Socket Mode connection, and the URLs that are their own secret: a response URL takes
 * answers, an upload URL a file, from whoever knows it. In JSON their slashes may be escaped.
 */
const secrets = [
  /\b(xox[a-z]+-|xapp-)[\w-]+/g,
  /([?&](?:ticket|token|secret)=)[^&\s"']+/g,
  /("(?:token|ticket|trigger_id|response_url|upload_url)"\s*:\s*")[^"]*/g,
  /(https?:\\?\/\\?\/hooks\.slack\.com\\?\/)[^\s"']+/g,
  /(\/upload\/v1\/)[^\s"']+/g,
  // What a person filled into a form, which may be a secret of CHAP; the JSON may stand inside JSON.
  /((\\*)"type\2"\s*:\s*\2"plain_text_input\2"\s*,\s*\2"value\2"\s*:\s*\2").*?(?:(?=(?<!\\)\2")|$)/gm,
];

const withoutSecrets = (text: string): string =>
  secrets.reduce((result, secret) => result.replace(secret, "$1[secret]"), text);

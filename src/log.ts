import type { Config } from "./config.ts";
import type { Log } from "./flow/ports.ts";
import { visible } from "./text/visible.ts";

/**
 * One line per event, with the stack of an error indented below. Secrets are removed from any text. Text from a host or
 * a person can't start a new line or control a terminal.
 */
export function logTo(stream: NodeJS.WritableStream, level: Config["logLevel"]): Log {
  const write = (kind: string, text: string, frames: readonly string[] = []) => {
    const lines = [
      `${new Date().toISOString()} ${kind} ${shown(text)}`,
      ...frames.map((frame) => `    ${shown(frame)}`),
    ];
    stream.write(`${lines.join("\n")}\n`);
  };
  return {
    info: (message) => {
      if (level !== "error") write("info", message);
    },
    error: (message, error) => write("error", `${message}: ${wordsOf(error)}`, framesOf(error)),
  };
}

const shown = (text: string): string => visible(withoutSecrets(text));

const wordsOf = (error: unknown): string =>
  error instanceof Error ? `${error.name}: ${error.message}` : String(error);

/** The part of the stack after the message. The message may have several lines. */
function framesOf(error: unknown): string[] {
  if (!(error instanceof Error) || error.stack === undefined) return [];
  const at = error.stack.indexOf(error.message);
  const rest = at === -1 ? error.stack : error.stack.slice(at + error.message.length);
  return rest.split("\n").flatMap((line) => (/^\s+at /.test(line) ? [line.trim()] : []));
}

/**
 * Slack's tokens, the ticket of a Socket Mode connection, and secret URLs: a response URL takes answers, and an upload
 * URL takes a file, from anyone who knows it. In JSON their slashes may be escaped.
 */
const secrets = [
  /\b(xox[a-z]+-|xapp-)[\w-]+/g,
  /([?&](?:ticket|token|secret)=)[^&\s"']+/g,
  /("(?:token|ticket|trigger_id|response_url|upload_url)"\s*:\s*")[^"]*/g,
  /(https?:\\?\/\\?\/hooks\.slack\.com\\?\/)[^\s"']+/g,
  /(\/upload\/v1\/)[^\s"']+/g,
  // The key in the address of the local workspace.
  /((?:https?|wss?):\\?\/\\?\/(?:127\.0\.0\.1|localhost)(?::\d+)?\\?\/)[0-9a-f]{32}/g,
  // The user and password for a proxy.
  /(https?:\/\/)[^\s/@"']+(?=@)/g,
  // The text that a person typed into a form: it may be a CHAP secret. The JSON may be inside JSON.
  /((\\*)"type\2"\s*:\s*\2"plain_text_input\2"\s*,\s*\2"value\2"\s*:\s*\2").*?(?:(?=(?<!\\)\2")|$)/gm,
];

const withoutSecrets = (text: string): string =>
  secrets.reduce((result, secret) => result.replace(secret, "$1[secret]"), text);

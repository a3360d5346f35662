import { type Logger, LogLevel } from "@slack/bolt";
import type { Log } from "../flow/ports.ts";

/**
 * What Slack's libraries say, as lines of the bot's log: what goes wrong always, the rest with LOG_LEVEL=debug. Their debug
 * lines hold tickets and response URLs, with which anybody could act as the bot; the log takes these out.
 */
export function loggerFor(log: Pick<Log, "info">, debug: boolean): Logger {
  const line = (...said: unknown[]) => log.info(`Slack: ${said.map(String).join(" ")}`);
  const inDebug = debug ? line : () => undefined;
  return {
    debug: inDebug,
    info: inDebug,
    warn: inDebug,
    error: line,
    getLevel: () => (debug ? LogLevel.DEBUG : LogLevel.WARN),
    setLevel: () => undefined,
    setName: () => undefined,
  };
}

import { type Logger, LogLevel } from "@slack/bolt";
import type { Log } from "../flow/ports.ts";

/**
 * The messages of Slack's libraries as lines of the bot's log. Errors are always written, other lines only with
 * LOG_LEVEL=debug. Debug lines contain tickets and response URLs. The log removes them, because a reader could act as
 * the bot with them.
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

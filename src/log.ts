import type { Config } from "./config.ts";
import type { Log } from "./flow/ports.ts";

/** One line an event on standard error; nothing secret ever gets here. */
export function logTo(stream: NodeJS.WritableStream, level: Config["logLevel"]): Log {
  const line = (kind: string, text: string) => stream.write(`${new Date().toISOString()} ${kind} ${text}\n`);
  return {
    info: (message) => {
      if (level !== "error") line("info", message);
    },
    error: (message, error) =>
      line("error", `${message}: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`),
  };
}

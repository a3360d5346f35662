import type { Log } from "../flow/ports.ts";
import { HELLO_LIMIT_MS } from "./connection.ts";

/** A wait of the usual length is not logged. */
const QUIET_MS = 1_000;

/**
 * Logs a long wait for Slack, and how long it lasts at most. It also keeps the process alive for that time: the
 * pauses between attempts do not, and at a start nothing else does yet.
 */
export async function logWhileWaiting<T>(what: string, log: Pick<Log, "info">, work: Promise<T>): Promise<T> {
  const timer = setTimeout(() => log.info(`waiting for ${what}, ${HELLO_LIMIT_MS / 1000} s at most`), QUIET_MS);
  const alive = setInterval(() => undefined, HELLO_LIMIT_MS);
  try {
    return await work;
  } finally {
    clearInterval(alive);
    clearTimeout(timer);
  }
}

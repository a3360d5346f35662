import type { Log } from "../flow/ports.ts";
import { HELLO_LIMIT_MS } from "./connection.ts";

/** A start that takes its usual time says nothing more. */
const QUIET_MS = 1_000;

/**
 * Who waits for Slack says so in the log, and how long at most. The process lives as long: pauses between attempts hold it
 * no longer than anything else does, and at a start nothing else does yet.
 */
export async function saidToWait<T>(what: string, log: Pick<Log, "info">, work: Promise<T>): Promise<T> {
  const timer = setTimeout(() => log.info(`waiting for ${what}, ${HELLO_LIMIT_MS / 1000} s at most`), QUIET_MS);
  const alive = setInterval(() => undefined, HELLO_LIMIT_MS);
  try {
    return await work;
  } finally {
    clearInterval(alive);
    clearTimeout(timer);
  }
}

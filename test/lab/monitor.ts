import { connect, type Socket } from "node:net";
import { createInterface } from "node:readline";
import { setTimeout as sleep } from "node:timers/promises";
import { z } from "zod";

export interface MonitorCommand {
  readonly execute: string;
  readonly arguments?: Readonly<Record<string, unknown>>;
}

const messageSchema = z.union([
  z.object({ QMP: z.unknown() }),
  z.object({ event: z.string() }),
  z.object({ return: z.unknown() }),
  z.object({ error: z.object({ class: z.string(), desc: z.string() }) }),
]);

/** A QEMU that has just started has no socket yet, or still the socket of the one before. */
async function connected(socketPath: string, limitMs: number): Promise<Socket> {
  for (const until = Date.now() + limitMs; ; await sleep(100)) {
    const socket = connect(socketPath);
    const error = await new Promise<Error | null>((resolve) => {
      socket.once("connect", () => resolve(null)).once("error", resolve);
    });
    if (error === null) return socket;
    socket.destroy();
    if (Date.now() > until) throw new Error(`QEMU's monitor can't be reached: ${error.message}`);
  }
}

/**
 * Sends commands to QEMU's monitor (QMP on a socket), one after the other. Rejects with the first that fails. Answers
 * what the last one returned.
 */
export async function monitor(
  socketPath: string,
  commands: readonly MonitorCommand[],
  limitMs = 20_000,
): Promise<unknown> {
  const socket = await connected(socketPath, limitMs);
  const timer = setTimeout(() => socket.destroy(new Error(`QEMU's monitor did not answer in ${limitMs} ms`)), limitMs);
  const waiting: MonitorCommand[] = [{ execute: "qmp_capabilities" }, ...commands];
  let asked: MonitorCommand | undefined;
  const askNext = () => {
    asked = waiting.shift();
    if (asked) socket.write(`${JSON.stringify(asked)}\n`);
    return asked !== undefined;
  };
  const failed = new Promise<never>((_, reject) => socket.once("error", reject));
  const answered = async () => {
    for await (const line of createInterface({ input: socket })) {
      const message = messageSchema.parse(JSON.parse(line));
      if ("error" in message) throw new Error(`QEMU's monitor: ${asked?.execute}: ${message.error.desc}`);
      // A human-monitor-command answers with its error text, or with nothing.
      if (asked?.execute === "human-monitor-command" && "return" in message && message.return !== "") {
        throw new Error(`QEMU's monitor: ${String(message.return).trim()}`);
      }
      if (("QMP" in message || "return" in message) && !askNext()) return "return" in message ? message.return : null;
    }
    throw new Error(`QEMU's monitor closed before it answered ${asked?.execute ?? "at all"}`);
  };
  try {
    return await Promise.race([answered(), failed]);
  } finally {
    clearTimeout(timer);
    socket.destroy();
  }
}

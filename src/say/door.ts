import { chmod, rm } from "node:fs/promises";
import { createConnection, createServer } from "node:net";
import { join } from "node:path";
import { createInterface } from "node:readline";
import type { Flow } from "../flow/flow.ts";
import type { Log } from "../flow/ports.ts";
import {
  type FromTerminal,
  fromTerminalSchema,
  type ToTerminal,
  terminalSession,
  toTerminalSchema,
} from "./session.ts";

const socketIn = (directory: string): string => join(directory, "bot.sock");

/**
 * A Unix socket in the data folder by which `npm run say` reaches the bot that holds it. Only the user who runs the bot
 * can open it, who could read the SSH key as well.
 */
export async function openDoor(directory: string, flow: Flow, log: Log): Promise<{ close(): Promise<void> }> {
  const path = socketIn(directory);
  await rm(path, { force: true });
  const server = createServer((socket) => {
    const session = terminalSession(flow, (answer) => socket.write(`${JSON.stringify(answer)}\n`));
    socket.on("error", (error) => log.error("a terminal went away", error));
    createInterface({ input: socket }).on("line", (line) => {
      Promise.resolve()
        .then(() => session(fromTerminalSchema.parse(JSON.parse(line))))
        .catch((error) => {
          log.error("a terminal said something that is not understood", error);
          socket.destroy();
        });
    });
  });
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    server.listen(path, resolve);
  });
  await chmod(path, 0o600);
  return {
    close: () => new Promise((resolve) => server.close(() => resolve())),
  };
}

export interface DoorClient {
  say(said: FromTerminal): void;
  close(): void;
}

/** Reaches the bot that runs on this data folder. */
export function knock(directory: string, told: (answer: ToTerminal) => void, gone: (why: string) => void): DoorClient {
  const socket = createConnection(socketIn(directory));
  createInterface({ input: socket }).on("line", (line) => told(toTerminalSchema.parse(JSON.parse(line))));
  socket.on("error", (error) => gone(error.message));
  socket.on("close", () => gone("the bot closed the connection"));
  return { say: (said) => socket.write(`${JSON.stringify(said)}\n`), close: () => socket.destroy() };
}

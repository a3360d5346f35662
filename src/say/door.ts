import { chmod, rm } from "node:fs/promises";
import { createConnection, createServer, type Socket } from "node:net";
import { join } from "node:path";
import { createInterface } from "node:readline";
import type { Log } from "../flow/ports.ts";
import {
  type FromTerminal,
  fromTerminalSchema,
  TerminalSession,
  type TerminalSetting,
  type ToTerminal,
  toTerminalSchema,
} from "./session.ts";

const socketIn = (directory: string): string => join(directory, "bot.sock");

interface Door {
  close(): Promise<void>;
}

/**
 * A Unix socket in the data folder by which `npm run say` reaches the bot that holds it. Only the user who runs the bot
 * can open it, who could read the SSH key as well.
 */
export async function openDoor(directory: string, setting: TerminalSetting, log: Log): Promise<Door> {
  const path = socketIn(directory);
  await rm(path, { force: true });
  const server = createServer((socket) => welcome(socket, setting, log));
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    server.listen(path, resolve);
  });
  await chmod(path, 0o600);
  return {
    close: () => new Promise((resolve) => server.close(() => resolve())),
  };
}

function welcome(socket: Socket, setting: TerminalSetting, log: Log): void {
  const session = new TerminalSession(setting, (answer) => {
    if (!socket.destroyed) socket.write(`${JSON.stringify(answer)}\n`);
  });
  socket.on("error", (error) => log.error("a terminal went away", error));
  socket.on("close", () => {
    session.leave().catch((error) => log.error("cancelling what a terminal left", error));
  });
  eachLine(socket, (line) => {
    Promise.resolve()
      .then(() => session.take(fromTerminalSchema.parse(JSON.parse(line))))
      .catch((error) => {
        log.error("a terminal said something that is not understood", error);
        socket.destroy();
      });
  });
}

/** readline tells of its input's errors once more; one that nobody listens for would end the process, here the bot. */
function eachLine(socket: Socket, heard: (line: string) => void): void {
  createInterface({ input: socket })
    .on("line", heard)
    .on("error", () => {});
}

export interface DoorClient {
  say(said: FromTerminal): void;
  close(): void;
}

/** Reaches the bot that runs on this data folder; null where none does. */
export async function knock(
  directory: string,
  told: (answer: ToTerminal) => void,
  gone: (why: string) => void,
): Promise<DoorClient | null> {
  const socket = createConnection(socketIn(directory));
  const isOpen = await new Promise<boolean>((resolve) => {
    socket.once("connect", () => resolve(true));
    socket.once("error", () => resolve(false));
  });
  if (!isOpen) return null;
  eachLine(socket, (line) => told(toTerminalSchema.parse(JSON.parse(line))));
  socket.on("error", (error) => gone(error.message));
  socket.on("close", () => gone("it closed the connection"));
  return { say: (said) => socket.write(`${JSON.stringify(said)}\n`), close: () => socket.destroy() };
}

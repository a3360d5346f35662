import { chmod, rm } from "node:fs/promises";
import { createConnection, createServer, type Socket } from "node:net";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import type { z } from "zod";
import { errorLines, type OperatorError, operatorError, reason } from "../core/refusal.ts";
import type { Log } from "../flow/ports.ts";
import { lineToType } from "../line-to-type.ts";
import {
  type FromTerminal,
  fromTerminalSchema,
  notAccepted,
  TerminalSession,
  type TerminalSetting,
  type ToTerminal,
  toTerminalSchema,
} from "./session.ts";
import { eachLine } from "./socket-lines.ts";

const socketIn = (directory: string): string => join(directory, "bot.sock");

const MOST_TERMINALS = 16;
const MOST_LINE_BYTES = 64 * 1024;
/** The most unread output of a terminal. */
const MOST_UNREAD_BYTES = 4_000_000;
/** The time for a refused terminal to close, and for the cancellation of a closed terminal's plan. */
const LEAVE_MS = 1_000;

interface TerminalSocket {
  close(): Promise<void>;
}

/**
 * A Unix socket in the data folder: `npm run say` uses it to reach the running bot. Only the bot's own user can open
 * it; that user can read the SSH key as well.
 */
export async function openTerminalSocket(
  directory: string,
  setting: TerminalSetting,
  log: Log,
): Promise<TerminalSocket> {
  const path = socketIn(directory);
  await rm(path, { force: true });
  const terminals = new Set<Socket>();
  const leaving = new Set<Promise<void>>();
  const server = createServer((socket) => {
    socket.on("error", (error) => log.error("a terminal disconnected", error));
    if (terminals.size >= MOST_TERMINALS) {
      reject(
        socket,
        notAccepted(`${MOST_TERMINALS} terminals are connected to the bot already`, "close one, then ask again"),
      );
      return;
    }
    terminals.add(socket);
    socket.on("close", () => terminals.delete(socket));
    accept(socket, setting, log, (left) => {
      leaving.add(left);
      void left.finally(() => leaving.delete(left));
    });
  });
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    server.listen(path, resolve);
  });
  await chmod(path, 0o600);
  return {
    async close() {
      const closed = new Promise<void>((resolve) => server.close(() => resolve()));
      const gone = Array.from(terminals, (socket) => new Promise((resolve) => socket.once("close", resolve)));
      for (const socket of terminals) reject(socket, stops);
      await Promise.all([closed, ...gone]);
      await Promise.race([Promise.all(leaving), sleep(LEAVE_MS, undefined, { ref: false })]);
    },
  };
}

const stops = operatorError(
  "The bot stops, so this terminal gets no more answers",
  reason("BOT_STOPPED", "the bot was stopped", `start the bot, then type ${lineToType("say", '"operation list"')}`),
);

function accept(socket: Socket, setting: TerminalSetting, log: Log, leaves: (left: Promise<void>) => void): void {
  const session = new TerminalSession(
    setting,
    (answer) => {
      if (socket.writableLength > MOST_UNREAD_BYTES) socket.destroy();
      if (socket.writable) socket.write(lineOf(answer));
    },
    () => drained(socket),
  );
  socket.on("close", () => {
    leaves(session.leave().catch((error) => log.error("cancelling the plan of a closed terminal", error)));
  });
  const take = (said: z.output<typeof fromTerminalSchema>): void => {
    session.take(said).catch((error) => {
      log.error("answering a terminal", error);
      session.refuse(notAccepted("a bug of the bot prevented the answer", "report the bug with the bot's log"));
    });
  };
  const heard = (line: string): void => {
    const said = readSaid(line);
    if ("code" in said) session.refuse(said);
    else take(said);
  };
  const tooLong = () =>
    reject(
      socket,
      notAccepted(`a line of more than ${MOST_LINE_BYTES / 1024} kB is not accepted`, "send a shorter line"),
    );
  eachLine(socket, MOST_LINE_BYTES, heard, tooLong);
}

/** Resolves when the terminal has read what was sent, or is closed. */
function drained(socket: Socket): Promise<void> {
  if (!socket.writableNeedDrain || socket.destroyed) return Promise.resolve();
  return new Promise((resolve) => {
    const end = () => {
      socket.off("drain", end).off("close", end);
      resolve();
    };
    socket.on("drain", end).on("close", end);
  });
}

/** Sends the reason and closes the connection. */
function reject(socket: Socket, why: OperatorError): void {
  socket.write(lineOf({ kind: "text", text: `${errorLines(why).join("\n")}\n`, passing: false }));
  socket.end(lineOf({ kind: "end", good: false }));
  socket.resume();
  setTimeout(() => socket.destroy(), LEAVE_MS).unref();
}

const lineOf = (answer: ToTerminal): string => `${JSON.stringify(answer)}\n`;

/** The message of a terminal, or why it is not understood. */
function readSaid(line: string): z.output<typeof fromTerminalSchema> | OperatorError {
  let value: unknown;
  try {
    value = JSON.parse(line);
  } catch {
    return notUnderstood("it is not JSON");
  }
  const result = fromTerminalSchema.safeParse(value);
  return result.success ? result.data : notUnderstood(problemOf(result.error));
}

const notUnderstood = (problem: string): OperatorError =>
  notAccepted(
    `the bot does not understand what it sent: ${problem}`,
    `use ${lineToType("say")} of the bot's own version`,
  );

function problemOf({ issues: [issue] }: z.ZodError): string {
  const field = issue?.path.join(".") || "the message";
  switch (issue?.code) {
    case "unrecognized_keys":
      return `${issue.keys.join(", ")} is not known here`;
    case "invalid_type":
      return `${field} must be of the type ${issue.expected}`;
    case "invalid_union":
      return `${field} must be ask, confirm, cancel or san`;
    default:
      return `${field} is out of its range`;
  }
}

export interface BotConnection {
  say(said: FromTerminal): void;
  close(): void;
}

/** Connects to the bot on this data folder; null if none runs. */
export async function connectToBot(
  directory: string,
  answered: (answer: ToTerminal) => void,
  gone: (why: string) => void,
): Promise<BotConnection | null> {
  const socket = createConnection(socketIn(directory));
  const isOpen = await new Promise<boolean>((resolve) => {
    socket.once("connect", () => resolve(true));
    socket.once("error", () => resolve(false));
  });
  if (!isOpen) return null;
  eachLine(socket, Number.POSITIVE_INFINITY, (line) => answered(toTerminalSchema.parse(JSON.parse(line))));
  socket.on("error", (error) => gone(error.message));
  socket.on("close", () => gone("it closed the connection"));
  return { say: (said) => socket.write(`${JSON.stringify(said)}\n`), close: () => socket.destroy() };
}

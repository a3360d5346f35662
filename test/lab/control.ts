import { connect, createServer, type Server } from "node:net";
import { createInterface } from "node:readline";
import { z } from "zod";
import { run } from "./places.ts";

const requestSchema = z.strictObject({ words: z.array(z.string()) });
const answerSchema = z.union([z.strictObject({ text: z.string() }), z.strictObject({ error: z.string() })]);

/** Reads one line of words from each connection and answers with one line. */
export async function listenForWords(perform: (words: readonly string[]) => Promise<string>): Promise<Server> {
  const server = createServer((socket) => {
    socket.on("error", () => {});
    // readline emits the errors of its input again. Without a listener such an error ends the lab.
    const lines = createInterface({ input: socket }).on("error", () => {});
    lines.once("line", (line) => {
      Promise.resolve()
        .then(() => perform(requestSchema.parse(JSON.parse(line)).words))
        .then(
          (text) => ({ text }),
          (error) => ({ error: error instanceof Error ? error.message : String(error) }),
        )
        .then((answer) => socket.end(`${JSON.stringify(answer)}\n`));
    });
  });
  await new Promise<void>((resolve, reject) => server.once("error", reject).listen(run.control, resolve));
  return server;
}

/** Has the running lab do something: `performInLab("path-fail", "sharedblock-host1", "ext4", "1")`. */
export async function performInLab(...words: readonly string[]): Promise<string> {
  const socket = connect(run.control);
  const failed = new Promise<never>((_, reject) => {
    socket.once("error", (error) => reject(new Error(`no lab runs here: ${error.message}. Next: npm run lab up`)));
  });
  const answered = async () => {
    socket.write(`${JSON.stringify({ words })}\n`);
    for await (const line of createInterface({ input: socket })) return answerSchema.parse(JSON.parse(line));
    throw new Error("the lab ended before it answered");
  };
  const answer = await Promise.race([answered(), failed]).finally(() => socket.destroy());
  if ("error" in answer) throw new Error(answer.error);
  return answer.text;
}

/** Marks what the lab types on a host, so that it differs from what the bot sends. */
export const typedPath = "PATH=/usr/sbin:/usr/bin:/sbin:/bin";

/**
 * Runs a script as root on a host of the running lab, past the stand-ins: it is not counted and no fault meets it.
 * Answers what it prints.
 */
export const typeIn = (host: string, script: string): Promise<string> =>
  performInLab("shell", host, `${typedPath}\n${script}`);

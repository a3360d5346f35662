import type { NodeSSH } from "node-ssh";
import type { ClientChannel } from "ssh2";
import { ByteBudget } from "./byte-budget.ts";

/** `time`, `bytes`: the bot stopped reading; `lost`: the host or the connection ended. */
interface Cut {
  readonly kind: "time" | "bytes" | "lost";
  readonly reason: string;
}

/** The result of one line in a host's login shell. */
export type Executed =
  | {
      readonly kind: "started";
      readonly stdout: string;
      readonly stderr: string;
      /** Why the output ended; null if the shell ended by itself. */
      readonly cut: Cut | null;
      readonly exitCode: number | null;
    }
  /** `certain`: the host did not get the line. Otherwise it may have the line, and may run it. */
  | { readonly kind: "not started"; readonly certain: boolean; readonly reason: string };

/** One line for a host's login shell, with the limits that it must keep. */
export interface Line {
  readonly text: string;
  readonly stdin: string | undefined;
  readonly limit: { readonly ms: number; readonly reason: string };
  /** It is before the first command and after each. */
  readonly mark: string;
  /** The most that each command can plausibly print, in bytes. */
  readonly limitsBytes: readonly number[];
}

/** Never rejects, and always ends within the limit. When it stops reading, it closes the channel. */
export function execute(
  ssh: NodeSSH,
  { text, stdin, limit, mark, limitsBytes }: Line,
  giveUp: () => void,
): Promise<Executed> {
  return new Promise((resolve) => {
    const execution = new Execution(limit, new ByteBudget(mark, limitsBytes), giveUp, resolve);
    const client = ssh.connection;
    if (client === null) return execution.failed(new Error("Not connected"));
    // node-ssh's `execCommand` keeps a second copy of the output.
    const failed = (error: Error) => execution.failed(error);
    client.on("error", failed);
    try {
      client.exec(text, (error: Error | undefined, channel: ClientChannel) => {
        client.off("error", failed);
        if (error) failed(error);
        else execution.opened(channel, stdin);
      });
    } catch (error) {
      client.off("error", failed);
      failed(error instanceof Error ? error : new Error(String(error)));
    }
  });
}

const tooMuch: Cut = { kind: "bytes", reason: "its output is implausibly long" };

/** One running line: its output so far, and its limits. The first end counts. */
class Execution {
  #stdout: Buffer[] = [];
  #stderr: Buffer[] = [];
  readonly #giveUp: () => void;
  readonly #resolve: (result: Executed) => void;
  readonly #timer: NodeJS.Timeout;
  readonly #budget: ByteBudget;
  #channel: ClientChannel | null = null;

  constructor(limit: Line["limit"], budget: ByteBudget, giveUp: () => void, resolve: (result: Executed) => void) {
    this.#budget = budget;
    this.#giveUp = giveUp;
    this.#resolve = resolve;
    this.#timer = setTimeout(() => this.#abandon({ kind: "time", reason: limit.reason }), limit.ms);
  }

  opened(channel: ClientChannel, stdin: string | undefined): void {
    this.#channel = channel;
    // Data of a broken host must not end the process.
    channel.on("error", () => {});
    channel.stderr.on("error", () => {});
    channel.on("data", (chunk: Buffer) => this.out(chunk));
    channel.stderr.on("data", (chunk: Buffer) => this.err(chunk));
    let end: readonly [code: number | null, signal: string | null] = [null, null];
    channel.on("exit", (code: number | null, signal?: string) => {
      end = [code, signal ?? null];
    });
    channel.on("close", () => this.ended(...end));
    channel.end(stdin);
  }

  out(chunk: Buffer): void {
    this.#stdout.push(chunk);
    if (!this.#budget.out(chunk)) this.#abandon(tooMuch);
  }
  err(chunk: Buffer): void {
    this.#stderr.push(chunk);
    if (!this.#budget.err(chunk)) this.#abandon(tooMuch);
  }

  ended(code: number | null, signal: string | null): void {
    // Neither code nor signal: the channel ended with the connection.
    const reason = signal ? `its shell was ended by ${signal}` : "the connection was lost";
    this.#settle(this.#started(code === null ? { kind: "lost", reason } : null, code));
  }

  failed(error: Error): void {
    const reason = `the connection was lost (${error.message})`;
    this.#settle({ kind: "not started", certain: neverAsked(error), reason });
  }

  #abandon(cut: Cut): void {
    const { reason } = cut;
    this.#settle(this.#channel ? this.#started(cut, null) : { kind: "not started", certain: false, reason });
    if (this.#channel) stopReading(this.#channel);
    this.#giveUp();
  }

  #settle(result: Executed): void {
    clearTimeout(this.#timer);
    this.#resolve(result);
  }

  /** Decoded at once, because a character may be split between two chunks. */
  #started(cut: Cut | null, exitCode: number | null): Executed {
    const text = (chunks: Buffer[]) => Buffer.concat(chunks).toString("utf8");
    const [stdout, stderr] = [text(this.#stdout), text(this.#stderr)];
    // After a slow answer this object is freed late.
    this.#stdout = [];
    this.#stderr = [];
    return { kind: "started", stdout, stderr, cut, exitCode };
  }
}

/**
 * ssh2 fails with these errors before it sends the line: the session is closed, or no channel could be opened. A
 * failure of the socket is not one of them. Nor is "Unable to exec", which also means that the connection ended after
 * the line was sent.
 */
const neverAsked = (error: Error): boolean =>
  /^(Not connected|No response from server$|\(SSH\) Channel open failure)/.test(error.message);

/** Protects the memory from a host that continues to send: what is not read is not sent. */
function stopReading(channel: ClientChannel): void {
  for (const stream of [channel, channel.stderr]) {
    stream.removeAllListeners("data");
    stream.pause();
  }
  channel.close();
}

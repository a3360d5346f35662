import { shellLine } from "../core/host-command.ts";
import type { StreamReader } from "../flow/ports.ts";
import { Deadline } from "./deadline.ts";
import type { HostSession } from "./host-session.ts";

/** Times in milliseconds. A stream that ends is started again, later each time. */
const FIRST_PAUSE_MS = 1_000;
const LONGEST_PAUSE_MS = 60_000;
/** One that ran for so long is started again after the first pause. One that ends at once is not asked each second. */
const STEADY_MS = 60_000;
const CONNECT_LIMIT_MS = 60_000;
/** The longest line that is read; of a longer one the rest is left out. */
const LONGEST_LINE = 16 * 1024;
const SEARCH_PATH = "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";

type Streaming = Pick<HostSession, "stream">;

/** Keeps a program running on a host until it is stopped. A lost connection or an ended program is a trouble. */
export function keptStream(session: Streaming, argv: readonly string[], reader: StreamReader): { stop(): void } {
  const stopping = new AbortController();
  void keep(session, argv, reader, stopping.signal);
  return { stop: () => stopping.abort() };
}

async function keep(
  session: Streaming,
  argv: readonly string[],
  reader: StreamReader,
  stop: AbortSignal,
): Promise<void> {
  // Without `exec` the shell would get the signal that ends the channel, and the program would stay.
  const line = `exec ${shellLine(["env", "LC_ALL=C", SEARCH_PATH, ...argv])}`;
  let pauseMs = FIRST_PAUSE_MS;
  while (!stop.aborted) {
    const lines = new Lines((text) => reader.onLine(text));
    let beganMs: number | null = null;
    const onText = (text: string) => {
      // It prints a heading as soon as it runs.
      if (beganMs === null) reader.onTrouble(null);
      beganMs ??= performance.now();
      lines.take(text);
    };
    const deadline = new Deadline({ urgency: "watch", mayShare: false, withinMs: CONNECT_LIMIT_MS });
    const trouble = await session
      .stream(line, onText, stop, deadline)
      .catch((error: unknown) => (error instanceof Error ? error.message : String(error)));
    if (stop.aborted) return;
    reader.onTrouble(trouble);
    if (beganMs !== null && performance.now() - beganMs >= STEADY_MS) pauseMs = FIRST_PAUSE_MS;
    await paused(pauseMs, stop);
    pauseMs = Math.min(2 * pauseMs, LONGEST_PAUSE_MS);
  }
}

function paused(ms: number, stop: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const end = () => {
      clearTimeout(timer);
      stop.removeEventListener("abort", end);
      resolve();
    };
    const timer = setTimeout(end, ms);
    stop.addEventListener("abort", end, { once: true });
  });
}

/** Text that arrives in any pieces, as lines. */
class Lines {
  readonly #onLine: (line: string) => void;
  #rest = "";

  constructor(onLine: (line: string) => void) {
    this.#onLine = onLine;
  }

  take(text: string): void {
    const lines = `${this.#rest}${text}`.split("\n");
    this.#rest = (lines.pop() ?? "").slice(0, LONGEST_LINE);
    for (const line of lines) this.#onLine(line.slice(0, LONGEST_LINE));
  }
}

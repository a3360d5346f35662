import type { NodeSSH } from "node-ssh";
import type { ClientChannel } from "ssh2";

/** What came of one line given to a host's login shell. */
export type Executed =
  | {
      readonly kind: "started";
      readonly stdout: string;
      readonly stderr: string;
      /** Why no more came; null where the shell ended by itself. */
      readonly cut: string | null;
      readonly exitCode: number | null;
    }
  /** `certain`: the host was never asked. Otherwise it may have been, and may run the line. */
  | { readonly kind: "not started"; readonly certain: boolean; readonly reason: string };

const outputLimitBytes = 64 * 1024 * 1024;

/** Never rejects and ends within the limit, whatever the host does. Where it gives up the channel is closed. */
export function execute(
  ssh: NodeSSH,
  line: string,
  stdin: string | undefined,
  limitMs: number,
  giveUp: () => void,
): Promise<Executed> {
  return new Promise((resolve) => {
    let channel: ClientChannel | null = null;
    const stdout: Buffer[] = [];
    const stderr: Buffer[] = [];
    let bytes = 0;

    // Decoded as a whole, since a character may lie across two chunks.
    const started = (cut: string | null, exitCode: number | null): Executed => {
      const text = (chunks: Buffer[]) => Buffer.concat(chunks).toString("utf8");
      return { kind: "started", stdout: text(stdout), stderr: text(stderr), cut, exitCode };
    };
    const settle = (result: Executed): void => {
      clearTimeout(timer);
      resolve(result);
    };
    const abandon = (why: string): void => {
      settle(channel ? started(why, null) : { kind: "not started", certain: false, reason: why });
      if (channel) stopReading(channel);
      giveUp();
    };
    const timer = setTimeout(() => abandon(`nothing more came within ${Math.round(limitMs / 1000)} s`), limitMs);
    const keep = (chunks: Buffer[]) => (chunk: Buffer) => {
      chunks.push(chunk);
      bytes += chunk.length;
      if (bytes > outputLimitBytes) abandon(`it printed more than ${outputLimitBytes / 1024 / 1024} MiB`);
    };

    ssh
      .execCommand(line, {
        noTrim: true,
        ...(stdin === undefined ? {} : { stdin }),
        onChannel(opened) {
          channel = opened;
          // What a broken host sends must not end the process.
          opened.on("error", () => {});
          opened.stderr.on("error", () => {});
        },
        onStdout: keep(stdout),
        onStderr: keep(stderr),
      })
      .then(({ code, signal }) => {
        // Neither code nor signal: the channel ended with the connection.
        if (code !== null) settle(started(null, code));
        else settle(started(signal ? `its shell was ended by ${signal}` : "the connection was lost", null));
      })
      .catch((error: Error) =>
        settle({
          kind: "not started",
          certain: neverAsked(error),
          reason: `the connection was lost (${error.message})`,
        }),
      );
  });
}

/**
 * ssh2 fails with these before it sends the line: the session is closed already, or no channel could be opened. A failure
 * of the socket is not among them, nor "Unable to exec", which is also said where the connection ends after sending.
 */
const neverAsked = (error: Error): boolean =>
  /^(Not connected|No response from server$|\(SSH\) Channel open failure)/.test(error.message);

/** Keeps a host that goes on sending from filling the memory: what is not read is not sent. */
function stopReading(channel: ClientChannel): void {
  for (const stream of [channel, channel.stderr]) {
    stream.removeAllListeners("data");
    stream.pause();
  }
  channel.close();
}

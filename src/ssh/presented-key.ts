import type { Duplex } from "node:stream";
import ssh2, { type Algorithms } from "ssh2";
import type { Endpoint } from "./known-hosts.ts";

interface Asked {
  readonly endpoint: Endpoint;
  /** The TCP connection through jump hosts; undefined: a direct one is made. */
  readonly socket: Duplex | undefined;
  readonly timeoutMs: number;
  /** Only keys of these kinds are asked for. By default all that the bot can use. */
  readonly algorithms?: Algorithms["serverHostKey"];
}

/** The key, or the certificate, that a host shows first. The connection ends before any login. Rejects with ssh2's error. */
export function presentedKey({ endpoint, socket, timeoutMs, algorithms }: Asked): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    const client = new ssh2.Client();
    client.on("error", (error) => {
      reject(error);
      client.destroy();
      socket?.destroy();
    });
    client.connect({
      host: endpoint.host,
      port: endpoint.port,
      // Never sent: the key is always rejected.
      username: "nobody",
      readyTimeout: timeoutMs,
      ...(socket === undefined ? {} : { sock: socket }),
      ...(algorithms === undefined ? {} : { algorithms: { serverHostKey: algorithms } }),
      hostVerifier: (key: Buffer) => {
        resolve(Buffer.from(key));
        return false;
      },
    });
  });
}

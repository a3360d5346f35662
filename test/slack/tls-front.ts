import { execFile } from "node:child_process";
import { mkdtemp, readFile } from "node:fs/promises";
import { request as askBehind, type IncomingMessage } from "node:http";
import { createServer, type Server } from "node:https";
import { type AddressInfo, connect } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Duplex } from "node:stream";
import { promisify } from "node:util";

/** A self-signed certificate, as a company's proxy or a lab has one. */
export interface Certificate {
  /** For NODE_EXTRA_CA_CERTS. */
  readonly file: string;
  readonly cert: string;
  readonly key: string;
}

/** A new certificate for these names, made by openssl. */
export async function newCertificate(names: readonly string[]): Promise<Certificate> {
  const folder = await mkdtemp(join(tmpdir(), "zstack-tls-"));
  const [file, keyFile] = [join(folder, "cert.pem"), join(folder, "key.pem")];
  const alternatives = `subjectAltName=${names.map((name) => `DNS:${name}`).join(",")}`;
  const kind = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes"];
  const subject = ["-subj", "/CN=test", "-addext", alternatives, "-days", "2"];
  await promisify(execFile)("openssl", ["req", "-x509", ...kind, ...subject, "-keyout", keyFile, "-out", file]);
  return { file, cert: await readFile(file, "utf8"), key: await readFile(keyFile, "utf8") };
}

/** Speaks TLS, and passes requests and WebSockets to a server on loopback that does not. */
export class TlsFront {
  /** Method and path of each request that came in by TLS, with the requested name. */
  readonly requests: string[] = [];
  /** The port of the server behind it. */
  behind = 0;
  readonly #server: Server;
  readonly #sockets = new Set<Duplex>();

  private constructor(server: Server) {
    this.#server = server;
    const seen = ({ method, url, headers }: IncomingMessage) =>
      void this.requests.push(`${method} ${headers.host}${url}`);
    server.on("request", (request, response) => {
      seen(request);
      const { method, url } = request;
      const headers = { ...request.headers, host: this.#hostBehind };
      const passed = askBehind({ host: "127.0.0.1", port: this.behind, method, path: url, headers }, (answer) => {
        response.writeHead(answer.statusCode ?? 502, answer.headers);
        answer.pipe(response);
      });
      passed.on("error", () => response.destroy());
      request.pipe(passed);
    });
    server.on("upgrade", (request, socket: Duplex, head: Buffer) => {
      seen(request);
      const headers = Object.entries({ ...request.headers, host: this.#hostBehind });
      const lines = headers.map(([name, value]) => `${name}: ${String(value)}`);
      const through = connect(this.behind, "127.0.0.1", () => {
        through.write(`${[`GET ${request.url} HTTP/1.1`, ...lines].join("\r\n")}\r\n\r\n`);
        through.write(head);
        socket.pipe(through).pipe(socket);
      });
      for (const each of [socket, through]) {
        this.#sockets.add(each);
        each.on("error", () => socket.destroy());
      }
      socket.on("close", () => through.destroy());
    });
  }

  static async start({ cert, key }: Certificate): Promise<TlsFront> {
    const server = createServer({ cert, key });
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    return new TlsFront(server);
  }

  get port(): number {
    return (this.#server.address() as AddressInfo).port;
  }

  async stop(): Promise<void> {
    for (const socket of this.#sockets) socket.destroy();
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
  }

  get #hostBehind(): string {
    return `127.0.0.1:${this.behind}`;
  }
}

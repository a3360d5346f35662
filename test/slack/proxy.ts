import { createServer, type IncomingMessage, type Server } from "node:http";
import { type AddressInfo, connect } from "node:net";
import type { Duplex } from "node:stream";

/** A proxy on loopback that only tunnels (CONNECT), as proxies at the edge of a storage network do. */
export class TunnelProxy {
  /** The addresses to which it was asked to connect, `host:port`. */
  readonly tunnels: string[] = [];
  /** The first bytes that went through each tunnel, as text. */
  readonly requests: string[] = [];
  /** The user and password that it asks for; null: none. */
  password: string | null = null;
  /** Its answer to a CONNECT to this host, `host:port`; null: it connects. */
  refuses: (host: string) => number | null = () => null;
  /** The real address of a name that only the proxy knows; null: the name itself. */
  leadsTo: { readonly port: number } | null = null;
  readonly #server: Server;
  readonly #sockets = new Set<Duplex>();

  private constructor(server: Server) {
    this.#server = server;
    server.on("connect", (request, socket, head) => this.#tunnel(request, socket, head));
    server.on("request", (_request, response) => response.writeHead(405).end());
  }

  static async start(): Promise<TunnelProxy> {
    const server = createServer();
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    return new TunnelProxy(server);
  }

  get url(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  async stop(): Promise<void> {
    for (const socket of this.#sockets) socket.destroy();
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
  }

  #tunnel({ url = "", headers }: IncomingMessage, socket: Duplex, head: Buffer): void {
    this.tunnels.push(url);
    socket.on("error", () => socket.destroy());
    const given = headers["proxy-authorization"];
    if (this.password !== null && given !== `Basic ${Buffer.from(this.password).toString("base64")}`) {
      socket.end("HTTP/1.1 407 Proxy Authentication Required\r\n\r\n");
      return;
    }
    const status = this.refuses(url);
    if (status !== null) {
      socket.end(`HTTP/1.1 ${status} No\r\ncontent-type: text/html\r\n\r\n<h1>No</h1>`);
      return;
    }
    const { hostname, port } = new URL(`http://${url}`);
    const [to, host] = this.leadsTo === null ? [Number(port), hostname] : [this.leadsTo.port, "127.0.0.1"];
    const through = connect(to, host, () => {
      socket.write("HTTP/1.1 200 Connection established\r\n\r\n");
      through.write(head);
      socket.pipe(through).pipe(socket);
    });
    socket.on("data", (chunk) => this.requests.push(String(chunk).split("\r\n", 1)[0] ?? ""));
    for (const each of [socket, through]) this.#sockets.add(each);
    through.on("error", () => socket.destroy());
    socket.on("close", () => through.destroy());
  }
}

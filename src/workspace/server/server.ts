import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import type { Duplex } from "node:stream";
import { inspect } from "node:util";
import { z } from "zod";
import { visibleLines } from "../../text/visible.ts";
import { json, plain } from "./http-response.ts";
import { isSameSecret } from "./key.ts";
import type { PageRoutes } from "./page-routes.ts";
import { contentType, parsedJson, readBody, uploadedContent } from "./request-body.ts";
import { isSameOrigin } from "./same-origin.ts";
import { errorBody, SlackError } from "./slack-error.ts";
import { answerPage, type PageFiles } from "./static-page.ts";
import type { WebApi } from "./web-api.ts";
import type { Workspace } from "./workspace.ts";

const LONGEST_FILE_BYTES = 10_000_000;
const LONGEST_RESPONSE_BYTES = 1_000_000;

interface Ends {
  /** The first part of every path: without it, no request is answered. */
  readonly key: string;
  readonly workspace: Workspace;
  readonly webApi: WebApi;
  readonly pageRoutes: PageRoutes;
  readonly page: PageFiles | null;
}

/** One server on loopback for the app and for the page. Resolves when it listens. */
export async function listen(port: number, ends: Ends): Promise<{ server: Server; port: number }> {
  const server = createServer((request, response) => {
    answer(ends, portOf(server), request, response).catch((error: unknown) => {
      if (!request.complete) return; // the other end closed
      console.error(visibleLines(`local workspace: ${inspect(error)}`).join("\n"));
      if (!response.headersSent) json(response, 500, { ok: false, error: "internal_error" });
    });
  });
  server.on("upgrade", (request, socket, head) => upgrade(ends, portOf(server), request, socket, head));
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    server.listen(port, "127.0.0.1", resolve);
  });
  return { server, port: portOf(server) };
}

async function answer(ends: Ends, port: number, request: IncomingMessage, response: ServerResponse): Promise<void> {
  if (!isSameOrigin(request, port)) return plain(response, 403, "not from here\n");
  const pathname = pathAfterKey(request, ends.key);
  if (pathname === null) return plain(response, 403, WITHOUT_KEY);
  if (pathname === "") return void response.writeHead(308, { location: `/${ends.key}/` }).end();
  if (pathname.startsWith("/page/")) return ends.pageRoutes.answer(pathname, request, response);
  const [, api, upload] = pathname.match(/^\/api\/([\w.]+)$|^\/upload\/v1\/(\w+)$/) ?? [];
  const isResponse = /^\/(commands|actions)\//.test(pathname);
  if (api === undefined && upload === undefined && !isResponse)
    return answerPage(ends.page, pathname, request, response);
  if (request.method !== "POST") return plain(response, 405, "only POST here\n");
  if (api !== undefined) return ends.webApi.answer(api, request, response);
  if (upload !== undefined) return answerUpload(ends.workspace, upload, request, response);
  return answerResponse(ends.workspace, pathname, request, response);
}

async function answerUpload(
  { uploads, slackFaults }: Workspace,
  secret: string,
  request: IncomingMessage,
  response: ServerResponse,
) {
  const body = await readBody(request, LONGEST_FILE_BYTES);
  if (body === null) return plain(response, 413, "too large\n");
  const bad = slackFaults.take("upload", {});
  if (bad !== null && bad.answer.kind !== "late") return slackFaults.answer(bad.answer, response, () => undefined);
  const content = await uploadedContent(request, body);
  if (!uploads.receive(secret, content))
    return plain(response, 400, "no such upload, or not of the length announced\n");
  plain(response, 200, `OK - ${content.length}`);
}

/** A response URL is its own secret: no token. */
async function answerResponse(
  { responseUrls, slackFaults }: Workspace,
  path: string,
  request: IncomingMessage,
  response: ServerResponse,
) {
  const body = await readBody(request, LONGEST_RESPONSE_BYTES);
  try {
    if (body === null || contentType(request) !== "application/json") throw new SlackError("invalid_payload");
    const said = parsedJson(body.toString("utf8"));
    const bad = slackFaults.take("response_url", z.record(z.string(), z.unknown()).catch({}).parse(said));
    const hasEffect = bad === null || bad.effect === "after" || bad.answer.kind === "late";
    if (hasEffect) responseUrls.use(path, said);
    const right = () => json(response, 200, { ok: true });
    if (bad === null) right();
    else await slackFaults.answer(bad.answer, response, right);
  } catch (error) {
    if (!(error instanceof SlackError)) throw error;
    json(response, error.code.endsWith("_url") ? 404 : 400, errorBody(error));
  }
}

function upgrade(ends: Ends, port: number, request: IncomingMessage, socket: Duplex, head: Buffer): void {
  socket.on("error", () => socket.destroy());
  const pathname = isSameOrigin(request, port) ? pathAfterKey(request, ends.key) : null;
  if (pathname === null) socket.end("HTTP/1.1 403 Forbidden\r\nConnection: close\r\n\r\n");
  else if (pathname === "/link/") ends.workspace.socketMode.connect(request, socket, head);
  else if (pathname === "/page/events") ends.pageRoutes.connect(request, socket, head);
  else socket.end("HTTP/1.1 404 Not Found\r\nConnection: close\r\n\r\n");
}

const WITHOUT_KEY = "The address lacks the key. Open the whole address that the bot printed at its last start.\n";

/** The rest of a path after the key; null if the key is missing or wrong. */
function pathAfterKey({ url = "" }: IncomingMessage, key: string): string | null {
  const [, given = "", path = ""] = url.match(/^\/([^/?]*)([^?]*)/) ?? [];
  return isSameSecret(given, key) ? path : null;
}

const isAddress = (address: string | AddressInfo | null): address is AddressInfo =>
  typeof address === "object" && address !== null;

function portOf(server: Server): number {
  const address = server.address();
  return isAddress(address) ? address.port : 0;
}

import type { IncomingMessage, ServerResponse } from "node:http";
import { plain } from "./http-response.ts";

/** The built page: what to answer at each path; `/` is the page itself. */
export type PageFiles = ReadonlyMap<string, PageFile>;
interface PageFile {
  readonly type: string;
  readonly body: string | Uint8Array;
}

// No content of other sites runs here, and no other site may frame it. Styles may be inline, as React sets them.
const headers = {
  "content-security-policy":
    "default-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; frame-ancestors 'none'",
  "x-content-type-options": "nosniff",
  "referrer-policy": "no-referrer",
  "cache-control": "no-store",
};

export async function answerPage(
  files: PageFiles | null,
  path: string,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  if (request.method !== "GET" && request.method !== "HEAD") return plain(response, 405, "only GET here\n");
  if (files === null) return plain(response, 503, "This workspace was started without its page.\n");
  const file = files.get(path);
  if (file === undefined) return plain(response, 404, "no such page\n");
  response.writeHead(200, { ...headers, "content-type": file.type }).end(request.method === "HEAD" ? "" : file.body);
}

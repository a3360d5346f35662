import type { IncomingMessage } from "node:http";
import { SlackError } from "./slack-error.ts";

/** Arguments that are JSON inside a form, as @slack/web-api sends them. */
const jsonArguments = ["blocks", "view", "message", "files", "attachments", "metadata"];

/** The complete body; null if it is longer than the limit. */
export async function readBody(request: IncomingMessage, limitBytes: number): Promise<Buffer | null> {
  const chunks: Buffer[] = [];
  let length = 0;
  for await (const chunk of request) {
    length += chunk.length;
    // Reads the rest and drops it, so that the answer still arrives.
    if (length <= limitBytes) chunks.push(chunk);
  }
  return length <= limitBytes ? Buffer.concat(chunks) : null;
}

export const contentType = (request: IncomingMessage): string =>
  (request.headers["content-type"] ?? "").split(";", 1)[0]?.trim().toLowerCase() ?? "";

/** undefined if it is not JSON. */
export function parsedJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** The arguments of a Web API call, from a form or from JSON. */
export function callArguments(type: string, body: Buffer): Record<string, unknown> {
  const text = body.toString("utf8");
  if (type === "application/x-www-form-urlencoded") return unpacked(Object.fromEntries(new URLSearchParams(text)));
  if (type === "application/json") return unpacked(jsonObject(text));
  if (type === "" && body.length === 0) return {};
  throw new SlackError("invalid_post_type");
}

function jsonObject(text: string): Record<string, unknown> {
  const value = parsedJson(text);
  if (value === undefined) throw new SlackError("invalid_json");
  if (typeof value !== "object" || value === null || Array.isArray(value)) throw new SlackError("json_not_object");
  return { ...value };
}

function unpacked(values: Record<string, unknown>): Record<string, unknown> {
  for (const name of jsonArguments) {
    const value = values[name];
    if (typeof value !== "string") continue;
    values[name] = parsedJson(value);
    if (values[name] !== undefined) continue;
    const message = `[ERROR] must be a valid JSON string [json-pointer:/${name}]`;
    throw new SlackError(name === "blocks" ? "invalid_blocks_format" : "invalid_arguments", [message]);
  }
  return values;
}

/** The content of an uploaded file: @slack/web-api wraps it in a form, others send it without one. */
export async function uploadedContent(request: IncomingMessage, body: Buffer): Promise<Buffer> {
  if (contentType(request) !== "multipart/form-data") return body;
  const headers = { "content-type": request.headers["content-type"] ?? "" };
  const form = await new Response(new Uint8Array(body), { headers }).formData();
  for (const value of form.values()) {
    if (typeof value !== "string") return Buffer.from(await value.arrayBuffer());
  }
  return Buffer.alloc(0);
}

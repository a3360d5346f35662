import type { FetchFunction } from "@slack/web-api";
import { z } from "zod";

/** The longest answer of Slack is a page of a channel's history. */
const LONGEST_BYTES = 16_000_000;

const answerSchema = z.looseObject({ ok: z.boolean() });

/** The client takes this text for the name of an error. `failureOf` then knows that the answer is not Slack's. */
const NOT_SLACKS = "this is no answer of Slack's";

/**
 * Passes only answers of Slack: JSON with a boolean `ok`, of limited length. The client alone takes anything for an
 * answer, and `{"ok":"true"}` of a proxy for a success. It also reads a body without a limit.
 */
export const slackAnswersOnly =
  (fetch: typeof globalThis.fetch, apiUrl: string): FetchFunction =>
  async (url, init) => {
    const answer = await fetch(url, init);
    // An upload goes to another address, and its answer is no JSON.
    if (answer.status !== 200 || !String(url).startsWith(apiUrl)) return answer;
    const { status, headers } = answer;
    const text = await textWithin(LONGEST_BYTES, answer.body);
    const isSlacks = text !== null && answerSchema.safeParse(jsonOf(text)).success;
    const read = new Headers(headers);
    // The body is already read and unpacked.
    for (const name of ["content-encoding", "content-length"]) read.delete(name);
    return new Response(isSlacks ? text : NOT_SLACKS, { status, headers: read });
  };

/** null if the body is longer. */
async function textWithin(longestBytes: number, body: ReadableStream<Uint8Array> | null): Promise<string | null> {
  if (body === null) return "";
  const chunks: Uint8Array[] = [];
  let bytes = 0;
  // The rest is cancelled when the loop ends.
  for await (const chunk of body) {
    bytes += chunk.length;
    if (bytes > longestBytes) return null;
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString("utf8");
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}
